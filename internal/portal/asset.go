package portal

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

//go:embed static
var staticFiles embed.FS

// asset is a file that pages need. Its address has a part of its hash, so that browsers may keep it for ever.
type asset struct {
	contentType string
	content     []byte
}

// assets are the files by their name in addresses, and those names by the names that templates use.
var assets = sync.OnceValues(func() (byAddress map[string]asset, addresses map[string]string) {
	byAddress, addresses = map[string]asset{}, map[string]string{}
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	files, err := fs.ReadDir(staticFiles, "static")
	for _, f := range files {
		var content []byte
		if content, err = staticFiles.ReadFile("static/" + f.Name()); err != nil {
			break
		}
		ext := path.Ext(f.Name())
		sum := sha256.Sum256(content)
		address := strings.TrimSuffix(f.Name(), ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		byAddress[address], addresses[f.Name()] = asset{types[ext], content}, address
	}
	if err != nil {
		panic(err) // they are embedded
	}
	return byAddress, addresses
})

// assetAddress is the name under which a file is served.
func assetAddress(name string) string {
	_, addresses := assets()
	return addresses[name]
}

// serveAsset answers for a file, or for the sheet of an accent, whose colour is in its name: accent-1a5fd0.css.
func serveAsset(x *web.Exchange, r *http.Request, name string) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return fault.New(fault.WrongMethod, "Method Not Allowed")
	}
	byAddress, _ := assets()
	a, found := byAddress[name]
	keep := "public, max-age=31536000, immutable"
	if hex, ok := strings.CutPrefix(name, "accent-"); ok && !found {
		var c colour
		c, found = parseColour(strings.TrimSuffix(hex, ".css"))
		found = found && name == accentName(c)
		a = asset{"text/css; charset=utf-8", []byte(c.sheet())}
		keep = "public, max-age=86400" // a newer version may mix it otherwise
	}
	if !found {
		return fault.New(fault.NoRoute, "Not Found")
	}
	h := x.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", keep)
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	x.WriteHeader(http.StatusOK)
	x.Write(a.content) // who goes away does not read it
	return nil
}

func accentName(c colour) string { return "accent-" + strings.TrimPrefix(c.String(), "#") + ".css" }

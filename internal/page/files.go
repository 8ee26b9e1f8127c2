package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/postern-go/postern/internal/accent"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

//go:embed static
var staticFiles embed.FS

// Files are the static files of a site: the shared ones and its own. Each file's address contains a hash of its content, so that
// browsers may cache the file forever.
type Files struct {
	byAddress map[string]file
	addresses map[string]string
	names     []string
}

type file struct {
	contentType string
	content     []byte
}

var types = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// NewFiles reads the shared files and those in the folder static of site. It panics if a file cannot be read, because all files
// are embedded in the binary.
func NewFiles(site fs.FS) *Files {
	f := &Files{byAddress: map[string]file{}, addresses: map[string]string{}}
	for _, from := range []fs.FS{staticFiles, site} {
		if err := f.add(from); err != nil {
			panic(err)
		}
	}
	return f
}

func (f *Files) add(from fs.FS) error {
	found, err := fs.ReadDir(from, "static")
	if err != nil {
		return err
	}
	for _, entry := range found {
		name := entry.Name()
		content, err := fs.ReadFile(from, "static/"+name)
		if err != nil {
			return err
		}
		ext := path.Ext(name)
		sum := sha256.Sum256(content)
		address := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		f.byAddress[address], f.addresses[name] = file{types[ext], content}, address
		f.names = append(f.names, name)
	}
	return nil
}

// Address returns the address of a file, such as style-0f1e2d3c4b5a.css for style.css.
func (f *Files) Address(name string) string { return f.addresses[name] }

// addressesOf returns the addresses of all files with an extension, the shared ones first.
func (f *Files) addressesOf(ext string) (all []string) {
	for _, name := range f.names {
		if path.Ext(name) == ext {
			all = append(all, f.addresses[name])
		}
	}
	return all
}

// Serve sends the file with an address, or the style sheet of an accent color, such as accent-1a5fd0.css. It returns
// fault.NoRoute if there is no such file.
func (f *Files) Serve(x *web.Exchange, r *http.Request, address string) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return fault.New(fault.WrongMethod, "Method Not Allowed")
	}
	found, ok := f.byAddress[address]
	cache := "public, max-age=31536000, immutable"
	if digits, isAccent := strings.CutPrefix(address, "accent-"); isAccent && !ok {
		var c accent.Color
		c, ok = accent.Parse("#" + strings.TrimSuffix(digits, ".css"))
		ok = ok && address == accentAddress(c)
		found = file{types[".css"], []byte(accentSheet(c))}
		cache = "public, max-age=86400" // the next version of Postern may compute other colors
	}
	if !ok {
		return ErrNoPage
	}
	h := x.Header()
	h.Set("Content-Type", found.contentType)
	h.Set("Cache-Control", cache)
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	x.WriteHeader(http.StatusOK)
	x.Write(found.content) // an error means that the client has disconnected
	return nil
}

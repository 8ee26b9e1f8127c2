// Package design is what pages for people look like: the one style sheet, the icons, the accents of organizations, and the files
// of a room's own beside them.
//
//	//go:embed static
//	var own embed.FS
//
//	files := design.New(own)                    // at the start
//	files.Address("style.css")                  // what a template links to: style-0f1e2d3c4b5a.css
//	err := files.Serve(x, r, "style-0f1e2d3c4b5a.css")
//
// A page needs no script. page.js, which all pages load, makes some things better, such as times where the reader lives.
package design

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
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

//go:embed template
var templateFiles embed.FS

// WithIcons adds the icons to templates: {{template "check"}}.
func WithIcons(t *template.Template) *template.Template {
	return template.Must(t.ParseFS(templateFiles, "template/*.html")) // they are embedded
}

// Files are what pages link to. The address of a file has a part of its hash, so that browsers may keep it for ever.
type Files struct {
	byAddress map[string]file
	addresses map[string]string
}

type file struct {
	contentType string
	content     []byte
}

var types = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// New has the files that all pages share, and those that a room has in its directory static. They are embedded: one that cannot
// be read is a panic.
func New(own fs.FS) *Files {
	f := &Files{map[string]file{}, map[string]string{}}
	for _, from := range []fs.FS{staticFiles, own} {
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
		content, err := fs.ReadFile(from, "static/"+entry.Name())
		if err != nil {
			return err
		}
		ext := path.Ext(entry.Name())
		sum := sha256.Sum256(content)
		address := strings.TrimSuffix(entry.Name(), ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		f.byAddress[address], f.addresses[entry.Name()] = file{types[ext], content}, address
	}
	return nil
}

// Address is the name under which a file is served.
func (f *Files) Address(name string) string { return f.addresses[name] }

// Serve answers for a file, or for the sheet of an accent, whose colour is in its name: accent-1a5fd0.css.
func (f *Files) Serve(x *web.Exchange, r *http.Request, name string) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return fault.New(fault.WrongMethod, "Method Not Allowed")
	}
	a, found := f.byAddress[name]
	keep := "public, max-age=31536000, immutable"
	if digits, ok := strings.CutPrefix(name, "accent-"); ok && !found {
		var c accent.Color
		c, found = accent.Parse("#" + strings.TrimSuffix(digits, ".css"))
		found = found && name == sheetName(c)
		a = file{"text/css; charset=utf-8", []byte(sheet(c))}
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

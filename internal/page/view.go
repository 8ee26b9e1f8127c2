package page

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"strings"
	"time"
	"unicode"
)

// View is the data that the shared templates read. Page is the data of one page's own template.
type View struct {
	// Base is the path of the site's pages.
	Base string
	// Test is the name of the page for tests, in the attribute data-test.
	Test, Title string
	// Section is the last part of the document's title.
	Section string
	Brand   Brand
	Nav     []Link
	Notice  *Notice
	Errors  []FieldError
	// Refresh is the number of seconds after which a browser without scripts reloads the page. 0 means never.
	Refresh int
	// Next is the address that the browser loads at once, with and without scripts, or "".
	Next string
	Page any
}

// Brand is the appearance of an organization. Letter is shown if there is no logo. Accent is the name of the accent color's
// style sheet, or "".
type Brand struct{ Name, Letter, Logo, Accent string }

// Link is a link to a page of the site. Text describes the page. If Denied is set, the page is listed without a link, and Text
// is the reason.
type Link struct {
	Path, Label, Text string
	Current, Denied   bool
}

// Notice is a message at the top of a page. It describes the result of the previous request. Kind is "good" or "warn".
type Notice struct{ Kind, Text string }

//go:embed template
var templateFiles embed.FS

// Templates parses a site's templates in its folder template, and the templates that all sites share. The shared templates call
// the functions "t", which returns a text by its key, "lang", which returns the language, "rtl", which reports whether the language is
// written from right to left, and "formatTime", which formats a
// time for people.
func (f *Files) Templates(site fs.FS, funcs template.FuncMap) *template.Template {
	t := template.New("").Funcs(template.FuncMap{
		"stylesheets": func() []string { return f.addressesOf(".css") }, "scripts": func() []string { return f.addressesOf(".js") },
		"asset": f.Address, "timestamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}).Funcs(funcs)
	template.Must(t.ParseFS(templateFiles, "template/*.html"))
	return template.Must(t.ParseFS(site, "template/*.html"))
}

// Render executes a template into memory, so that a page is sent completely or not at all.
func Render(t *template.Template, name string, view any) ([]byte, error) {
	var b bytes.Buffer
	err := t.ExecuteTemplate(&b, name, view)
	return b.Bytes(), err
}

// Initial returns the first letter or digit of a name in upper case, or "" if the name has none.
func Initial(name string) string {
	for _, r := range name {
		if unicode.In(r, unicode.L, unicode.N) {
			return strings.ToUpper(string(r))
		}
	}
	return ""
}

// OrEmpty returns the text that text points to, or "" if text is nil.
func OrEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

func TestServeFiles(t *testing.T) {
	f := NewFiles(fstest.MapFS{"static/own.js": {Data: []byte("own()")}})
	get := func(method, name string) (*httptest.ResponseRecorder, error) {
		w := httptest.NewRecorder()
		return w, f.Serve(&web.Exchange{ResponseWriter: w}, httptest.NewRequest(method, "/", nil), name)
	}
	for name, want := range map[string]string{"own.js": "text/javascript", "style.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"} {
		w, err := get(http.MethodGet, f.Address(name))
		if err != nil || !strings.HasPrefix(w.Header().Get("Content-Type"), want) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0 {
			t.Errorf("%s as %q: %v, %v", name, f.Address(name), err, w.Header())
		}
	}
	if w, err := get(http.MethodGet, AccentSheet("#1a5fd0")); err != nil || !strings.Contains(w.Body.String(), "--accent:#1a5fd0") || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("an accent: %v, %s", err, w.Body)
	}
	for _, name := range []string{"", "own.js", "style.css", "../page.go", "accent-1a5fd0", "accent-1A5FD0.css", "accent-1a5fd.css", "accent-.css"} {
		if _, err := get(http.MethodGet, name); !fault.Is(err, fault.NoRoute) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := get(http.MethodPost, f.Address("own.js")); !fault.Is(err, fault.WrongMethod) {
		t.Errorf("a form: %v", err)
	}
	for _, accent := range []string{"", "1a5fd0", "#1a5fd", "#1a5fdg"} {
		if name := AccentSheet(accent); name != "" {
			t.Errorf("%q has the sheet %q", accent, name)
		}
	}
}

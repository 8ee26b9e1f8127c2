package admin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Every story is rendered, and its name is unique.
func TestStories(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range stories {
		if seen[s.Name] {
			t.Errorf("there are two stories %s", s.Name)
		}
		seen[s.Name] = true
		w := httptest.NewRecorder()
		Storybook().ServeHTTP(w, httptest.NewRequest(http.MethodGet, StorybookPath+"/"+s.Name, nil))
		if text := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(text, "</html>") || strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "<no value>") {
			t.Errorf("%s: %d %s", s.Name, w.Code, text)
		}
	}
	for path, want := range map[string]int{"": http.StatusOK, "/nowhere": http.StatusNotFound, "/assets/" + files().Address("style.css"): http.StatusOK} {
		w := httptest.NewRecorder()
		if Storybook().ServeHTTP(w, httptest.NewRequest(http.MethodGet, StorybookPath+path, nil)); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

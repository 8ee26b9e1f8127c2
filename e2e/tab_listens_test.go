package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// A window hears what it is to fail for: a page that breaks its own policy, whether or not its script may run, and a
// script that throws. And a page that is too wide is seen to be.
func TestTabListens(t *testing.T) {
	t.Parallel()
	chromium.start(t)
	chromium.web.put(t, "flawed.example.net", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/script.js" {
			io.WriteString(w, "undefined.nonsense")
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'")
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><title>Flawed</title><script src="/script.js"></script>
			<p style="color: red">Red.</p><img src="https://elsewhere.example.net/" width="2000" height="1">`)
	}))
	for _, script := range []bool{true, false} {
		b := newTab(t, phone, script)
		b.open("https://flawed.example.net/")
		if over := get[[]string](b, wider); len(over) != 1 {
			t.Errorf("what is too wide is %q", over)
		}
		tell(b, page.GetFrameTree, cdp.Empty{}) // whatever was reported before has come
		b.mu.Lock()
		heard := strings.Join(b.complaints, "\n")
		b.complaints = nil
		b.mu.Unlock()
		for _, want := range []string{"style-src", "img-src"} {
			if !strings.Contains(heard, "the page violates "+want) {
				t.Errorf("nothing is said of %s: %s", want, heard)
			}
		}
		if threw := strings.Contains(heard, "TypeError"); threw != script {
			t.Errorf("a script throws: %t, heard %s", script, heard)
		}
	}
}

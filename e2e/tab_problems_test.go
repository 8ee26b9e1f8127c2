package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// A tab reports violations of the Content-Security-Policy, with and without scripts, and exceptions in scripts. Elements that are
// wider than the screen are found.
func TestTabReportsProblems(t *testing.T) {
	t.Parallel()
	chromium.start(t)
	chromium.web.addSite(t, "flawed.example.net", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
			t.Errorf("too wide: %q, want one element", over)
		}
		call(b, page.GetFrameTree, cdp.Empty{}) // after this call, all earlier events have arrived
		b.mu.Lock()
		reported := strings.Join(b.problems, "\n")
		b.problems = nil
		b.mu.Unlock()
		for _, want := range []string{"style-src", "img-src"} {
			if !strings.Contains(reported, "the page violates "+want) {
				t.Errorf("violation of %s is not reported: %s", want, reported)
			}
		}
		if threw := strings.Contains(reported, "TypeError"); threw != script {
			t.Errorf("scripts enabled: %t, reported: %s", script, reported)
		}
	}
}

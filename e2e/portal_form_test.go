package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// A form ignores a second click while its answer loads. It can be sent again after the user has stopped loading, after the user has
// gone back, and after a while.
func TestFormsCanBeSentAgain(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../internal/page/static/page.js")
	if err != nil {
		t.Fatal(err)
	}
	chromium.start(t)
	var requests atomic.Int64
	form := func(action, before string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<!doctype html><html lang=en><title>Form</title><script>%s</script><form method=post action=%s><button>Send</button></form><script>%s</script>", before, action, script)
		}
	}
	site := http.NewServeMux()
	site.Handle("GET /slow", form("/stuck", ""))
	site.Handle("GET /late", form("/stuck", "const wait = setTimeout; window.setTimeout = (f, ms) => wait(f, ms / 20)"))
	site.Handle("GET /quick", form("/done", ""))
	site.HandleFunc("POST /stuck", func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		<-r.Context().Done()
	})
	site.HandleFunc("POST /done", func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		io.WriteString(w, "<!doctype html><title>Done</title>")
	})
	chromium.web.addSite(t, "forms.example.net", site)

	b := newTab(t, phone, true)
	// The browser does not answer while it waits for the answer to a form, so one expression clicks twice.
	const clicks = "document.querySelector('button').click(), document.querySelector('button').click(), document.querySelector('button').getAttribute('aria-disabled')"
	wantRequests := func(n int64) {
		t.Helper()
		for end := time.Now().Add(patience); requests.Load() < n && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		}
		if got := requests.Load(); got != n {
			t.Fatalf("%d requests, want %d", got, n)
		}
	}
	b.open("https://forms.example.net/slow")
	if got := get[string](b, clicks); got != "true" {
		t.Errorf("aria-disabled is %q after a click", got)
	}
	wantRequests(1)
	call(b, page.StopLoading, cdp.Empty{})
	b.await("!document.querySelector('form').dataset.sent && !document.querySelector('[aria-disabled]')")
	wantRequests(1)
	b.click("button")
	wantRequests(2)
	call(b, page.StopLoading, cdp.Empty{})

	b.open("https://forms.example.net/late")
	const submit = "document.forms[0].dispatchEvent(new SubmitEvent('submit', {cancelable: true}))" // without a request
	if get[bool](b, submit+" && "+submit) {
		t.Error("the form was sent twice")
	}
	b.await(submit)

	b.open("https://forms.example.net/quick")
	b.follow("button")
	b.navigate(func() { get[bool](b, "history.back(), true") })
	b.await("document.querySelector('button')")
	b.follow("button")
	b.wantURL("https://forms.example.net/done")
	wantRequests(4)
}

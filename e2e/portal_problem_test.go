package e2e

import (
	"io"
	"net/http"
	"strings"
)

// evilHandler is a site that submits a form to the portal and shows the portal in a frame.
func evilHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/form":
			io.WriteString(w, `<!doctype html><title>Win</title><form method="post" action="`+publicURL+r.URL.Query().Get("to")+`">
				<input name="email" value="mallory@example.com"><button id="win">Win</button></form>`)
		case "/frame":
			io.WriteString(w, `<!doctype html><title>Win</title><iframe src="`+publicURL+r.URL.Query().Get("of")+`"></iframe>`)
		}
	})
}

// submitsForgedForms clicks a button on another site, which posts a form to the portal.
func (v *visitor) submitsForgedForms() {
	_, p := v.signedInCustomer("Ada")
	for _, to := range []string{"/settings/email", "/sessions/others", "/sign-out", "/request"} {
		v.open("https://" + evilSite + "/form?to=/acme/portal" + to)
		v.follow("#win")
		v.wantText("h1", "Request refused")
	}
	if err := v.live(p.Token); err != nil {
		v.t.Error(err)
	}
	v.open(at(v.org, "/settings")) // a link from another site still works with the session
	v.wantURL(at(v.org, "/settings"))
}

func (v *visitor) isFramed() {
	v.signedInCustomer("Ada")
	b := newTab(v.t, desktop, v.script)
	b.open("https://" + evilSite + "/frame?of=/acme/portal/request")
	if shown := get[bool](b, "document.querySelector('iframe').contentDocument !== null"); shown {
		v.t.Error("the page can read the content of the frame")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	refused := strings.Join(b.problems, "\n")
	if !strings.Contains(refused, "frame-ancestors") && !strings.Contains(refused, "X-Frame-Options") {
		v.t.Errorf("the frame was not refused: %q", refused)
	}
	b.problems = nil
}

func (v *visitor) opensUnknownPages() {
	for _, lost := range []struct{ page, heading string }{
		{publicURL + "/nobody/portal", "Page not found"},
		{publicURL + "/nobody/portal/overview", "Page not found"},
		{at(v.org, "/nothing"), "Page not found"},
		{at(v.closed, "/request"), "This portal is closed"},
		{at(v.org, "/verify-email?token=nonsense"), "This link can’t be used"},
	} {
		v.open(lost.page)
		v.wantText("h1", lost.heading)
	}
	v.open(at(v.org, "/orders/1")) // this page exists only on Polar
	v.wantURL(at(v.org, "/request"))

	v.signedInCustomer("Ada")
	v.open(at(v.org, "/team"))
	v.wantText("h1", "Page not found")
	v.follow("main a")
	v.wantURL(at(v.org, "/overview"))
	v.open(at(v.org, "/subscriptions"))
	v.wantURL(at(v.org, "/overview"))
	v.open(at(v.org, "/team/remove?member=nobody"))
	v.wantText("h1", "Page not found")
}

func (v *visitor) comesDuringOutage() {
	v.open("https://" + brokenSite + "/acme/portal/request")
	v.wantText("h1", "We’ll be right back")
	if v.text("#request-id") == "" {
		v.t.Error("the page shows no request id")
	}
	v.follow("main a")
	v.wantURL("https://" + brokenSite + "/acme/portal/request")
}

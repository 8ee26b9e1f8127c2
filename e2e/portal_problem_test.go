package e2e

import (
	"io"
	"net/http"
	"strings"
)

// evil is a site that sends a form to the portal, and shows it in a frame.
func evil() http.Handler {
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

// isForged follows a button on another site, which posts to the portal.
func (v *visitor) isForged() {
	_, p := v.newcomer("Ada")
	for _, to := range []string{"/settings/email", "/sessions/others", "/sign-out", "/request"} {
		v.open("https://" + evilSite + "/form?to=/acme/portal" + to)
		v.follow("#win")
		v.reads("h1", "Request refused")
	}
	if err := v.live(p.Token); err != nil {
		v.t.Error(err)
	}
	v.open(at(v.org, "/settings")) // whoever follows a link from there is still signed in
	v.isAt(at(v.org, "/settings"))
}

func (v *visitor) isFramed() {
	v.newcomer("Ada")
	b := newTab(v.t, desktop, v.script)
	b.open("https://" + evilSite + "/frame?of=/acme/portal/request")
	if shown := get[bool](b, "document.querySelector('iframe').contentDocument !== null"); shown {
		v.t.Error("the frame shows something that its page can read")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	refused := strings.Join(b.complaints, "\n")
	if !strings.Contains(refused, "frame-ancestors") && !strings.Contains(refused, "X-Frame-Options") {
		v.t.Errorf("the frame was not refused: %q", refused)
	}
	b.complaints = nil
}

func (v *visitor) getsLost() {
	for _, lost := range []struct{ page, heading string }{
		{publicURL + "/nobody/portal", "There’s nothing here"},
		{publicURL + "/nobody/portal/overview", "There’s nothing here"},
		{at(v.org, "/nothing"), "There’s nothing here"},
		{at(v.closed, "/request"), "This portal is closed"},
		{at(v.org, "/verify-email?token=nonsense"), "This link can’t be used"},
	} {
		v.open(lost.page)
		v.reads("h1", lost.heading)
	}
	v.open(at(v.org, "/orders/1")) // a page of Polar's
	v.isAt(at(v.org, "/request"))

	v.newcomer("Ada")
	v.open(at(v.org, "/team"))
	v.reads("h1", "There’s nothing here")
	v.follow("main a")
	v.isAt(at(v.org, "/overview"))
	v.open(at(v.org, "/subscriptions"))
	v.isAt(at(v.org, "/overview"))
	v.open(at(v.org, "/team/remove?member=nobody"))
	v.reads("h1", "There’s nothing here")
}

func (v *visitor) comesAtABadTime() {
	v.open("https://" + brokenSite + "/acme/portal/request")
	v.reads("h1", "We’ll be right back")
	if v.text("#request-id") == "" {
		v.t.Error("there is no number to mention")
	}
	v.follow("main a")
	v.isAt("https://" + brokenSite + "/acme/portal/request")
}

package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPortalWithoutTLS uses the portal on plain http, on a host that is not this computer. Browsers then send no Sec-Fetch-Site, so
// the server sees only the Origin of a form. Forms of the portal work, and those of other sites are refused.
func TestPortalWithoutTLS(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			chromium.start(t)
			addr := freeAddr(t)
			_, port, _ := strings.Cut(addr, ":")
			site := "http://portal.example.org:" + port
			c := directoryConfig(t.TempDir())
			org := initialize(t, c, "--name", "Acme")
			p := &portalServer{server: serve(t, c, "--listen", addr, "--public-url", site), org: org}
			b := newTab(t, mode.screen, mode.script)
			defer b.ignore("The Cross-Origin-Opener-Policy header has been ignored") // on plain http
			v := &visitor{p, b, t, mode.script}

			email := p.newEmail("ada")
			s := v.issue(t, org, object{"customer_id": v.createIndividual(t, org, "Ada", email)})
			b.open(s.CustomerPortalURL)
			b.wantURL(site + "/acme/portal/overview")
			if cookie, found := b.cookie("postern_session"); !found || cookie.Secure {
				t.Errorf("the session cookie is %+v", cookie)
			}
			b.open(site + "/acme/portal/settings")
			b.fill("#billing-name", "Ada Lovelace")
			b.follow("#billing-submit")
			b.wantText("[data-test=notice]", "saved")

			evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.Write([]byte("<!doctype html><title>Evil</title>"))
			}))
			defer evil.Close()
			// A form of the portal, sent by a sandboxed document and by another site.
			for _, from := range []string{"data:text/html,", strings.Replace(evil.URL, "127.0.0.1", "evil.example.org", 1)} {
				b.open(from)
				b.navigate(func() {
					get[bool](b, `(() => {
						const f = document.createElement("form"), b = document.createElement("button");
						f.method = "post"; f.action = `+quote(site+"/acme/portal/sign-out")+`; f.append(b); document.body.append(f);
						f.submit(); return true;
					})()`)
				})
				b.wantText("h1", "Request refused")
			}
			if err := p.live(s.Token); err != nil {
				t.Error(err)
			}
			b.open(site + "/acme/portal/sessions")
			b.follow("#sign-out-here")
			b.wantURL(site + "/acme/portal/request")
			p.wantEnded(t, s.Token)
		})
	}
}

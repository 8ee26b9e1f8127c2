package e2e

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// TestForwardAuthSignIn opens an application behind a proxy in a browser, signs in with a code, arrives at the page that was opened,
// and signs out. The proxies have the configurations from the documentation. The portal is another site than the application.
func TestForwardAuthSignIn(t *testing.T) {
	t.Parallel()
	signInThrough(t, true, "nginx", "caddy")
}

// TestFieldForwardAuthSignIn does the same through HAProxy, and in browsers without scripts.
func TestFieldForwardAuthSignIn(t *testing.T) {
	t.Parallel()
	signInThrough(t, true, "haproxy")
	signInThrough(t, false, "nginx", "caddy", "haproxy")
}

func signInThrough(t *testing.T, script bool, proxies ...string) {
	start := map[string]func(t *testing.T, s *server, app string) string{"nginx": startNginx, "caddy": startCaddy, "haproxy": startHAProxy}
	for _, name := range proxies {
		t.Run(name+map[bool]string{false: ", no scripts"}[script], func(t *testing.T) {
			t.Parallel()
			signInThroughProxy(t, start[name], script)
		})
	}
}

// pageApplication is an application behind a proxy. It shows what it has received.
type pageApplication struct {
	*httptest.Server
	mu       sync.Mutex
	referers []string
}

var applicationPage = template.Must(template.New("").Parse(`<!doctype html><title>Application</title>
<h1>{{.RequestURI}}</h1><p id="who">{{.Header.Get "X-Postern-Email"}}</p><a id="out" href="/.postern/sign-out?to=/bye?a=b">Sign out</a>`))

func newPageApplication(t *testing.T) *pageApplication {
	a := &pageApplication{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.referers = append(a.referers, r.Referer())
		a.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		applicationPage.Execute(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func signInThroughProxy(t *testing.T, start func(t *testing.T, s *server, app string) string, script bool) {
	chromium.start(t)
	addr := freeAddr(t)
	portal := "http://" + addr
	c := directoryConfig(t.TempDir())
	org := initialize(t, c, "--no-member-model")
	a := newPageApplication(t)
	p := &portalServer{mailbox: newMailbox(t), org: org}
	// The port of the proxy is known only after it has started, and the proxy needs the address of the server.
	p.server = serve(t, c, append(p.mailbox.flags(), "--trusted-proxies", "127.0.0.1", "--listen", addr, "--public-url", portal)...)
	proxy := start(t, p.server, a.URL)
	_, port, _ := strings.Cut(strings.TrimPrefix(proxy, "http://"), ":")
	host := "app.example.org:" + port
	p.request(t, 200, "PATCH", "/v1/organizations/"+org.ID+"/customer-portal-settings", org.AccessToken, object{"application_hosts": []string{host}}, nil)
	email := p.newEmail("ada")
	p.createIndividual(t, org, "Ada", email)

	b := newTab(t, desktop, script)
	defer b.ignore("The Cross-Origin-Opener-Policy header has been ignored") // the application is on plain http
	target := "/a%20b/gr%C3%B6%C3%9Fe?q=100%&r=a+b%2Bc&r=%E3%81%82;x=1&next=%2F%2Fevil&long=" + strings.Repeat("%C3%A9", 300)
	target += strings.Repeat("x", 2000-len(target))
	b.open("http://" + host + target)
	b.await("location.href.startsWith(" + quote(portal+"/acme/portal/request") + ")")
	b.fill("#email", email)
	b.follow("#request-submit")
	b.sendsCode(p.code(t, email))
	arrived := func(target string) {
		t.Helper()
		b.await("location.href === " + quote("http://"+host+target))
		b.await("document.readyState === 'complete'")
		b.wantText("h1", target)
		b.wantText("#who", email)
	}
	arrived(target)
	cookie, found := b.cookie("postern_session")
	if !found || !cookie.HTTPOnly || cookie.Domain != "app.example.org" {
		t.Fatalf("the application's host has the session cookie %+v", cookie)
	}
	if referrer := get[string](b, "document.referrer"); referrer != "" {
		t.Errorf("the page has the referrer %q", referrer)
	}
	b.open("http://" + host + "/other?a=b")
	arrived("/other?a=b")
	for _, address := range b.history() {
		if strings.Contains(address, cookie.Value) {
			t.Errorf("the token is in the history: %s", address)
		}
	}
	b.follow("#out") // on plain http, the server cannot see that the application itself has the link
	b.wantText("h1", "Sign out?")
	b.click("#application-action")
	b.await("location.href.startsWith(" + quote(portal+"/acme/portal/request") + ")")
	p.wantEnded(t, cookie.Value)
	b.fill("#email", email)
	b.follow("#request-submit")
	b.sendsCode(p.code(t, email))
	arrived("/bye?a=b")

	a.mu.Lock()
	defer a.mu.Unlock()
	for _, referer := range a.referers {
		if u, err := url.Parse(referer); err != nil || u.Query().Has("ticket") {
			t.Errorf("the application has seen the referrer %s", referer)
		}
	}
}

package portalauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// visitor is a browser that stores the cookies of an application.
type visitor struct {
	t       *testing.T
	h       *testServer
	handler http.Handler
	cookies map[string]string
}

// newApplication returns an application that signs in at the portal of acme.
func newApplication(t *testing.T, h *testServer) *portalauth.Verifier {
	t.Helper()
	for _, of := range []tenant{h.acme, h.another} {
		if _, err := of.client.Organizations.UpdateCustomerPortalSettings(t.Context(), of.id, polar.CustomerPortalSettingsUpdate{ApplicationHosts: polar.Set([]string{"app.example.com"})}); err != nil {
			t.Fatal(err)
		}
	}
	auth, err := portalauth.New(h.acme.client, portalauth.Options{PortalURL: "https://portal.example.com/acme/portal", PublicURL: "https://app.example.com", Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(auth.Close)
	return auth
}

func newVisitor(t *testing.T, h *testServer, auth *portalauth.Verifier) *visitor {
	mux := http.NewServeMux()
	mux.Handle("/.postern/", auth.Handler())
	mux.Handle("/", auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, _ := portalauth.FromContext(r.Context())
		w.Write([]byte(identity.Email))
	})))
	return &visitor{t, h, mux, map[string]string{}}
}

func (v *visitor) send(method, target string, headers ...string) *http.Response {
	v.t.Helper()
	r := httptest.NewRequestWithContext(v.t.Context(), method, target, nil)
	r.Header.Set("Accept", "text/html")
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	answer := w.Result()
	for _, c := range answer.Cookies() {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			v.t.Errorf("%s: the cookie %v is not guarded", target, c)
		}
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return answer
}

func (v *visitor) wantRedirect(method, target, want string, headers ...string) {
	v.t.Helper()
	if a := v.send(method, target, headers...); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != want {
		v.t.Fatalf("%s %s: %d to %s, want %s", method, target, a.StatusCode, a.Header.Get("Location"), want)
	}
}

// start opens a page of the application without a session. It returns the path at the portal to which the browser is sent.
func (v *visitor) start(page string) string {
	v.t.Helper()
	to := v.send("GET", page).Header.Get("Location")
	request, ok := strings.CutPrefix(to, "https://portal.example.com")
	if !ok || !strings.HasPrefix(request, "/acme/portal/request?return_url=https%3A%2F%2Fapp.example.com%2F.postern%2Fcallback&state=") {
		v.t.Fatalf("%s leads to %q", page, to)
	}
	return request
}

// signedIn opens the sign-in page as a customer who is signed in at the portal. It returns the path of the callback.
func (v *visitor) signedIn(request, session string) string {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), "GET", v.h.url+request, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Cookie", "postern_session="+session)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		v.t.Fatal(err)
	}
	answer.Body.Close()
	callback, ok := strings.CutPrefix(answer.Header.Get("Location"), "https://app.example.com")
	if !ok {
		v.t.Fatalf("the portal leads to %q", answer.Header.Get("Location"))
	}
	return callback
}

// A browser without a session signs in at the portal and returns to the page that it wanted, byte for byte. Signing out ends the session.
func TestHandlerSignsIn(t *testing.T) {
	h := newTestServer(t)
	auth := newApplication(t, h)
	customer := h.createTeam(h.acme, "ada@example.com")
	session := h.createSession(h.acme, customer.ID, "ada@example.com").Token
	page := "/gr%C3%B6%C3%9Fe%20x?q=100%&r=a+b%2Bc;x=1&next=%2F%2Fevil&long="
	page += strings.Repeat("x", 2000-len(page))
	v := newVisitor(t, h, auth)
	callback := v.signedIn(v.start(page), session)
	v.wantRedirect("GET", callback, "https://app.example.com"+page)
	if v.cookies["postern_session"] != session || len(v.cookies) != 1 {
		t.Errorf("the browser has the cookies %q", v.cookies)
	}
	if a := v.send("GET", "/"); a.StatusCode != http.StatusOK {
		t.Errorf("after the sign-in: %s", a.Status)
	}
	v.wantRedirect("GET", callback, "https://app.example.com"+page) // loaded again
	v.wantRedirect("GET", "/.postern/sign-in?to=/b", "https://app.example.com/b")
	for _, headers := range [][]string{nil, {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, {"Sec-Purpose", "prefetch", "Sec-Fetch-Site", "same-origin"}} {
		if a := v.send("GET", "/.postern/sign-out", headers...); a.StatusCode != http.StatusOK || v.cookies["postern_session"] == "" {
			t.Errorf("%q: %s, %q", headers, a.Status, v.cookies)
		}
	}
	if a := v.send("POST", "/.postern/sign-out", "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %s", a.Status)
	}
	v.wantRedirect("GET", "/.postern/sign-out?to=/bye", "https://app.example.com/bye", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
	if _, err := auth.Verify(t.Context(), session); err == nil || len(v.cookies) != 0 {
		t.Errorf("after the sign-out: %v, %q", err, v.cookies)
	}
	v.start("/.postern/sign-in")
	if a := v.send("POST", "/.postern/sign-out", "Sec-Fetch-Site", "same-origin"); a.StatusCode != http.StatusOK {
		t.Errorf("a form of the application: %s", a.Status)
	}
	for method, target := range map[string]string{"POST": "/.postern/sign-in", "PUT": "/.postern/callback", "GET": "/.postern/other"} {
		if a := v.send(method, target); a.StatusCode != http.StatusMethodNotAllowed && a.StatusCode != http.StatusNotFound {
			t.Errorf("%s %s: %s", method, target, a.Status)
		}
	}
}

// A ticket works in the browser that has started, once, for a minute, and for the application's organization.
func TestHandlerRefusesOtherTickets(t *testing.T) {
	h := newTestServer(t)
	auth := newApplication(t, h)
	session := h.createSession(h.acme, h.createTeam(h.acme, "ada@example.com").ID, "ada@example.com").Token
	theirs := h.createSession(h.another, h.createTeam(h.another, "eve@example.com").ID, "eve@example.com").Token
	v := newVisitor(t, h, auth)
	refused := func(what string, v *visitor, callback string, headers ...string) {
		t.Helper()
		a := v.send("GET", callback, headers...)
		if a.StatusCode != http.StatusForbidden && a.StatusCode != http.StatusServiceUnavailable || v.cookies["postern_session"] != "" || a.Header.Get("Referrer-Policy") == "" {
			t.Errorf("%s: %s, %q", what, a.Status, v.cookies)
		}
	}
	callback := v.signedIn(v.start("/a"), session)
	refused("another browser", newVisitor(t, h, auth), callback)
	victim := newVisitor(t, h, auth)
	victim.start("/")
	refused("a browser that is signing in", victim, callback)
	refused("another page", v, callback+"AA")
	refused("no ticket", v, strings.Replace(callback, "ticket=", "t=", 1))
	refused("a preview", v, callback, "Sec-Purpose", "prefetch")
	if a := v.send("HEAD", callback); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("HEAD: %s", a.Status)
	}
	h.acme.network.down.Store(true)
	refused("the server cannot be reached", v, callback)
	h.acme.network.down.Store(false)
	refused("another organization", v, v.signedIn(strings.Replace(v.start("/"), "/acme/", "/another/", 1), theirs))
	v.wantRedirect("GET", callback, "https://app.example.com/a")
	late := newVisitor(t, h, auth)
	callback = late.signedIn(late.start("/"), session)
	h.clock.advance(time.Minute)
	refused("a minute later", late, callback)
	for _, evil := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "/a#b", "/.postern/sign-out", "/" + strings.Repeat("a", 2000)} {
		v.wantRedirect("GET", "/.postern/sign-in?to="+url.QueryEscape(evil), "https://app.example.com/")
	}
}

// With CookieFirst, a token in the Authorization header does not hide the live session in the cookies.
func TestCookieFirst(t *testing.T) {
	h := newTestServer(t)
	session := h.createSession(h.acme, h.createTeam(h.acme, "ada@example.com").ID, "ada@example.com").Token
	ended := h.createSession(h.acme, h.createTeam(h.acme, "bob@example.com").ID, "bob@example.com")
	if err := h.acme.client.CustomerPortal.CustomerSession.SignOut(t.Context(), polar.SecurityFor(ended.Token)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		first          bool
		bearer, cookie string
		want           int
	}{
		{true, ended.Token, session, 200}, {true, session, ended.Token, 200}, {true, session, "", 200}, {true, "", session, 200}, {true, ended.Token, ended.Token, 401},
		{false, ended.Token, session, 401}, {false, session, ended.Token, 200},
	} {
		auth, err := portalauth.New(h.acme.client, portalauth.Options{CookieFirst: tt.first, Now: h.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		v := newVisitor(t, h, auth)
		headers := []string{"Accept", "*/*"}
		if tt.bearer != "" {
			headers = append(headers, "Authorization", "Bearer "+tt.bearer)
		}
		if tt.cookie != "" {
			v.cookies["postern_session"] = tt.cookie
		}
		if a := v.send("GET", "/", headers...); a.StatusCode != tt.want {
			t.Errorf("%+v: %s", tt, a.Status)
		}
		auth.Close()
	}
}

package portalauth_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// echoIdentity responds with the identity of the caller.
var echoIdentity = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	who, ok := portalauth.FromContext(r.Context())
	if !ok {
		http.Error(w, "no identity", http.StatusTeapot)
		return
	}
	json.NewEncoder(w).Encode(who)
})

type header map[string]string

func serve(handler http.Handler, method, target string, header header) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, answer *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRequireAcceptsAndRefuses(t *testing.T) {
	h := newTestServer(t)
	team := h.createTeam(h.acme, owner)
	live := h.createSession(h.acme, team.ID, owner).Token
	reading := h.createSession(h.acme, team.ID, owner, func(in *polar.CustomerSessionCreate) { in.Scopes = []polar.Scope{polar.ScopeCustomerPortalRead} }).Token
	const ended = "polar_mst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l"
	login := portalauth.Options{LoginURL: "https://portal.example.com/acme/portal/request?a=b", PublicURL: "https://app.example.com/"}
	page := header{"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate"}
	with := func(h header, more ...string) header {
		all := header{}
		for name, value := range h {
			all[name] = value
		}
		for _, line := range more {
			name, value, _ := strings.Cut(line, ": ")
			all[name] = value
		}
		return all
	}
	for name, test := range map[string]struct {
		options  portalauth.Options
		scopes   []polar.Scope
		method   string
		target   string
		header   header
		status   int
		location string
		cookie   string // "set", "dropped" or empty
		wanted   string
	}{
		"a bearer":                          {header: header{"Authorization": "Bearer " + live}, status: 200, wanted: string(team.ID)},
		"a cookie":                          {header: header{"Cookie": "postern_session=" + live}, status: 200, wanted: owner},
		"a reader reads":                    {scopes: []polar.Scope{"customer_portal:read"}, header: header{"Authorization": "Bearer " + reading}, status: 200},
		"a writer reads":                    {scopes: []polar.Scope{"customer_portal:read"}, header: header{"Authorization": "Bearer " + live}, status: 200},
		"a reader cannot write":             {scopes: []polar.Scope{"customer_portal:read", "customer_portal:write"}, header: header{"Authorization": "Bearer " + reading}, status: 403, wanted: "insufficient_scope"},
		"no token":                          {status: 401, wanted: `{"error":"Unauthorized","detail":"Unauthorized"}`},
		"an ended session":                  {header: header{"Authorization": "Bearer " + ended}, status: 401, wanted: "invalid_token"},
		"garbage":                           {header: header{"Authorization": "Bearer x"}, status: 401, wanted: "invalid_token"},
		"a cookie of an ended session":      {header: header{"Cookie": "postern_session=" + ended}, status: 401, cookie: "dropped"},
		"a live cookie behind an ended one": {header: header{"Cookie": "postern_session=" + ended + "; postern_session=x; postern_session=" + live}, status: 200, wanted: owner},
		"an ended cookie behind garbage":    {header: header{"Cookie": "postern_session=x; postern_session=" + ended}, status: 401, cookie: "dropped"},
		"a bearer of the application":       {header: header{"Authorization": "Bearer eyJ", "Cookie": "postern_session=" + live}, status: 200, wanted: owner},
		"a bearer of the application, and a form of another site": {method: "POST", header: header{"Authorization": "Bearer eyJ", "Cookie": "postern_session=" + live, "Sec-Fetch-Site": "cross-site"}, status: 403},
		"a link":                                {target: "/a?x=1&customer_session_token=" + live, status: 303, location: "/a?x=1", cookie: "set"},
		"a member's link":                       {target: "/?member_session_token=" + live, status: 303, location: "/", cookie: "set"},
		"a reader's link":                       {scopes: []polar.Scope{"customer_portal:write"}, target: "/?member_session_token=" + reading, status: 303, location: "/", cookie: "set"},
		"a link of an ended session":            {target: "/?customer_session_token=" + ended, header: header{"Cookie": "postern_session=" + live}, status: 303, location: "/"},
		"a link by HEAD":                        {method: "HEAD", target: "/?customer_session_token=" + live, status: 303, location: "/", cookie: "set"},
		"links disabled":                        {options: portalauth.Options{NoQueryToken: true}, target: "/?customer_session_token=" + live, status: 401},
		"a form of the same origin":             {method: "POST", header: header{"Cookie": "postern_session=" + live, "Sec-Fetch-Site": "same-origin"}, status: 200},
		"a form of another site":                {method: "POST", header: header{"Cookie": "postern_session=" + live, "Sec-Fetch-Site": "cross-site"}, status: 403, wanted: "NotPermitted"},
		"a form of another site, old browser":   {method: "POST", header: header{"Cookie": "postern_session=" + live, "Origin": "https://evil.example"}, status: 403},
		"a form of a trusted origin":            {options: portalauth.Options{TrustedOrigins: []string{"https://app.example.com"}}, method: "POST", header: header{"Cookie": "postern_session=" + live, "Sec-Fetch-Site": "same-site", "Origin": "https://app.example.com"}, status: 200},
		"a bearer from another site":            {method: "POST", header: header{"Authorization": "Bearer " + live, "Sec-Fetch-Site": "cross-site"}, status: 200},
		"a GET with a cookie from another site": {target: "/", header: header{"Cookie": "postern_session=" + live, "Sec-Fetch-Site": "cross-site"}, status: 200},
		"a page redirects to the login": {options: login, target: "/a?b=c&member_session_token=", header: page, status: 303,
			location: "https://portal.example.com/acme/portal/request?a=b&return_url=" + url.QueryEscape("https://app.example.com/a?b=c")},
		"a page with the cookie of an ended session redirects to the login": {options: login, header: with(page, "Cookie: postern_session="+ended), status: 303,
			location: "https://portal.example.com/acme/portal/request?a=b&return_url=" + url.QueryEscape("https://app.example.com/"), cookie: "dropped"},
		"a script is not redirected":        {options: login, header: header{"Accept": "text/html", "Sec-Fetch-Mode": "cors"}, status: 401},
		"a program is not redirected":       {options: login, header: header{"Accept": "*/*"}, status: 401},
		"a form is not redirected":          {options: login, method: "POST", header: page, status: 401},
		"a missing scope does not redirect": {options: login, scopes: []polar.Scope{"customer_portal:write"}, header: with(page, "Authorization: Bearer "+reading), status: 403},
		"a configured cookie":               {options: portalauth.Options{Cookie: portalauth.Cookie{Name: "sid", Path: "/a", Insecure: true}}, target: "/a?customer_session_token=" + live, status: 303, location: "/a", cookie: "set"},
		"an error handler":                  {options: portalauth.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { http.Error(w, err.Error(), http.StatusTeapot) }}, status: 418, wanted: "no session token"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.method == "" {
				test.method = "GET"
			}
			if test.target == "" {
				test.target = "/"
			}
			auth, _ := h.newVerifier(h.acme.client, test.options)
			answer := serve(auth.Require(test.scopes...)(echoIdentity), test.method, test.target, test.header)
			text := body(t, answer)
			if answer.StatusCode != test.status || answer.Header.Get("Location") != test.location || !strings.Contains(text, test.wanted) {
				t.Errorf("%d to %q: %s", answer.StatusCode, answer.Header.Get("Location"), text)
			}
			if !slices.Contains(answer.Header.Values("Vary"), "Authorization, Cookie") || answer.Header.Get("Cache-Control") == "" {
				t.Errorf("headers let caches share responses between callers: %v", answer.Header)
			}
			wantCookie(t, answer, test.cookie, test.options.Cookie)
			for _, token := range []string{live, reading, ended} {
				if strings.Contains(text+answer.Header.Get("Location"), token[10:]) {
					t.Errorf("the response contains a token: %s %v", text, answer.Header)
				}
			}
		})
	}
}

func wantCookie(t *testing.T, answer *http.Response, want string, like portalauth.Cookie) {
	t.Helper()
	cookies := answer.Cookies()
	if (want == "") != (len(cookies) == 0) {
		t.Fatalf("cookies: %v", cookies)
	}
	if want == "" {
		return
	}
	c := cookies[0]
	name, path := "postern_session", "/"
	if like.Name != "" {
		name, path = like.Name, like.Path
	}
	if c.Name != name || c.Path != path || !c.HttpOnly || c.Secure == like.Insecure || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie is %v", c)
	}
	if dropped := c.MaxAge < 0; dropped != (want == "dropped") || !dropped && (c.Expires.IsZero() || c.Value == "") {
		t.Errorf("the cookie is %v", c)
	}
}

// The middleware's refusals equal the server's, byte for byte.
func TestRefusalsMatchTheServer(t *testing.T) {
	h := newTestServer(t)
	reading := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner, func(in *polar.CustomerSessionCreate) { in.Scopes = []polar.Scope{polar.ScopeCustomerPortalRead} }).Token
	auth, _ := h.newVerifier(h.acme.client, portalauth.Options{})
	for _, test := range []struct{ bearer, path, scope string }{
		{"", "/v1/customer-portal/customer-session/introspect", "customer_portal:read"},
		{"Bearer polar_mst_x", "/v1/customer-portal/customer-session/introspect", "customer_portal:read"},
		{"Bearer " + reading, "/v1/customer-portal/forward-auth?scope=customer_portal:write", "customer_portal:write"},
	} {
		r, err := http.NewRequest("GET", h.url+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.bearer != "" {
			r.Header.Set("Authorization", test.bearer)
		}
		fromServer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer fromServer.Body.Close()
		fromMiddleware := serve(auth.Require(polar.Scope(test.scope))(echoIdentity), "GET", "/", header{"Authorization": test.bearer})
		if a, b := body(t, fromMiddleware), body(t, fromServer); a != b || fromMiddleware.StatusCode != fromServer.StatusCode {
			t.Errorf("%d %s, but the server responds %d %s", fromMiddleware.StatusCode, a, fromServer.StatusCode, b)
		}
		for _, name := range []string{"WWW-Authenticate", "Content-Type", "Cache-Control", "Pragma"} {
			if a, b := fromMiddleware.Header.Get(name), fromServer.Header.Get(name); a != b {
				t.Errorf("%s: %q, but the server sends %q", name, a, b)
			}
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	h := newTestServer(t)
	auth, _ := h.newVerifier(h.acme.client, portalauth.Options{})
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	w := httptest.NewRecorder()
	who, err := auth.SignIn(t.Context(), w, session.Token)
	if err != nil || who.Email != owner {
		t.Fatalf("%+v, %v", who, err)
	}
	wantCookie(t, w.Result(), "set", portalauth.Cookie{})
	r := httptest.NewRequest("POST", "/logout", nil)
	r.AddCookie(w.Result().Cookies()[0])
	for range 2 { // the second SignOut has nothing to revoke, which is not an error
		w = httptest.NewRecorder()
		if err := auth.SignOut(w, r); err != nil {
			t.Fatal(err)
		}
		wantCookie(t, w.Result(), "dropped", portalauth.Cookie{})
		h.mustRefuse(auth, session.Token)
	}
	w = httptest.NewRecorder()
	if _, err := auth.SignIn(t.Context(), w, session.Token); err == nil {
		t.Error("SignIn accepted an ended session")
	}
	wantCookie(t, w.Result(), "", portalauth.Cookie{})
	if err := auth.SignOut(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)); err != nil {
		t.Error(err)
	}
}

func TestIdentityInContext(t *testing.T) {
	if _, ok := portalauth.FromContext(t.Context()); ok {
		t.Error("an empty context has an identity")
	}
	ctx := portalauth.NewContext(t.Context(), portalauth.Identity{CustomerID: "c"})
	if who, ok := portalauth.FromContext(ctx); !ok || who.CustomerID != "c" {
		t.Errorf("%+v, %v", who, ok)
	}
}

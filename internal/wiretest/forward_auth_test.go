package wiretest_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/polar"
)

const forwardAuth = "/v1/customer-portal/forward-auth"

// identityHeaders returns the headers that name the session's holder to a proxy, as Name=value; texts.
func identityHeaders(a testserver.Answer) string {
	var b strings.Builder
	for _, name := range []string{"Principal", "Organization-Id", "Customer-Id", "Member-Id", "Role", "Email", "Scopes", "Expires-At", "Identity"} {
		for _, value := range a.Header.Values("X-Postern-" + name) {
			b.WriteString(name + "=" + value + ";")
		}
	}
	return b.String()
}

func TestForwardAuth(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	c := srv.Create(customers, `{"email":"zoë%41@example.com","external_id":"user_1"}`)
	s := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`).Token
	readOnly := srv.Create(sessions, `{"customer_id":"`+c.ID+`","scopes":["customer_portal:read"]}`).Token
	bolt := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt", WithoutMembers: true})
	srv.As(bolt.AccessToken, "POST", customers, `{"email":"bob@example.com","external_id":"t"}`)
	bob := srv.As(bolt.AccessToken, "POST", sessions, `{"external_customer_id":"t"}`)
	foreign := bob.Body[strings.Index(bob.Body, "polar_cst_"):][:53]
	unknown := "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"
	for _, tt := range []struct {
		name, method, query, authorization, cookie string
		status                                     int
	}{
		{"a bearer", "GET", "", "Bearer " + s, "", 200},
		{"a cookie", "GET", "", "", "a=b; postern_session=" + s, 200},
		{"HEAD", "HEAD", "", "", "postern_session=" + s, 200},
		{"a cookie and a password of the application", "GET", "", "Basic eDp5", "postern_session=" + s, 200},
		{"the bearer token is used", "GET", "", "Bearer " + s, "postern_session=" + unknown, 200},
		{"a bad bearer token is not ignored", "GET", "", "Bearer " + unknown, "postern_session=" + s, 401},
		{"cookies come first", "GET", "?first=cookie", "Bearer " + unknown, "postern_session=" + s, 200},
		{"the bearer token comes after the cookies", "GET", "?first=cookie", "Bearer " + s, "postern_session=" + unknown, 200},
		{"the bearer token without cookies", "GET", "?first=cookie", "Bearer " + s, "", 200},
		{"neither is live", "GET", "?first=cookie", "Bearer " + unknown, "postern_session=" + unknown, 401},
		{"the bearer token comes first", "GET", "?first=bearer", "Bearer " + unknown, "postern_session=" + s, 401},
		{"an unknown order", "GET", "?first=query", "Bearer " + s, "", 422},
		{"a bearer token of the application", "GET", "", "Bearer eyJhbGciOiJub25lIn0.e30.", "postern_session=" + s, 200},
		{"an access token of the application", "GET", "", "Bearer " + srv.Token, "postern_session=" + s, 200},
		{"a bearer token of the application and an unknown cookie", "GET", "", "Bearer x", "postern_session=" + unknown, 401},
		{"the cookie of one host", "GET", "", "", "__Host-postern_session=" + s, 200},
		{"the cookie of a domain", "GET", "", "", "__Secure-postern_session=" + s, 200},
		{"a live cookie behind dead ones", "GET", "", "", "__Host-postern_session=" + unknown + "; postern_session=garbage; postern_session=" + srv.Token + "; postern_session=" + s, 200},
		{"another organization's cookie before", "GET", "?organization=acme", "", "postern_session=" + foreign + "; postern_session=" + s, 200},
		{"its organization", "GET", "?organization=acme", "Bearer " + s, "", 200},
		{"the read scope with a read-only session", "GET", "?scope=customer_portal:read", "Bearer " + readOnly, "", 200},
		{"the write scope", "GET", "?scope=customer_portal:write", "Bearer " + s, "", 200},
		{"the write scope with a read-only session", "GET", "?scope=customer_portal:write", "Bearer " + readOnly, "", 403},
		{"no credential", "GET", "", "", "", 401},
		{"an empty cookie", "GET", "", "", "postern_session=", 401},
		{"a cookie of another name", "GET", "", "", "session=" + s, 401},
		{"garbage", "GET", "", "", "postern_session=garbage", 401},
		{"in the query", "GET", "?customer_session_token=" + s, "", "", 401},
		{"unknown", "HEAD", "", "", "postern_session=" + unknown, 401},
		{"an access token", "GET", "", "Bearer " + srv.Token, "", 401},
		{"an access token in the cookie", "GET", "", "", "postern_session=" + srv.Token, 401},
		{"another organization", "GET", "?organization=acme", "Bearer " + foreign, "", 401},
		{"another organization's name", "GET", "?organization=bolt", "Bearer " + s, "", 401},
		{"an unknown organization", "GET", "?organization=nobody", "Bearer " + s, "", 401},
		{"a name with a semicolon", "GET", "?organization=acme;x", "Bearer " + s, "", 401},
		{"an empty name", "GET", "?organization=", "Bearer " + s, "", 401},
		{"an audience with a space", "GET", "?audience=a%20b", "Bearer " + s, "", 422},
		{"an empty audience", "GET", "?audience=", "Bearer " + s, "", 422},
		{"a long audience", "GET", "?audience=" + strings.Repeat("a", 256), "Bearer " + s, "", 422},
		{"an unknown scope", "GET", "?scope=admin", "Bearer " + s, "", 422},
		{"an unknown value of login", "GET", "?organization=acme&login=maybe", "Bearer " + s, "", 422},
		{"a login without an organization", "GET", "?login=redirect", "Bearer " + s, "", 422},
		{"another method", "POST", "", "Bearer " + s, "", 405},
		{"another method with a cookie", "DELETE", "", "", "postern_session=" + s, 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Accept", "text/html"}
			if tt.authorization != "" {
				headers = append(headers, "Authorization", tt.authorization)
			}
			if tt.cookie != "" {
				headers = append(headers, "Cookie", tt.cookie)
			}
			a := srv.Request(tt.method, forwardAuth+tt.query, "", headers...)
			if a.Status != tt.status || tt.status == 200 && a.Body != "" {
				t.Errorf("%d %s, want %d", a.Status, a.Body, tt.status)
			}
			if identity := identityHeaders(a); (identity != "") != (tt.status == 200) {
				t.Errorf("the identity is %q", identity)
			}
			var all strings.Builder
			a.Header.Write(&all)
			if strings.Contains(all.String(), "polar_") {
				t.Errorf("a token in a header: %s", &all)
			}
		})
	}
	identity := identityHeaders(srv.As(s, "GET", forwardAuth, ""))
	for _, want := range []string{"Principal=member;Organization-Id=" + srv.OrgID + ";Customer-Id=" + c.ID + ";Member-Id=", ";Role=owner;Email=zo%C3%AB%2541@example.com;Scopes=customer_portal:write;Expires-At=2026-10-01T13:00:00.120000Z;Identity=-;"} {
		if !strings.Contains(identity, want) {
			t.Errorf("%s lacks %s", identity, want)
		}
	}
	identity = identityHeaders(srv.As(foreign, "GET", forwardAuth, ""))
	for _, want := range []string{"Principal=customer;", ";Member-Id=-;Role=-;Email=bob@example.com;"} {
		if !strings.Contains(identity, want) {
			t.Errorf("a customer that holds its session itself: %s", identity)
		}
	}
	srv.Advance(time.Hour)
	if a := srv.Request("GET", forwardAuth, "", "Cookie", "postern_session="+s); a.Status != 401 || identityHeaders(a) != "" {
		t.Errorf("expired: %d", a.Status)
	}
}

// An application verifies the signed identity with the published keys, and no other application accepts it.
func TestForwardAuthSignsTheIdentity(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	c := srv.Create(customers, `{"email":"zoë@example.com","external_id":"user_1"}`)
	s := srv.Create(sessions, `{"customer_id":"`+c.ID+`","scopes":["customer_portal:read"]}`).Token
	var keys polar.ForwardAuthKeys
	a := srv.Request("GET", forwardAuth+"/keys", "")
	if err := json.Unmarshal([]byte(a.Body), &keys); err != nil || a.Status != 200 || len(keys.Keys) != 1 || a.Header.Get("Cache-Control") != "public, max-age=300" {
		t.Fatalf("%d %s %v", a.Status, a.Body, err)
	}
	a = srv.As(s, "GET", forwardAuth+"?audience=app.example.com", "")
	text := a.Header.Get("X-Postern-Identity")
	who, err := keys.Verify(a.Header, "app.example.com", srv.Now())
	if err != nil || string(who.CustomerID) != c.ID || who.Principal != polar.PrincipalMember || who.Email != "zoë@example.com" || who.Scopes[0] != polar.ScopeCustomerPortalRead {
		t.Fatalf("%+v, %v", who, err)
	}
	plain, err := polar.ParseForwardAuth(a.Header)
	if err != nil || !reflect.DeepEqual(plain, who) {
		t.Errorf("the headers say %+v, the signed identity %+v (%v)", plain, who, err)
	}
	if _, err := keys.Verify(a.Header, "other.example.com", srv.Now()); !errors.Is(err, polar.ErrInvalidIdentity) {
		t.Errorf("another application: %v", err)
	}
	if _, err := keys.Verify(a.Header, "app.example.com", srv.Now().Add(90*time.Second)); !errors.Is(err, polar.ErrInvalidIdentity) {
		t.Errorf("after its end: %v", err)
	}
	_, claims, _ := strings.Cut(text, ".")
	claims, _, _ = strings.Cut(claims, ".")
	body, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil || !strings.Contains(string(body), `"iss":"https://portal.example.com","aud":"app.example.com"`) || strings.Contains(string(body), s[10:]) {
		t.Errorf("claims: %s, %v", body, err)
	}
	if other := testserver.New(t).Request("GET", forwardAuth+"/keys", ""); strings.Contains(other.Body, keys.Keys[0].X) {
		t.Error("two servers have the same key")
	}
	srv.Advance(time.Hour - time.Second) // the session ends soon
	late := srv.As(s, "GET", forwardAuth+"?audience=app.example.com", "")
	if who, err = keys.Verify(late.Header, "app.example.com", srv.Now()); err != nil || who.ExpiresAt.Sub(srv.Now()) > time.Second {
		t.Errorf("%+v, %v", who, err)
	}
}

// A client that sends headers of Postern is refused, because the proxy has not removed them.
func TestForwardAuthRefusesForgedHeaders(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	for header, want := range map[string]int{
		"X-Postern-Role": 403, "x-postern-anything": 403, "X_Postern_Role": 403, "X-Postern_Role": 403, "X-Postern-": 403,
		"X-Postern": 200, "X-Posterns-Role": 200, "Postern-Role": 200,
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+forwardAuth, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s)
		r.Header[header] = []string{"owner"}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || answer.Header.Get("X-Postern-Role") != "" != (want == 200) {
			t.Errorf("%s: %d, want %d", header, answer.StatusCode, want)
		}
	}
}

// A preflight must not be answered with 200: a proxy that passes on the method would let the request through.
func TestForwardAuthRefusesPreflights(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	for _, path := range []string{forwardAuth, "/api" + forwardAuth} {
		a := srv.Request("OPTIONS", path, "", "Origin", "https://evil.example", "Access-Control-Request-Method", "GET")
		if a.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := srv.Request("OPTIONS", introspect, "", "Origin", "https://example.com", "Access-Control-Request-Method", "GET"); a.Status != 200 {
		t.Errorf("a preflight elsewhere: %d", a.Status)
	}
}

func trustProxy(network string) testserver.Option {
	return func(c *testserver.Options) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(network)} }
}

func TestForwardAuthRedirectsToTheLogin(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, trustProxy("127.0.0.1/32"), testserver.RateLimits("off"))
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	const login = "/.postern/sign-in"
	const all = forwardAuth + "?organization=acme&login=redirect"
	for _, tt := range []struct {
		name, path, accept, proto, host, uri, want string // want is "" for 401
	}{
		{"a browser", all, "text/html,*/*;q=0.8", "https", "app.example.com", "/a?b=c&d=%2F+;", login + "?to=/a?b=c%26d=%252F%2B%3B"},
		{"plain http, and a port", all, "text/html", "http", "app.example.com:8080", "/", login + "?to=/"},
		{"not a browser", all, "application/json", "https", "app.example.com", "/", ""},
		{"any content type", all, "*/*", "https", "app.example.com", "/", ""},
		{"without login=redirect", forwardAuth + "?organization=acme", "text/html", "https", "app.example.com", "/", ""},
		{"the login of an unknown organization", forwardAuth + "?organization=nobody&login=redirect", "text/html", "https", "app.example.com", "/", ""},
		{"a slug with slashes", forwardAuth + "?organization=..%2F..%2Fevil&login=redirect", "text/html", "https", "app.example.com", "/", ""},

		{"without forwarded headers", all, "text/html", "", "", "", login},
		{"a list of hosts and schemes", all, "text/html", "HTTPS, http", "app.example.com, evil.example", "/a", login + "?to=/a"},
		{"a percent sign", all, "text/html", "https", "app.example.com", "/a?b=100%&c=%zz", login + "?to=/a?b=100%25%26c=%25zz"},
		{"not ASCII", all, "text/html", "https", "app.example.com", "/größe", login + "?to=/gr%25C3%25B6%25C3%259Fe"},
		{"2,000 bytes", all, "text/html", "https", "app.example.com", "/" + strings.Repeat("a", 1999), login + "?to=/" + strings.Repeat("a", 1999)},
		{"another address", all, "text/html", "https", "app.example.com", "https://evil.example/", login},
		{"another host", all, "text/html", "https", "app.example.com", "//evil.example/", login},
		{"no path", all, "text/html", "https", "app.example.com", ".evil.example/", login},
		{"a user in the path", all, "text/html", "https", "app.example.com", "@evil.example/", login},
		{"a backslash in the path", all, "text/html", "https", "app.example.com", `/\evil.example`, login},
		{"a fragment", all, "text/html", "https", "app.example.com", "/#x", login},
		{"a token", all, "text/html", "https", "app.example.com", "/?customer_session_token=" + s, login},
		{"a token that was escaped", all, "text/html", "https", "app.example.com", "/?t=polar%5fcst%5f" + s[10:], login},
		{"a token behind a percent sign", all, "text/html", "https", "app.example.com", "/?a=%&t=polar%5fcst%5f" + s[10:], login},
		{"a token that was escaped twice", all, "text/html", "https", "app.example.com", "/?t=polar%255fcst_" + s[10:], login},
		{"a token that was escaped very often", all, "text/html", "https", "app.example.com", "/?t=polar%2525252525255fcst_" + s[10:], login},
		{"a long address", all, "text/html", "https", "app.example.com", "/" + strings.Repeat("a", 2000), login},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, credential := range []string{"", "postern_session=polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", "postern_session=" + srv.Token} {
				a := srv.Request("GET", tt.path, "", "Accept", tt.accept, "Cookie", credential,
					"X-Forwarded-Proto", tt.proto, "X-Forwarded-Host", tt.host, "X-Forwarded-Uri", tt.uri)
				if to := a.Header.Get("Location"); to != tt.want || (a.Status == 302) != (to != "") || a.Status != 302 && a.Status != 401 {
					t.Errorf("%q: %d %s %s, want %s", credential, a.Status, to, a.Body, tt.want)
				}
			}
		})
	}
	if a := srv.Request("GET", all, "", "Accept", "text/html", "Cookie", "postern_session="+s); a.Status != 200 {
		t.Errorf("a signed-in caller: %d", a.Status)
	}
}

// Only a trusted proxy can set the URL to which the login returns.
func TestForwardAuthTrustsConfiguredProxiesOnly(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, trustProxy("10.0.0.0/8"))
	a := srv.Request("GET", forwardAuth+"?organization=acme&login=redirect", "", "Accept", "text/html",
		"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example", "X-Forwarded-Uri", "/", "X-Forwarded-For", "10.0.0.1")
	if a.Status != 302 || a.Header.Get("Location") != "/.postern/sign-in" {
		t.Errorf("%d %s", a.Status, a.Header.Get("Location"))
	}
}

// The rate limit counts sessions, because all requests of a proxy come from one address.
func TestForwardAuthLimitsEachSession(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("default=2/h,pending=1/h"))
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	for i, want := range []int{200, 200, 200, 429} { // the first request counts as pending
		if a := srv.Request("GET", forwardAuth, "", "Cookie", "postern_session="+s); a.Status != want {
			t.Errorf("request %d: %d, want %d", i+1, a.Status, want)
		}
	}
	if a := srv.Request("GET", forwardAuth, ""); a.Status != 401 {
		t.Errorf("another caller: %d", a.Status)
	}
}

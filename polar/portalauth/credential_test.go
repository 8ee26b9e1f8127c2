package portalauth

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestTokenSourceOrder(t *testing.T) {
	for name, test := range map[string]struct {
		method, target string
		header         []string
		options        Options
		token          string // several cookies, separated by spaces
		from           tokenSource
	}{
		"nothing":               {target: "/", from: noToken},
		"a bearer":              {target: "/", header: []string{"Authorization: Bearer a"}, token: "a", from: fromHeader},
		"any case, more spaces": {target: "/", header: []string{"Authorization: bEARER   a"}, token: "a", from: fromHeader},
		"an empty bearer":       {target: "/", header: []string{"Authorization: Bearer ", "Cookie: postern_session=c"}, token: "c", from: fromCookie},
		"another scheme":        {target: "/?customer_session_token=q", header: []string{"Authorization: Basic a"}, token: "q", from: fromQuery},
		"a bearer beats all":    {target: "/?customer_session_token=q", header: []string{"Authorization: Bearer polar_cst_a", "Cookie: postern_session=c"}, token: "polar_cst_a", from: fromHeader},
		"a bearer of the application does not hide a cookie": {target: "/", header: []string{"Authorization: Bearer eyJ", "Cookie: postern_session=c"}, token: "c", from: fromCookie},
		"a bearer of the application does not hide a link":   {target: "/?customer_session_token=q", header: []string{"Authorization: Bearer eyJ"}, token: "q", from: fromQuery},
		"several cookies":                 {target: "/", header: []string{"Cookie: postern_session=c; a=b; postern_session=d"}, token: "c d", from: fromCookie},
		"cookies with a prefix":           {target: "/", header: []string{"Cookie: postern_session=c; __Host-postern_session=d"}, token: "d c", from: fromCookie},
		"a configured name is read alone": {target: "/", header: []string{"Cookie: postern_session=c; __Host-postern_session=d"}, options: Options{Cookie: Cookie{Name: "__Host-postern_session"}}, token: "d", from: fromCookie},
		"a link beats a cookie":           {target: "/?member_session_token=q", header: []string{"Cookie: postern_session=c"}, token: "q", from: fromQuery},
		"an escaped name":                 {target: "/?a=b&customer%5Fsession_token=q", token: "q", from: fromQuery},
		"an empty link":                   {target: "/?customer_session_token=", header: []string{"Cookie: postern_session=c"}, token: "c", from: fromCookie},
		"POST with a link":                {method: "POST", target: "/?customer_session_token=q", from: noToken},
		"links disabled":                  {target: "/?customer_session_token=q", options: Options{NoQueryToken: true}, from: noToken},
		"a cookie of another name":        {target: "/", header: []string{"Cookie: sid=c; postern_session=x"}, options: Options{Cookie: Cookie{Name: "sid"}}, token: "c", from: fromCookie},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.target, nil)
			for _, h := range test.header {
				name, value, _ := strings.Cut(h, ": ")
				r.Header.Add(name, value)
			}
			v := Verifier{options: test.options}
			v.options.setDefaults()
			if tokens, from := v.credentials(r); strings.Join(tokens, " ") != test.token || from != test.from {
				t.Errorf("%q from %d", tokens, from)
			}
		})
	}
}

// The server has the same test of its own cookies.
func TestCookieValues(t *testing.T) {
	many := "postern_session=1; postern_session=2; postern_session=3; postern_session=4; postern_session=5; postern_session=6; postern_session=7; postern_session=8; postern_session=9"
	for _, tt := range []struct{ name, cookies, want string }{
		{"none", "a=b", ""},
		{"one", "a=b; postern_session=1", "1"},
		{"two of one name", "postern_session=1; postern_session=2", "1 2"},
		{"the same twice", "postern_session=1; postern_session=1; __Host-postern_session=1", "1"},
		{"empty ones", "postern_session=; postern_session=2; postern_session=", "2"},
		{"safer names first", "postern_session=1; __Secure-postern_session=2; __Host-postern_session=3", "3 2 1"},
		{"another case is another cookie", "Postern_Session=1; __host-postern_session=2", ""},
		{"more than are tried", many, "1 2 3 4 5 6 7 8"},
		{"many of another name", strings.ReplaceAll(many, "postern_session", "x") + "; postern_session=1", "1"},
	} {
		r := &http.Request{Header: http.Header{"Cookie": {tt.cookies}}}
		if got := strings.Join(cookieValues(r, defaultCookies...), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTargetWithoutToken(t *testing.T) {
	for target, want := range map[string]string{
		"/?customer_session_token=a":                        "/",
		"/a/b?member_session_token=a&x=1":                   "/a/b?x=1",
		"/a?x=%20+&customer_session_token=a&y=%2F&&x=2":     "/a?x=%20+&y=%2F&x=2",
		"/a%2Fb?customer%5Fsession%5Ftoken=a":               "/a%2Fb",
		"/?customer_session_token=a&customer_session_token": "/",
		"//evil.example/?customer_session_token=a":          "/evil.example/",
		"/\\evil.example/?customer_session_token=a":         "/%5Cevil.example/",
		"http://evil.example/p?customer_session_token=a":    "/p",
		"/?x=customer_session_token":                        "/?x=customer_session_token",
	} {
		if got := targetWithoutToken(&http.Request{RequestURI: target, URL: &url.URL{Path: "/stripped"}}); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

// The redirect target is always a path on the same host, without a token.
func FuzzTargetWithoutToken(f *testing.F) {
	f.Add("/a?customer_session_token=a&b=c")
	f.Add("//evil.example/%2e%2e/?member_session_token=%zz")
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		to := targetWithoutToken(&http.Request{RequestURI: target, URL: u})
		if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || strings.ContainsAny(to, "\r\n") {
			t.Errorf("%q redirects to %q", target, to)
		}
		parsed, err := url.ParseRequestURI(to)
		if err != nil {
			t.Fatalf("%q redirects to %q: %v", target, to, err)
		}
		for _, name := range tokenParams {
			if parsed.Query().Has(name) {
				t.Errorf("%q redirects to %q", target, to)
			}
		}
	})
}

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
		token          string
		from           tokenSource
	}{
		"nothing":                  {target: "/", from: noToken},
		"a bearer":                 {target: "/", header: []string{"Authorization: Bearer a"}, token: "a", from: fromHeader},
		"any case, more spaces":    {target: "/", header: []string{"Authorization: bEARER   a"}, token: "a", from: fromHeader},
		"an empty bearer":          {target: "/", header: []string{"Authorization: Bearer ", "Cookie: postern_session=c"}, token: "c", from: fromCookie},
		"another scheme":           {target: "/?customer_session_token=q", header: []string{"Authorization: Basic a"}, token: "q", from: fromQuery},
		"a bearer beats all":       {target: "/?customer_session_token=q", header: []string{"Authorization: Bearer a", "Cookie: postern_session=c"}, token: "a", from: fromHeader},
		"a link beats a cookie":    {target: "/?member_session_token=q", header: []string{"Cookie: postern_session=c"}, token: "q", from: fromQuery},
		"an escaped name":          {target: "/?a=b&customer%5Fsession_token=q", token: "q", from: fromQuery},
		"an empty link":            {target: "/?customer_session_token=", header: []string{"Cookie: postern_session=c"}, token: "c", from: fromCookie},
		"POST with a link":         {method: "POST", target: "/?customer_session_token=q", from: noToken},
		"links disabled":           {target: "/?customer_session_token=q", options: Options{NoQueryToken: true}, from: noToken},
		"a cookie of another name": {target: "/", header: []string{"Cookie: sid=c; postern_session=x"}, options: Options{Cookie: Cookie{Name: "sid"}}, token: "c", from: fromCookie},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.target, nil)
			for _, h := range test.header {
				name, value, _ := strings.Cut(h, ": ")
				r.Header.Add(name, value)
			}
			v := Verifier{options: test.options}
			v.options.setDefaults()
			if token, from := v.credential(r); token != test.token || from != test.from {
				t.Errorf("%q from %d", token, from)
			}
		})
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

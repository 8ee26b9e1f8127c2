package portalauth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// tokenSource is the part of a request that contains the token.
type tokenSource int

const (
	noToken tokenSource = iota
	fromHeader
	fromQuery
	fromCookie
)

// tokenParams are the query parameters that contain the token in links to the portal.
var tokenParams = []string{"customer_session_token", "member_session_token"}

// credential returns the token of a request and its source. A bearer token takes precedence over the query, and the
// query over the cookie.
func (v *Verifier) credential(r *http.Request) (token string, from tokenSource) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if token = strings.TrimLeft(token, " "); strings.EqualFold(scheme, "Bearer") && token != "" {
			return token, fromHeader
		}
	}
	if !v.options.NoQueryToken && isSafeMethod(r.Method) && strings.Contains(r.URL.RawQuery, "session_token=") {
		query := r.URL.Query()
		for _, name := range tokenParams {
			if token := query.Get(name); token != "" {
				return token, fromQuery
			}
		}
	}
	if cookie, err := r.Cookie(v.options.Cookie.Name); err == nil && cookie.Value != "" {
		return cookie.Value, fromCookie
	}
	return "", noToken
}

func isSafeMethod(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// targetWithoutToken returns the path and query of a request without the token. It uses the request target that the client
// sent, because outer handlers may have changed r.URL. The result is always a path on the same host.
func targetWithoutToken(r *http.Request) string {
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		u = r.URL
	}
	path := "/" + strings.TrimLeft(u.EscapedPath(), `/\`)
	// The query is edited as text, so that the other parameters keep their exact form.
	pairs := slices.DeleteFunc(strings.Split(u.RawQuery, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		return pair == "" || err == nil && slices.Contains(tokenParams, plain)
	})
	if len(pairs) == 0 {
		return path
	}
	return path + "?" + strings.Join(pairs, "&")
}

package portalauth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// source is where a request has its token.
type tokenSource int

const (
	noToken tokenSource = iota
	fromHeader
	fromQuery
	fromCookie
)

// queryNames are the parameters in which Polar's links bring a token.
var tokenParams = []string{"customer_session_token", "member_session_token"}

// credential finds the token of a request. A bearer wins over a link, which somebody has just followed, and that over a cookie.
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

// clean is the request's own path and query without a token. It is taken from what the client sent, whatever the handlers in front
// have made of it, and leads to no other host.
func targetWithoutToken(r *http.Request) string {
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		u = r.URL
	}
	path := "/" + strings.TrimLeft(u.EscapedPath(), `/\`)
	// Taken out of the text, so that what else is there stays as it is.
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

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

// maxCookieValues is the largest number of cookies that a request is searched for. Each of them can cost a lookup.
const maxCookieValues = 8

// credentials returns the tokens of a request and their source. A bearer token takes precedence over the query, and the query
// over the cookies, unless [Options.CookieFirst] is set. A bearer token that is not a session token counts only if the request has no other token: it belongs to the
// application and says nothing about the session. Only cookies can be several tokens.
func (v *Verifier) credentials(r *http.Request) (tokens []string, from tokenSource) {
	bearer := bearerToken(r)
	if hasSessionPrefix(bearer) && (!v.options.CookieFirst || !v.hasSession(r)) {
		return []string{bearer}, fromHeader
	}
	if !v.options.NoQueryToken && isSafeMethod(r.Method) && strings.Contains(r.URL.RawQuery, "session_token=") {
		query := r.URL.Query()
		for _, name := range tokenParams {
			if token := query.Get(name); token != "" {
				return []string{token}, fromQuery
			}
		}
	}
	if tokens := cookieValues(r, v.options.cookieNames()...); len(tokens) > 0 {
		return tokens, fromCookie
	}
	if bearer != "" {
		return []string{bearer}, fromHeader
	}
	return nil, noToken
}

// bearerToken returns the token of the Authorization header, or "".
func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimLeft(token, " ")
}

// cookieValues returns the values of all cookies with the given names: those with the first name first, and cookies of one name
// in the order of the request. It returns at most 8 values, each once and none empty.
//
// A browser sends several cookies of one name if they were set for different paths or domains, and does not tell which is which.
func cookieValues(r *http.Request, names ...string) (values []string) {
	if len(r.Header["Cookie"]) == 0 {
		return nil
	}
	for _, name := range names {
		for _, c := range r.CookiesNamed(name) {
			if len(values) < maxCookieValues && c.Value != "" && !slices.Contains(values, c.Value) {
				values = append(values, c.Value)
			}
		}
	}
	return values
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

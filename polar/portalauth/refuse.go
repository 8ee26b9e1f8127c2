package portalauth

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-go/postern/polar"
)

// refusal is a response that refuses a request, byte for byte as Polar sends it.
type refusal struct {
	status    int
	challenge string // WWW-Authenticate; empty means no such header
	cache     string
	body      string
}

const realm = `Bearer realm="polar"`

var (
	unauthorized = refusal{401, realm, "private, no-store", `{"error":"Unauthorized","detail":"Unauthorized"}`}
	invalidToken = refusal{401, realm + `, error="invalid_token", error_description="` + invalidTokenText + `"`, "no-store",
		`{"error": "invalid_token", "error_description": "` + invalidTokenText + `"}`}
	notPermitted = refusal{403, "", "private, no-store", `{"error":"NotPermitted","detail":"Not permitted"}`}
	unavailable  = refusal{503, "", "private, no-store", `{"error":"ServiceUnavailable","detail":"The session could not be checked. Try again in a moment."}`}
)

const (
	invalidTokenText = "The access token provided is expired, revoked, malformed, or invalid for other reasons."
	scopeText        = "The request requires higher privileges than provided by the access token."
)

func insufficientScope(scopes []polar.Scope) refusal {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return refusal{403, realm + `, scope="` + strings.Join(names, " ") + `", error="insufficient_scope", error_description="` + scopeText + `"`,
		"no-store", `{"error": "insufficient_scope", "error_description": "` + scopeText + `"}`}
}

// refuse responds to a request that is not accepted.
func (v *Verifier) refuse(w http.ResponseWriter, r *http.Request, from tokenSource, scopes []polar.Scope, err error) {
	signedOut := errors.Is(err, polar.ErrUnauthorized) || errors.Is(err, polar.ErrInvalidToken)
	if signedOut && from == fromCookie {
		v.dropCookie(w, r)
	}
	if v.options.ErrorHandler != nil {
		v.options.ErrorHandler(w, r, err)
		return
	}
	if signedOut && v.options.PortalURL != "" && isNavigation(r) {
		v.startSignIn(w, r, targetWithoutToken(r))
		return
	}
	if signedOut && v.options.LoginURL != "" && isNavigation(r) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Location", v.loginURL(r))
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	refusalOf(err, scopes).write(w, r)
}

func refusalOf(err error, scopes []polar.Scope) refusal {
	switch {
	case errors.Is(err, ErrCrossOrigin):
		return notPermitted
	case errors.Is(err, polar.ErrInsufficientScope):
		return insufficientScope(scopes)
	case errors.Is(err, polar.ErrInvalidToken):
		return invalidToken
	case errors.Is(err, polar.ErrUnauthorized):
		return unauthorized
	}
	return unavailable
}

func (a refusal) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", a.cache)
	if a.challenge != "" {
		h.Set("WWW-Authenticate", a.challenge)
	}
	if a.cache == "no-store" {
		h.Set("Pragma", "no-cache")
	}
	if a.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		io.WriteString(w, a.body)
	}
}

// isNavigation reports whether a browser loads a page with this request. Only then is a redirect to the login page useful.
func isNavigation(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return isSafeMethod(r.Method) && (mode == "" || mode == "navigate") && strings.Contains(strings.Join(r.Header["Accept"], ","), "text/html")
}

// loginURL returns the login page with the current page as return_url.
func (v *Verifier) loginURL(r *http.Request) string {
	u, err := url.Parse(v.options.LoginURL)
	if err != nil || v.options.PublicURL == "" {
		return v.options.LoginURL
	}
	query := u.Query()
	query.Set("return_url", strings.TrimRight(v.options.PublicURL, "/")+targetWithoutToken(r))
	u.RawQuery = query.Encode()
	return u.String()
}

package portalauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-go/postern/polar"
)

var (
	errNoToken     = fmt.Errorf("portalauth: the request has no session token: %w", polar.ErrUnauthorized)
	errCrossOrigin = fmt.Errorf("portalauth: %w", ErrCrossOrigin)
)

// Require returns middleware that passes requests to the next handler if they have a live session with all of the scopes, and
// refuses all other requests. Without scopes, every live session is accepted. Handlers get the caller with [FromContext].
//
//	http.Handle("/api/", auth.Require("customer_portal:read")(api))
//
// The token is taken from the Authorization header, from the query of a GET or HEAD request, or from the cookie, in this order. A
// bearer token that is not a session token, such as one of your application, does not hide a session in the query or the cookie.
// If a browser sends several cookies of the name, the first live session counts; at most 8 of them are tried.
// A token in the query is moved to the cookie by a redirect to the same URL without the token. Requests with the cookie, other
// than GET and HEAD, must come from a page of the same origin or of [Options.TrustedOrigins].
func (v *Verifier) Require(scopes ...polar.Scope) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Add("Vary", "Authorization, Cookie")
			h.Set("Cache-Control", "private")
			if !v.isReady() {
				unavailable.write(w, r)
				return
			}
			tokens, from := v.credentials(r)
			identity, err := v.authorize(r, tokens, from, scopes)
			switch {
			case from == fromQuery && !errors.Is(err, ErrUnavailable):
				v.redirectWithoutToken(w, r, tokens[0], identity)
			case err != nil:
				v.refuse(w, r, from, scopes, err)
			default:
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, identity)))
			}
		})
	}
}

// authorize returns the identity of the caller, or nil and the reason for refusing the request. If the reason is
// polar.ErrInsufficientScope, it also returns the identity.
func (v *Verifier) authorize(r *http.Request, tokens []string, from tokenSource, scopes []polar.Scope) (*Identity, error) {
	if from == noToken {
		return nil, errNoToken
	}
	if from == fromCookie && v.crossOrigin.Check(r) != nil {
		return nil, errCrossOrigin
	}
	e, _, err := v.verifyAny(r.Context(), tokens)
	if err != nil {
		return nil, err
	}
	for _, scope := range scopes {
		if !e.identity.Can(scope) {
			return &e.identity, fmt.Errorf("portalauth: %w: the session needs %s", polar.ErrInsufficientScope, scope)
		}
	}
	return &e.identity, nil
}

// verifyAny verifies one token after the other, until one is valid or cannot be checked. It returns the valid token and its
// entry, or the error of the first token if all of them are invalid.
func (v *Verifier) verifyAny(ctx context.Context, tokens []string) (e *entry, token string, err error) {
	for i, token := range tokens {
		e, failed := v.verify(ctx, token)
		if i == 0 {
			err = failed
		}
		if !errors.Is(failed, polar.ErrInvalidToken) {
			return e, token, failed
		}
	}
	return nil, "", err
}

// redirectWithoutToken redirects to the URL without the token. It moves a valid token to the cookie. It drops an invalid token,
// so that the browser's existing cookie stays in use.
func (v *Verifier) redirectWithoutToken(w http.ResponseWriter, r *http.Request, token string, identity *Identity) {
	if identity != nil {
		v.setCookie(w, token, *identity)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Location", targetWithoutToken(r))
	w.WriteHeader(http.StatusSeeOther)
}

// SignIn verifies a token that a login returned, and sets the cookie. If it returns an error, it sets no cookie. The errors are
// those of [Verifier.Verify].
func (v *Verifier) SignIn(ctx context.Context, w http.ResponseWriter, token string) (Identity, error) {
	identity, err := v.Verify(ctx, token)
	if err == nil {
		v.setCookie(w, token, identity)
	}
	return identity, err
}

// SignOut revokes the session of a request and deletes the cookie. If the request has several cookies with sessions, it revokes
// all of them. It returns nil if the request has no session. Polar
// cannot revoke a session by its token: there, SignOut deletes the cookie and returns polar.ErrNotFound.
func (v *Verifier) SignOut(w http.ResponseWriter, r *http.Request) error {
	if !v.isReady() {
		return errNoVerifier
	}
	tokens, from := v.credentials(r)
	if from == fromCookie {
		v.dropCookie(w, r)
	}
	for _, token := range tokens {
		if !wellFormed(token) {
			continue
		}
		err := v.client.CustomerPortal.CustomerSession.SignOut(r.Context(), polar.SecurityFor(token))
		v.sessions.remove(digestOf(token))
		if err != nil && !errors.Is(err, polar.ErrUnauthorized) {
			return err
		}
	}
	return nil
}

func (v *Verifier) setCookie(w http.ResponseWriter, token string, identity Identity) {
	cookie := v.options.cookie(token)
	cookie.Expires = identity.ExpiresAt
	http.SetCookie(w, cookie)
}

// dropCookie deletes the cookies that can hold a request's token. It cannot delete cookies of another path or domain.
func (v *Verifier) dropCookie(w http.ResponseWriter, r *http.Request) {
	for _, name := range v.options.cookieNames() {
		if len(r.CookiesNamed(name)) == 0 {
			continue
		}
		cookie := v.options.cookie("")
		cookie.Name, cookie.MaxAge = name, -1
		if strings.HasPrefix(name, "__") { // browsers accept a cookie with the prefix only with these attributes
			cookie.Secure = true
		}
		if strings.HasPrefix(name, "__Host-") {
			cookie.Path, cookie.Domain = "/", ""
		}
		http.SetCookie(w, cookie)
	}
}

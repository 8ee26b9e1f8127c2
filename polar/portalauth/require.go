package portalauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
// The token is taken from the Authorization header, from the query of a GET or HEAD request, or from the cookie, in this order.
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
			token, from := v.credential(r)
			identity, err := v.authorize(r, token, from, scopes)
			switch {
			case from == fromQuery && !errors.Is(err, ErrUnavailable):
				v.redirectWithoutToken(w, r, token, identity)
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
func (v *Verifier) authorize(r *http.Request, token string, from tokenSource, scopes []polar.Scope) (*Identity, error) {
	if from == noToken {
		return nil, errNoToken
	}
	if from == fromCookie && v.crossOrigin.Check(r) != nil {
		return nil, errCrossOrigin
	}
	e, err := v.verify(r.Context(), token)
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

// SignOut revokes the session of a request and deletes the cookie. It returns nil if the request has no session. Polar
// cannot revoke a session by its token: there, SignOut deletes the cookie and returns polar.ErrNotFound.
func (v *Verifier) SignOut(w http.ResponseWriter, r *http.Request) error {
	if !v.isReady() {
		return errNoVerifier
	}
	token, from := v.credential(r)
	if from == noToken {
		return nil
	}
	if from == fromCookie {
		v.dropCookie(w)
	}
	if !wellFormed(token) {
		return nil
	}
	err := v.client.CustomerPortal.CustomerSession.SignOut(r.Context(), polar.SecurityFor(token))
	v.sessions.remove(digestOf(token))
	if errors.Is(err, polar.ErrUnauthorized) {
		return nil
	}
	return err
}

func (v *Verifier) setCookie(w http.ResponseWriter, token string, identity Identity) {
	cookie := v.options.cookie(token)
	cookie.Expires = identity.ExpiresAt
	http.SetCookie(w, cookie)
}

func (v *Verifier) dropCookie(w http.ResponseWriter) {
	cookie := v.options.cookie("")
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
}

package portalauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-go/postern/polar"
)

var (
	errNoToken     = fmt.Errorf("portalauth: the request has no session: %w", polar.ErrUnauthorized)
	errCrossOrigin = fmt.Errorf("portalauth: %w", ErrCrossOrigin)
)

// Require makes middleware that lets requests through whose session is live and has all of the scopes; none lets every live session
// through. Handlers behind it find who is calling with [FromContext].
//
//	http.Handle("/api/", auth.Require("customer_portal:read")(api))
//
// The session is the bearer of the request, a token in the query of a GET, or a cookie. A browser that comes with a token in the
// query gets the cookie for it, and is sent on to the same address without it. What changes something, by a cookie, must come from
// a page of the same origin.
func (v *Verifier) Require(scopes ...polar.Scope) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Add("Vary", "Authorization, Cookie")
			h.Set("Cache-Control", "private")
			token, from := v.credential(r)
			who, err := v.authorize(r, token, from, scopes)
			switch {
			case from == fromQuery && !errors.Is(err, ErrUnavailable):
				v.redirectWithoutToken(w, r, token, who)
			case err != nil:
				v.refuse(w, r, from, scopes, err)
			default:
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, who)))
			}
		})
	}
}

// admit is who is calling, and nil with what is against it; with polar.ErrInsufficientScope, it is both.
func (v *Verifier) authorize(r *http.Request, token string, from tokenSource, scopes []polar.Scope) (*Identity, error) {
	if from == noToken {
		return nil, errNoToken
	}
	if from == fromCookie && v.configErr == nil && v.crossOrigin.Check(r) != nil {
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

// swap takes the token out of the URL: into the cookie if it is good, and away if it is not, so that a session that the browser
// has already still counts.
func (v *Verifier) redirectWithoutToken(w http.ResponseWriter, r *http.Request, token string, who *Identity) {
	if who != nil {
		v.setCookie(w, token, *who)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Location", targetWithoutToken(r))
	w.WriteHeader(http.StatusSeeOther)
}

// SignIn verifies a token, as a login gave it, and gives it to the browser in the cookie. Its errors are those of
// [Verifier.Verify]; then there is no cookie.
func (v *Verifier) SignIn(ctx context.Context, w http.ResponseWriter, token string) (Identity, error) {
	who, err := v.Verify(ctx, token)
	if err == nil {
		v.setCookie(w, token, who)
	}
	return who, err
}

// SignOut ends the session of a request for good, and takes the cookie away. There is no error when there was none. On Polar
// sessions cannot be ended: there it is polar.ErrNotFound, and only the cookie is gone.
func (v *Verifier) SignOut(w http.ResponseWriter, r *http.Request) error {
	token, from := v.credential(r)
	if from == noToken {
		return nil
	}
	if from == fromCookie {
		v.dropCookie(w)
	}
	if v.configErr != nil || !wellFormed(token) {
		return nil
	}
	err := v.client.CustomerPortal.CustomerSession.SignOut(r.Context(), polar.SecurityFor(token))
	v.sessions.remove(digestOf(token))
	if errors.Is(err, polar.ErrUnauthorized) {
		return nil
	}
	return err
}

func (v *Verifier) setCookie(w http.ResponseWriter, token string, who Identity) {
	cookie := v.options.cookie(token)
	cookie.Expires = who.ExpiresAt
	http.SetCookie(w, cookie)
}

func (v *Verifier) dropCookie(w http.ResponseWriter) {
	cookie := v.options.cookie("")
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
}

package portalauth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/postern-go/postern/polar"
)

// Handler serves the pages with which browsers sign in at the portal of [Options.PortalURL] and sign out. Mount it at "/.postern/",
// without the middleware of [Verifier.Require]:
//
//	mux.Handle("/.postern/", auth.Handler())
//
// The pages are:
//
//	/.postern/sign-in?to=/reports    starts the sign-in, and returns to the page in "to"
//	/.postern/callback               exchanges the ticket of the portal for the cookie
//	/.postern/sign-out?to=/goodbye   ends the session, and goes to the page in "to", or to "/"
//
// A link or a form of this application signs out at once; a link of another site asks first. A ticket works once, for a minute, and
// only in the browser that has started the sign-in. Requests to other paths get a 404, and all requests if PortalURL is not set.
func (v *Verifier) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		page := ""
		if v.isReady() && v.options.PortalURL != "" {
			page = path.Base(r.URL.Path)
		}
		switch {
		case page != "sign-in" && page != "callback" && page != "sign-out":
			http.NotFound(w, r)
		case page == "sign-out" && r.Method == http.MethodPost:
			v.signOutForm(w, r)
		case !isSafeMethod(r.Method):
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		case page == "sign-out":
			v.signOutPage(w, r)
		case r.Method == http.MethodHead || isPreview(r): // browsers load the page again when a person opens it
			w.WriteHeader(http.StatusServiceUnavailable)
		case page == "sign-in":
			v.signInPage(w, r)
		default:
			v.callback(w, r)
		}
	})
}

const (
	verifierCookie = "postern_sign_in"
	// verifierSeconds is how long a sign-in may take.
	verifierSeconds = 60 * 60
	// maxTarget is the maximum length of the page to which a sign-in returns, in bytes.
	maxTarget = 2000
)

// verifierCookieOf returns the cookie that stores the verifier of a browser's sign-in.
func (v *Verifier) verifierCookieOf(value string, maxAge int) *http.Cookie {
	c := &http.Cookie{Name: verifierCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !v.options.Cookie.Insecure}
	if c.Secure {
		c.Name = "__Host-" + verifierCookie // no other host of the domain can set it
	}
	return c
}

// verifierOf returns the verifier of a request, or "".
func (v *Verifier) verifierOf(r *http.Request) string {
	c, err := r.Cookie(v.verifierCookieOf("", 0).Name)
	if err != nil || len(c.Value) > 64 {
		return ""
	}
	return c.Value
}

// startSignIn redirects a browser to the sign-in page of the portal, from which it returns to a page of this application.
func (v *Verifier) startSignIn(w http.ResponseWriter, r *http.Request, to string) {
	verifier := v.verifierOf(r)
	if verifier == "" {
		verifier = rand.Text()
	}
	http.SetCookie(w, v.verifierCookieOf(verifier, verifierSeconds)) // a browser with several tabs has one verifier for all of them
	if !isTarget(to) {
		to = "/"
	}
	rest := base64.RawURLEncoding.EncodeToString([]byte(to))
	query := url.Values{"return_url": {v.callbackURL()}, "state": {challenge(verifier, rest) + "." + rest}}
	v.redirect(w, strings.TrimRight(v.options.PortalURL, "/")+"/request?"+query.Encode())
}

func (v *Verifier) callbackURL() string {
	return strings.TrimRight(v.options.PublicURL, "/") + "/.postern/callback"
}

// challenge returns the digest with which a state begins; see polar.CustomerSessionRedeem.
func challenge(verifier, rest string) string {
	sum := sha256.Sum256([]byte(verifier + "." + rest))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (v *Verifier) redirect(w http.ResponseWriter, to string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// page returns the URL of a page of this application.
func (v *Verifier) page(to string) string { return strings.TrimRight(v.options.PublicURL, "/") + to }

// isTarget reports whether a text is the path and query of a page on the same host, to which a sign-in can return.
func isTarget(text string) bool {
	if len(text) > maxTarget || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.Contains(text, "/.postern/") {
		return false
	}
	return !strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c >= 0x7F || c == '\\' || c == '#' })
}

// targetOf returns the page in the parameter "to", or "/".
func targetOf(r *http.Request) string {
	if to := r.URL.Query().Get("to"); isTarget(to) {
		return to
	}
	return "/"
}

// isPreview reports whether a browser loads a page in advance.
func isPreview(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if purpose := strings.ToLower(r.Header.Get(name)); strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender") || strings.Contains(purpose, "preview") {
			return true
		}
	}
	return false
}

func (v *Verifier) signInPage(w http.ResponseWriter, r *http.Request) {
	if v.hasSession(r) {
		v.redirect(w, v.page(targetOf(r)))
		return
	}
	v.startSignIn(w, r, targetOf(r))
}

// hasSession reports whether the cookies of a request have a live session.
func (v *Verifier) hasSession(r *http.Request) bool {
	_, _, err := v.verifyAny(r.Context(), cookieValues(r, v.options.cookieNames()...))
	return err == nil && len(cookieValues(r, v.options.cookieNames()...)) > 0
}

// callback exchanges a ticket for the session cookie. Without the verifier of the browser that has started the sign-in, it shows a
// page instead of redirecting, so that a browser without cookies is not redirected forever.
func (v *Verifier) callback(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address contains a ticket
	query, verifier := r.URL.Query(), v.verifierOf(r)
	state := query.Get("state")
	sum, rest, _ := strings.Cut(state, ".")
	to := "/"
	if plain, err := base64.RawURLEncoding.DecodeString(rest); err == nil && isTarget(string(plain)) {
		to = string(plain)
	}
	err := polar.ErrInvalidToken
	if verifier != "" && sum == challenge(verifier, rest) {
		err = v.redeem(w, r, polar.CustomerSessionRedeem{Ticket: query.Get("ticket"), State: state, Verifier: verifier, ReturnURL: v.callbackURL()})
	}
	switch refused := errors.Is(err, polar.ErrInvalidToken); {
	case err == nil, refused && v.hasSession(r): // a reloaded page, or another tab was faster
		v.redirect(w, v.page(to))
	case refused:
		showPage(w, http.StatusForbidden, pageContent{
			Title: "Please sign in again", Text: "This sign-in took too long, was started in another browser, or this browser accepts no cookies.",
			To: v.page("/.postern/sign-in?to=" + url.QueryEscape(to)), Label: "Sign in again",
		})
	default:
		unavailable.write(w, r)
	}
}

// redeem sets the session cookie for a ticket.
func (v *Verifier) redeem(w http.ResponseWriter, r *http.Request, in polar.CustomerSessionRedeem) error {
	session, err := v.client.CustomerPortal.CustomerSession.Redeem(r.Context(), in)
	if err != nil {
		return err
	}
	if _, err := v.SignIn(r.Context(), w, session.Token); err != nil { // refuses the sessions of other organizations
		return err
	}
	http.SetCookie(w, v.verifierCookieOf("", -1))
	return nil
}

func (v *Verifier) signOutPage(w http.ResponseWriter, r *http.Request) {
	h := r.Header
	clicked := h.Get("Sec-Fetch-Site") == "same-origin" && h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-Dest") == "document"
	if r.Method == http.MethodHead || isPreview(r) || !clicked {
		showPage(w, http.StatusOK, pageContent{
			Title: "Sign out?", Text: "This ends your session here and on all pages that you have opened with it.",
			To: v.page("/.postern/sign-out?to=" + url.QueryEscape(targetOf(r))), Label: "Sign out", Form: true,
		})
		return
	}
	if v.endSession(w, r) {
		v.redirect(w, v.page(targetOf(r)))
	}
}

// signOutForm signs out. It shows a page instead of redirecting, because browsers follow a form only where the policy of its page
// allows, and the next page may be the portal.
func (v *Verifier) signOutForm(w http.ResponseWriter, r *http.Request) {
	if v.crossOrigin.Check(r) != nil {
		notPermitted.write(w, r)
		return
	}
	if v.endSession(w, r) {
		to := v.page(targetOf(r))
		showPage(w, http.StatusOK, pageContent{Title: "You’ve been signed out", To: to, Next: to, Label: "Continue"})
	}
}

// endSession revokes the session. It reports false if it has answered the request.
func (v *Verifier) endSession(w http.ResponseWriter, r *http.Request) bool {
	if err := v.SignOut(w, r); err != nil {
		unavailable.write(w, r)
		return false
	}
	return true
}

// pageContent is the content of a page. Label is the text of a link to To, or of a button that sends a form there. The browser loads
// Next at once.
type pageContent struct {
	Title, Text, To, Label, Next string
	Form                         bool
}

var pageTemplate = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{{- with .Next}}
<meta http-equiv="refresh" content="0; url={{.}}">
{{- end}}
<title>{{.Title}}</title>
<h1>{{.Title}}</h1>
{{with .Text}}<p>{{.}}</p>{{end}}
{{if .Form}}<form method="post" action="{{.To}}"><p><button>{{.Label}}</button></p></form>
{{- else}}<p><a href="{{.To}}">{{.Label}}</a></p>{{end}}
`))

func showPage(w http.ResponseWriter, status int, content pageContent) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	pageTemplate.Execute(w, content) // an error means that the client has disconnected
}

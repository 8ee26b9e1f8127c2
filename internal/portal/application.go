package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// Pages below applicationPages are on the host of an application: its proxy passes requests for /.postern/ on to them. They give the
// browser a session at this host, and end it. The application's host is the one of the headers that a trusted proxy sends.
const (
	applicationPages = ".postern/"
	applicationBase  = "/.postern"
)

// The cookies on the host of an application, except for the session cookie. Their names have the prefix __Host- on https.
const (
	// verifierCookie stores the verifier of a sign-in; see [login.NewState].
	verifierCookie   = "postern_sign_in"
	verifierLifetime = time.Hour
)

// applicationRoutes returns the pages on the host of an application by their paths below applicationPages.
func applicationRoutes() map[string]route {
	return map[string]route{
		"sign-in":  {path: applicationPages + "sign-in", get: (*request).startSignIn},
		"callback": {path: applicationPages + "callback", get: (*request).finishSignIn},
		"sign-out": {path: applicationPages + "sign-out", get: (*request).confirmSignOut, post: (*request).signOutHere},
	}
}

// errNoApplication is the error for a host that is not one of the organization's application hosts.
var errNoApplication = fault.New(fault.NotPermitted, "The host is not one of the organization's application hosts.")

// handleApplication answers a request for a page on the host of an application.
func (p *Portal) handleApplication(r *request) error {
	r.Base, r.Path = applicationBase, strings.TrimPrefix(r.Path, applicationPages)
	if name, ok := strings.CutPrefix(r.Path, "assets/"); ok {
		r.Exchange.SetRoute(directory.PortalRoute + "/" + applicationPages + "assets/{name}")
		return files().Serve(r.Exchange, r.Request.Request, name)
	}
	r.onApplication, r.memory, r.returnTo = true, memory{}, target{}
	r.application = web.ForwardedOrigin(r.Request.Request, r.TrustedProxies)
	to, known := applicationRoutes()[r.Path]
	if known {
		r.Exchange.SetRoute(directory.PortalRoute + "/" + to.path)
	}
	r.Exchange.Subject = r
	if err := r.authenticate(to); err != nil && !fault.Is(err, fault.InvalidToken) {
		return err
	}
	if !known {
		return page.ErrNoPage
	}
	if !r.org.Portal.IsCallback(r.callback(), r.Secure()) {
		return withCause(errNoApplication, r.noApplicationCause())
	}
	return r.serve(to)
}

// noApplicationCause says in the log what to set.
func (r *request) noApplicationCause() error {
	if r.application == nil {
		return errors.New("the request has no X-Forwarded-Proto and X-Forwarded-Host of a trusted proxy; set both in the proxy, and its address in --trusted-proxies")
	}
	return fmt.Errorf("%s is none; add the host with postern organization settings --application-host, and use https if the public URL does", r.application)
}

// callback returns the address to which the sign-in page sends a ticket for this application. It is nil if the proxy has not named the
// application's host.
func (r *request) callback() *url.URL {
	if r.application == nil {
		return nil
	}
	return &url.URL{Scheme: r.application.Scheme, Host: r.application.Host, Path: directory.CallbackPath}
}

// startSignIn answers GET /.postern/sign-in. It sends the browser to the sign-in page, from which it comes back to finishSignIn and
// then to the page that the parameter "to" names. A browser with a session goes there at once.
func (r *request) startSignIn() error {
	to := r.targetOr("/")
	if r.session != nil {
		return r.redirectHere(to)
	}
	if r.Method != http.MethodGet || r.IsPreview() {
		r.WriteHeader(http.StatusServiceUnavailable)
		return nil
	}
	verifier := r.verifier()
	if verifier == "" {
		verifier = login.NewVerifier()
	}
	r.setHere(verifierCookie, verifier, verifierLifetime) // a browser with several tabs has one verifier for all of them
	u := r.PublicURL.JoinPath(directory.PortalPath(r.slug, "request"))
	u.RawQuery = url.Values{"return_url": {r.callback().String()}, "state": {login.NewState(verifier, to)}}.Encode()
	return r.redirectHere(u.String())
}

// targetOr returns the page of the parameter "to", or another one if the parameter names no page of this host.
func (r *request) targetOr(other string) string {
	if to := r.URL.Query().Get("to"); web.IsTarget(to) && !strings.HasPrefix(to, applicationBase+"/") {
		return to
	}
	return other
}

// finishSignIn answers GET /.postern/callback. It exchanges the ticket for a session cookie of this host.
//
// The ticket works in the browser that has started the sign-in only. Without the verifier of that browser, the page does not sign
// in, does not spend the ticket, and does not redirect on its own, so that a browser without cookies is not redirected forever.
func (r *request) finishSignIn() error {
	r.Exchange.Header().Set("Referrer-Policy", "no-referrer") // the address contains a ticket
	if r.Method != http.MethodGet || r.IsPreview() {
		r.WriteHeader(http.StatusServiceUnavailable) // browsers load the page again when a person opens it
		return nil
	}
	q := r.URL.Query()
	to, own := login.ReadState(q.Get("state"), r.verifier())
	if !web.IsTarget(to) || strings.HasPrefix(to, applicationBase+"/") {
		to = "/"
	}
	tok, live, err := r.redeem(q.Get("ticket"), q.Get("state"), own)
	switch {
	case fault.Is(err, fault.InvalidToken) && r.session != nil: // the page was loaded again, or another tab was faster
		return r.redirectHere(to)
	case fault.Is(err, fault.InvalidToken):
		r.Cause = err
		return r.show(http.StatusForbidden, "application", r.signInFailedView(to))
	case err != nil:
		return err
	}
	r.setHere(web.SessionCookie, tok.Reveal(), live.ExpiresAt.Sub(r.Now()))
	r.setHere(verifierCookie, "", -1)
	return r.redirectHere(to)
}

// redeem exchanges a ticket for the token of a live session of the organization.
func (r *request) redeem(ticket, state string, own bool) (tok token.Token, live session.Session, err error) {
	if !own {
		return tok, live, page.ErrSignedOut
	}
	if tok, err = r.Login.RedeemTicket(r.Context(), ticket, r.callback(), state, r.verifier()); err != nil {
		return tok, live, err
	}
	if live, err = r.Sessions.Verify(r.Context(), tok); err == nil && live.Organization != r.org.ID.Key() {
		err = page.ErrSignedOut
	}
	return tok, live, err
}

func (r *request) signInFailedView(to string) view {
	return r.applicationView("application.failed.title", applicationPage{
		Text: r.localizer.Text("application.failed.text"), To: r.Base + "/sign-in?" + url.Values{"to": {to}}.Encode(), Label: r.localizer.Text("application.failed.again"),
	})
}

// applicationView returns a page on the host of an application.
func (r *request) applicationView(title string, content applicationPage) view {
	shown := r.newSignInView(r.localizer.Text(title))
	shown.Back, shown.Page = nil, content
	return shown
}

// confirmSignOut answers GET /.postern/sign-out. A link of the application itself signs out at once. If another site may have sent
// the customer here, a page asks first.
func (r *request) confirmSignOut() error {
	h := r.Request.Header
	clicked := h.Get("Sec-Fetch-Site") == "same-origin" && h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-Dest") == "document"
	if clicked && r.Method == http.MethodGet && !r.IsPreview() {
		if err := r.endHere(); err != nil {
			return err
		}
		return r.redirectHere(r.targetOr("/"))
	}
	return r.show(http.StatusOK, "application", r.signOutView())
}

func (r *request) signOutView() view {
	path := r.Base + "/sign-out"
	if to := r.targetOr(""); to != "" {
		path += "?" + url.Values{"to": {to}}.Encode()
	}
	return r.applicationView("application.sign-out.title", applicationPage{
		Text: r.localizer.Text("application.sign-out.text", "Name", shorten(r.org.Name)), To: path, Label: r.localizer.Text("sign-out"), Form: true,
	})
}

// signOutHere answers POST /.postern/sign-out. Its page leads to the page that the parameter "to" names. It does not redirect, because
// browsers follow a form only where the policy of its page allows, and the next page may be the sign-in page of the portal.
func (r *request) signOutHere() error {
	if err := r.endHere(); err != nil {
		return err
	}
	return r.show(http.StatusOK, "application", r.signedOutView(r.targetOr("/")))
}

func (r *request) signedOutView(to string) view {
	host := ""
	if r.application != nil {
		host = r.application.Host
	}
	shown := r.applicationView("note.signed-out", applicationPage{To: to, Label: r.localizer.Text("overview.continue", "Host", host)})
	shown.Next = to
	return shown
}

// endHere revokes the session, which is then refused everywhere, and deletes the cookies of this host.
func (r *request) endHere() error {
	if r.session != nil {
		r.SetActor(r.actor())
		if err := r.Sessions.SignOut(r.Context(), r.session); err != nil {
			return err
		}
	}
	for _, name := range web.ForwardAuthCookies {
		if len(r.CookiesNamed(name)) > 0 {
			http.SetCookie(r.Exchange, r.cookieHere(name, "", -1))
		}
	}
	return nil
}

// verifier returns the verifier of the browser's sign-in, or "".
func (r *request) verifier() string {
	c, err := r.Request.Request.Cookie(web.HostCookieName(verifierCookie, r.application.Scheme == "https"))
	if err != nil {
		return ""
	}
	return singleLine(c.Value, 64)
}

// setHere sets a cookie of the application's host. A negative lifetime deletes it.
func (r *request) setHere(name, value string, lifetime time.Duration) {
	http.SetCookie(r.Exchange, r.cookieHere(web.HostCookieName(name, r.application.Scheme == "https"), value, lifetime))
}

func (r *request) cookieHere(name, value string, lifetime time.Duration) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.application.Scheme == "https"}
	if c.MaxAge = -1; lifetime > 0 {
		c.MaxAge, c.Expires = max(1, int(lifetime/time.Second)), r.Now().Add(lifetime).UTC()
	}
	return c
}

// redirectHere redirects to a page of the application or to the sign-in page. It keeps the address byte for byte.
func (r *request) redirectHere(to string) error {
	r.Exchange.Header().Set("Location", to)
	r.WriteHeader(http.StatusSeeOther)
	return nil
}

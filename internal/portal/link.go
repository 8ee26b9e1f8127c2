package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// These are the query parameters of links into the portal. They contain a session's bearer token, or a ticket for one.
const (
	customerToken = "customer_session_token"
	memberToken   = "member_session_token"
	ticket        = "ticket"
)

// link is the token or ticket of a link into the portal, and the holder that it signs in.
type link struct {
	text     string
	isTicket bool
	token    token.Token
	holder   directory.Holder
}

// hasTokenInURL reports whether the URL contains a token. It returns false for HEAD requests, which open no page.
func (r *request) hasTokenInURL() bool {
	q := r.URL.Query()
	return r.Method == http.MethodGet && (q.Has(customerToken) || q.Has(memberToken) || q.Has(ticket))
}

// signInByLink removes a token from the URL: it redirects to a page without the token and the email address. This keeps both out of
// browser histories, referrers and logs of other servers. It reports whether it has answered the request.
//
// A link with a token signs in at once if no other account is signed in. Everything else needs a form: a ticket works only once, and
// programs that look at links must not use it up; and no other site may exchange the account of a customer who is signed in. The
// page with the form is continueForm. If the link is invalid, signInByLink redirects to the sign-in page, unless the customer is
// signed in already.
func (r *request) signInByLink(to route) (done bool, err error) {
	if r.hasTokenInURL() && r.IsPreview() {
		r.WriteHeader(http.StatusServiceUnavailable) // browsers load the page again when a person opens it
		return true, nil
	}
	r.rememberReturn()
	if !r.hasTokenInURL() {
		return false, nil
	}
	path := to.path
	if to.access == anyone || to.get == nil {
		path = "overview"
	}
	l, err := r.checkLink(r.linkInURL())
	switch {
	case fault.Is(err, fault.InvalidToken) && r.session != nil:
		return true, r.Redirect(path)
	case fault.Is(err, fault.InvalidToken):
		return true, r.refuseLink(singleLine(r.URL.Query().Get("email"), directory.MaxEmail), path)
	case err != nil:
		return false, err
	case !l.isTicket && (r.session == nil || r.signedInAs(l.holder)):
		return true, r.enter(l, path)
	}
	r.memory.Next = ""
	if navigable(path) {
		r.memory.Next = path
	}
	r.saveMemory()
	r.setLink(l.text, session.TicketLifetime)
	return true, r.Redirect("continue")
}

// linkInURL returns the token or ticket in the URL.
func (r *request) linkInURL() string {
	q := r.URL.Query()
	for _, name := range []string{ticket, memberToken} {
		if q.Has(name) {
			return q.Get(name)
		}
	}
	return q.Get(customerToken)
}

// checkLink returns the link with a token or ticket. It does not use up the ticket, and does not count as a use of the session. It
// returns fault.InvalidToken if the session is not live or belongs to another organization.
func (r *request) checkLink(text string) (l link, err error) {
	l.text = text
	if l.token, err = token.Check(text); err != nil {
		return l, err
	}
	if l.isTicket = l.token.Kind() == token.Ticket; l.isTicket {
		if l.token, err = r.Sessions.Peek(r.Context(), text); err != nil {
			return l, err
		}
	}
	live, err := r.Sessions.Verify(r.Context(), l.token)
	if err != nil {
		return l, err
	}
	if live.Organization != r.org.ID.Key() {
		return l, page.ErrSignedOut
	}
	l.holder, err = r.Directory.HolderByKeys(r.Context(), live.Customer, live.Member)
	return l, err
}

// enter signs in with the token of a link, and redirects to a page.
func (r *request) enter(l link, path string) error {
	if err := r.signInWith(l.token); err != nil {
		return err
	}
	r.setSession(l.token, *r.session)
	r.memory = memory{Email: page.OrEmpty(r.holder.Email())}
	r.saveMemory()
	if r.session.ReturnURL != "" || r.callbackOf(r.returnTo) != nil {
		r.setReturn(target{}) // the link is newer
	}
	return r.Redirect(path)
}

// refuseLink redirects to the sign-in page, which says that the link is invalid. path is the page to open after the sign-in.
func (r *request) refuseLink(email, path string) error {
	r.memory.Email, r.memory.Next = email, ""
	if navigable(path) {
		r.memory.Next = path
	}
	return r.redirectWithNote("request", noteBadLink)
}

// signedInAs reports whether the client is signed in as a holder.
func (r *request) signedInAs(h directory.Holder) bool {
	return r.session != nil && r.holder.Customer.ID == h.Customer.ID &&
		(r.holder.Member == nil) == (h.Member == nil) && (h.Member == nil || r.holder.Member.ID == h.Member.ID)
}

// continueForm answers GET /{slug}/portal/continue, to which signInByLink redirects.
func (r *request) continueForm() error {
	l, err := r.checkLink(r.Cookie(linkCookie))
	if err != nil {
		return r.withoutLink(err)
	}
	return r.show(http.StatusOK, "continue", r.continueView(l, r.session == nil || r.signedInAs(l.holder)))
}

// continueView returns the page that asks whether to use a link. If submits is set, its script submits the form as soon as a person
// sees the page.
func (r *request) continueView(l link, submits bool) view {
	content := continuePage{Link: digest(l.text), Who: shorten(fullName(l.holder)), Submits: submits}
	title := "continue.title"
	if r.session != nil && !r.signedInAs(l.holder) {
		content.Current, title = shorten(r.name()), "continue.switch.title"
		if content.Current == "" {
			content.Current = r.localizer.Text("choose.unnamed")
		}
	}
	if content.Who == "" {
		content.Who = r.localizer.Text("choose.unnamed")
	}
	shown := r.newSignInView(r.localizer.Text(title))
	shown.Path, shown.Page = "continue", content
	return shown
}

// continueWithLink answers POST /{slug}/portal/continue. It signs in with the link that the page has shown. If the browser has
// opened another link since then, it shows the page again.
func (r *request) continueWithLink() error {
	l, err := r.checkLink(r.Cookie(linkCookie))
	if err == nil && r.PostForm.Get("link") != digest(l.text) {
		return r.Redirect("continue")
	}
	if err == nil && l.isTicket {
		l.token, err = r.Sessions.Redeem(r.Context(), l.text)
	}
	if err != nil {
		return r.withoutLink(err)
	}
	r.setLink("", -1)
	next := r.memory.Next
	if next == "" {
		next = "overview"
	}
	return r.enter(l, next)
}

// withoutLink answers a request whose link in the cookie is missing or invalid. It returns all other errors.
func (r *request) withoutLink(err error) error {
	missing := r.Cookie(linkCookie) == ""
	switch {
	case !fault.Is(err, fault.InvalidToken):
		return err
	case missing || r.session != nil:
		r.setLink("", -1)
		return r.Redirect("")
	}
	r.setLink("", -1)
	return r.refuseLink(r.memory.Email, r.memory.Next)
}

// digest identifies a link in a form without containing its token.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// fullName returns the name and the email address of a holder, or the one that exists, or "".
func fullName(h directory.Holder) string {
	name, email := page.OrEmpty(nameOf(h)), page.OrEmpty(h.Email())
	switch {
	case name == "":
		return email
	case email == "":
		return name
	}
	return name + " (" + email + ")"
}

// setLink stores a link in a cookie for the page continue. A negative lifetime deletes the cookie.
func (r *request) setLink(text string, lifetime time.Duration) {
	c := r.cookies()
	c.Path += "/continue"
	c.Set(r.Exchange, linkCookie, text, lifetime)
}

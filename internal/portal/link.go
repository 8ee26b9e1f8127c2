package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// These are the query parameters of links into the portal. They contain a session's bearer token, or a ticket for one.
const (
	customerToken = "customer_session_token"
	memberToken   = "member_session_token"
	ticket        = "ticket"
)

// hasTokenInURL reports whether the URL contains a token. It returns false for HEAD requests, so that they do not use up a
// ticket.
func (r *request) hasTokenInURL() bool {
	q := r.URL.Query()
	return r.Method == http.MethodGet && (q.Has(customerToken) || q.Has(memberToken) || q.Has(ticket))
}

// signInByLink moves a token from the URL into the cookie, and redirects to the same page without the token and the email
// address. This keeps both out of browser histories, referrers and logs of other servers. If the token is invalid, signInByLink
// redirects to the sign-in page, unless the customer is signed in already. It reports whether it has answered the request.
func (r *request) signInByLink(to route) (done bool, err error) {
	r.rememberReturn()
	if !r.hasTokenInURL() {
		return false, nil
	}
	path := to.path
	if to.access == anyone || to.get == nil {
		path = "overview"
	}
	t, err := r.tokenInURL()
	if err == nil {
		err = r.signInWith(t)
	}
	switch {
	case err == nil:
		r.setSession(t, *r.session)
		r.memory = memory{Email: page.OrEmpty(r.holder.Email()), Return: r.memory.Return}
		r.saveMemory()
		return true, r.Redirect(path)
	case !fault.Is(err, fault.InvalidToken):
		return false, err
	case r.session != nil:
		return true, r.Redirect(path)
	}
	r.memory.Email, r.memory.Next = singleLine(r.URL.Query().Get("email"), directory.MaxEmail), ""
	if navigable(path) {
		r.memory.Next = path
	}
	return true, r.redirectWithNote("request", noteBadLink)
}

// tokenInURL returns the session token in the URL. If the URL contains a ticket, it redeems the ticket, which works only once.
func (r *request) tokenInURL() (token.Token, error) {
	q := r.URL.Query()
	if q.Has(ticket) {
		return r.Sessions.Redeem(r.Context(), q.Get(ticket))
	}
	if text := q.Get(memberToken); text != "" {
		return token.Check(text)
	}
	return token.Check(q.Get(customerToken))
}

// maxReturn is the maximum length of a return URL in bytes. It keeps the cookie below the size limit of browsers.
const maxReturn = 1000

// rememberReturn stores the return URL of the query if the organization allows its host.
func (r *request) rememberReturn() {
	if r.Method != http.MethodGet {
		return
	}
	text := r.URL.Query().Get("return_url")
	if text == "" || len(text) > maxReturn || r.allowedReturn(text) == nil {
		return
	}
	r.memory.Return = text
	r.saveMemory()
}

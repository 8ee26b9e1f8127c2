package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// The names under which an address brings the token of a session, and the one under which it brings a ticket for one.
const (
	customerToken = "customer_session_token"
	memberToken   = "member_session_token"
	ticket        = "ticket"
)

// hasTokenInURL reports whether the address has one. Only a GET brings it: what merely looks whether a page is there uses no
// ticket up.
func (r *request) hasTokenInURL() bool {
	q := r.URL.Query()
	return r.Method == http.MethodGet && (q.Has(customerToken) || q.Has(memberToken) || q.Has(ticket))
}

// swap takes a token out of the address: it becomes a cookie, and the browser is led to the same page at an address that has
// no token and no email address any more. So it is in no history, no referrer and no log of the next server. What is no token
// of this organization's leads to the sign-in, unless the visitor is in already.
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
		r.memory = memory{Email: orEmpty(r.holder.Email()), Return: r.memory.Return}
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

// brought is the token of the address; a ticket for one is used up.
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

// maxReturn is how long an address to return to may be, in bytes: with it, a cookie is no longer than browsers take.
const maxReturn = 1000

// rememberReturn keeps where the visitor came from, if the organization lets pages lead there.
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

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

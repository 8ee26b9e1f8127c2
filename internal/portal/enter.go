package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// The names under which an address brings the token of a session, and the one under which it brings a ticket for one.
const (
	customerToken = "customer_session_token"
	memberToken   = "member_session_token"
	ticket        = "ticket"
)

// bringsToken reports whether the address has one. Only a GET brings it: what merely looks whether a page is there uses no
// ticket up.
func (v *visit) bringsToken() bool {
	q := v.URL.Query()
	return v.Method == http.MethodGet && (q.Has(customerToken) || q.Has(memberToken) || q.Has(ticket))
}

// swap takes a token out of the address: it becomes a cookie, and the browser is led to the same page at an address that has
// no token and no email address any more. So it is in no history, no referrer and no log of the next server. What is no token
// of this organization's leads to the sign-in, unless the visitor is in already.
func (v *visit) swap(to route) (done bool, err error) {
	v.rememberReturn()
	if !v.bringsToken() {
		return false, nil
	}
	page := to.path
	if to.who == everybody || to.get == nil {
		page = "overview"
	}
	t, err := v.brought()
	if err == nil {
		err = v.enter(t)
	}
	switch {
	case err == nil:
		v.setSession(t, *v.live)
		v.memory = memory{Email: orEmpty(v.holder.Email()), Return: v.memory.Return}
		v.remember()
		return true, v.leadTo(page)
	case !fault.Is(err, fault.InvalidToken):
		return false, err
	case v.live != nil:
		return true, v.leadTo(page)
	}
	v.memory.Email, v.memory.Next = plain(v.URL.Query().Get("email"), maxEmail), ""
	if navigable(page) {
		v.memory.Next = page
	}
	return true, v.leadWith("request", noteBadLink)
}

// brought is the token of the address; a ticket for one is used up.
func (v *visit) brought() (token.Token, error) {
	q := v.URL.Query()
	if q.Has(ticket) {
		return v.Sessions.Redeem(v.Context(), q.Get(ticket))
	}
	if text := q.Get(memberToken); text != "" {
		return token.Check(text)
	}
	return token.Check(q.Get(customerToken))
}

// maxReturn is how long an address to return to may be, in bytes: with it, a cookie is no longer than browsers take.
const maxReturn = 1000

// rememberReturn keeps where the visitor came from, if the organization lets pages lead there.
func (v *visit) rememberReturn() {
	if v.Method != http.MethodGet {
		return
	}
	text := v.URL.Query().Get("return_url")
	if text == "" || len(text) > maxReturn || v.allowedReturn(text) == nil {
		return
	}
	v.memory.Return = text
	v.remember()
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

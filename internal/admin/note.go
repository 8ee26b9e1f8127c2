package admin

import (
	"time"

	"github.com/postern-go/postern/internal/page"
)

// note is something that a page says first, because of what was done on the page before.
type note string

const (
	noteSignedOut    note = "signed-out"
	noteLapsed       note = "lapsed"
	noteNotSaved     note = "not-saved"
	noteEndedOne     note = "ended-one"
	noteEndedHolder  note = "ended-holder"
	noteEndedAll     note = "ended-all"
	noteTokenChanged note = "token-changed"
	noteTokenRevoked note = "token-revoked"
	notePortal       note = "portal"
	notePolicy       note = "policy"
)

var notes = map[note]page.Notice{
	noteSignedOut:    {Kind: "good", Text: "You are signed out here. The access token itself goes on; revoke it if nobody should use it any more."},
	noteLapsed:       {Kind: "warn", Text: "Please sign in again: you were signed in for long enough, or the access token has ended."},
	noteNotSaved:     {Kind: "warn", Text: "Please sign in again. What you sent was not done."},
	noteEndedOne:     {Kind: "good", Text: "The session has ended. Nobody gets in with it any more."},
	noteEndedHolder:  {Kind: "good", Text: "All their sessions have ended: a single number has grown, so nothing is left to be worked through."},
	noteEndedAll:     {Kind: "good", Text: "All sessions of the organization have ended: a single number has grown, so nothing is left to be worked through."},
	noteTokenChanged: {Kind: "good", Text: "The access token was changed. Its scopes count from its next request on."},
	noteTokenRevoked: {Kind: "good", Text: "The access token was revoked. Nobody gets in with it any more."},
	notePortal:       {Kind: "good", Text: "The settings of the portal were saved."},
	notePolicy:       {Kind: "good", Text: "The settings of sessions were saved. Sessions that are live stay as they are."},
}

// noteCookie holds the note for the next page.
const noteCookie = "postern_admin_note"

// note returns the note in the cookie, or "".
func (r *request) note() note { return note(r.Cookie(noteCookie)) }

// setNote stores a note in the cookie. "" deletes the cookie.
func (r *request) setNote(n note) {
	lifetime := time.Duration(0)
	if n == "" {
		lifetime = -1
	}
	r.cookies().Set(r.Exchange, noteCookie, string(n), lifetime)
}

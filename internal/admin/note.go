package admin

import (
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
)

// note identifies a message at the top of a page. The message describes the result of the previous request.
type note string

const (
	noteSignedOut    note = "signed-out"
	noteExpired      note = "expired"
	noteNotSaved     note = "not-saved"
	noteEndedOne     note = "ended-one"
	noteEndedHolder  note = "ended-holder"
	noteEndedAll     note = "ended-all"
	noteTokenChanged note = "token-changed"
	noteTokenRevoked note = "token-revoked"
	noteSignInEnded  note = "sign-in-ended"
	noteResent       note = "resent"
	notePortal       note = "portal"
	notePolicy       note = "policy"
)

var notes = map[note]page.Notice{
	noteSignedOut: {Kind: "good", Text: "You are signed out in this browser. The access token is still valid. Revoke it if it is no longer needed."},
	noteExpired: {Kind: "warn", Text: "Please sign in again. You were signed in for " + formatDuration(directory.OperatorLifetime) +
		" or opened no page for " + formatDuration(directory.OperatorIdle) + ", or the access token was revoked, has expired or lost a scope."},
	noteNotSaved:     {Kind: "warn", Text: "You were signed out, so nothing was saved. Please sign in again and repeat the change."},
	noteEndedOne:     {Kind: "good", Text: "The session has ended. Its token is no longer valid."},
	noteEndedHolder:  {Kind: "good", Text: "The sessions have ended. Their tokens are no longer valid."},
	noteEndedAll:     {Kind: "good", Text: "All sessions of the organization have ended. Their tokens are no longer valid."},
	noteTokenChanged: {Kind: "good", Text: "The access token has been changed. Its scopes apply from its next request."},
	noteTokenRevoked: {Kind: "good", Text: "The access token has been revoked. Requests with it are refused."},
	noteSignInEnded:  {Kind: "good", Text: "The operator is signed out in that browser. The access token is still valid. Revoke it if it has leaked."},
	noteResent:       {Kind: "good", Text: "The event will be sent again to every endpoint that it was sent to."},
	notePortal:       {Kind: "good", Text: "The portal settings have been saved."},
	notePolicy:       {Kind: "good", Text: "The session settings have been saved. They apply to new sessions."},
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

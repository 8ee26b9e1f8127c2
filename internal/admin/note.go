package admin

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

var notes = map[note]notice{
	noteSignedOut:    {"good", "You are signed out here. The access token itself goes on; revoke it if nobody should use it any more."},
	noteLapsed:       {"warn", "Please sign in again: you were signed in for long enough, or the access token has ended."},
	noteNotSaved:     {"warn", "Please sign in again. What you sent was not done."},
	noteEndedOne:     {"good", "The session has ended. Nobody gets in with it any more."},
	noteEndedHolder:  {"good", "All their sessions have ended: a single number has grown, so nothing is left to be worked through."},
	noteEndedAll:     {"good", "All sessions of the organization have ended: a single number has grown, so nothing is left to be worked through."},
	noteTokenChanged: {"good", "The access token was changed. Its scopes count from its next request on."},
	noteTokenRevoked: {"good", "The access token was revoked. Nobody gets in with it any more."},
	notePortal:       {"good", "The settings of the portal were saved."},
	notePolicy:       {"good", "The settings of sessions were saved. Sessions that are live stay as they are."},
}

// noteCookie holds a note on its way to the next page.
const noteCookie = "postern_admin_note"

// noted is the note that the browser brings; "" for none.
func (v *visit) noted() note {
	c, err := v.Cookie(noteCookie)
	if err != nil {
		return ""
	}
	return note(c.Value)
}

// remember gives a note to the browser; "" takes it away.
func (v *visit) remember(n note) {
	if n == "" {
		v.jar().Set(v.Exchange, noteCookie, "", -1)
		return
	}
	v.jar().Set(v.Exchange, noteCookie, string(n), 0)
}

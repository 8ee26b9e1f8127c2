package portal

// note is something that a page says first, withCause of what was done on the page before.
type note string

const (
	noteSignedOut   note = "signed-out"
	noteEnded       note = "ended"
	noteNotSaved    note = "not-saved"
	noteBadLink     note = "bad-link"
	noteBilling     note = "billing"
	noteEmailSent   note = "email-sent"
	noteEmail       note = "email"
	noteAdded       note = "added"
	noteChanged     note = "changed"
	noteRemoved     note = "removed"
	noteTransferred note = "transferred"
	// noteSignInAgain is for the owner before, whose sessions have ended with the role.
	noteSignInAgain note = "sign-in-again"
	noteEndedOne    note = "ended-one"
	noteEndedOthers note = "ended-others"
	noteNoMember    note = "no-member"
)

// notes are the kind of each note, and its words. What it is about is named Who, and is an Email in one of them.
var notes = map[note]struct{ kind, key string }{
	noteSignedOut:   {"good", "note.signed-out"},
	noteEnded:       {"warn", "note.ended"},
	noteNotSaved:    {"warn", "note.not-saved"},
	noteBadLink:     {"warn", "note.bad-link"},
	noteBilling:     {"good", "settings.billing.saved"},
	noteEmailSent:   {"good", "settings.email.sent"},
	noteEmail:       {"good", "settings.email.changed"},
	noteAdded:       {"good", "team.added"},
	noteChanged:     {"good", "team.saved"},
	noteRemoved:     {"good", "team.removed"},
	noteTransferred: {"good", "team.transferred"},
	noteSignInAgain: {"good", "team.transferred.again"},
	noteEndedOne:    {"good", "sessions.ended"},
	noteEndedOthers: {"good", "sessions.ended-others"},
	noteNoMember:    {"warn", "team.no-member"},
}

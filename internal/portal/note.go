package portal

// note identifies a message at the top of a page. The message describes the result of the previous request.
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
	// noteSignInAgain is shown to a former owner whose sessions ended with the change of role.
	noteSignInAgain note = "sign-in-again"
	noteEndedOne    note = "ended-one"
	noteEndedOthers note = "ended-others"
	noteNoMember    note = "no-member"
	noteProven      note = "proven"
)

// notes maps each note to its kind and the key of its text. The text may use the placeholders Who, Email and Time.
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
	noteProven:      {"good", "prove.done"},
}

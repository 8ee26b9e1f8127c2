package portal

import (
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
)

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
	noteSwitched    note = "switched"
)

// notes maps each note to its kind and the key of its text. The text may use the placeholders Who, Email and Time, the duration lasts.
var notes = map[note]struct {
	kind, key string
	lasts     time.Duration
}{
	noteSignedOut:   {"good", "note.signed-out", 0},
	noteEnded:       {"warn", "note.ended", 0},
	noteNotSaved:    {"warn", "note.not-saved", 0},
	noteBadLink:     {"warn", "note.bad-link", 0},
	noteBilling:     {"good", "settings.billing.saved", 0},
	noteEmailSent:   {"good", "settings.email.sent", directory.EmailUpdateLifetime},
	noteEmail:       {"good", "settings.email.changed", 0},
	noteAdded:       {"good", "team.added", 0},
	noteChanged:     {"good", "team.saved", 0},
	noteRemoved:     {"good", "team.removed", 0},
	noteTransferred: {"good", "team.transferred", 0},
	noteSignInAgain: {"good", "team.transferred.again", 0},
	noteEndedOne:    {"good", "sessions.ended", 0},
	noteEndedOthers: {"good", "sessions.ended-others", 0},
	noteNoMember:    {"warn", "team.no-member", 0},
	noteProven:      {"good", "prove.done", session.ProofLifetime},
	noteSwitched:    {"good", "accounts.switched", 0},
}

package audit

import (
	"context"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/token"
)

const (
	// attemptBurst is how many refused attempts of an organization have an entry at once. Afterwards, one attempt for each
	// attemptInterval has an entry, so that an attacker cannot fill the log.
	attemptBurst    = 60
	attemptInterval = time.Minute
	// maxAttempts is the maximum number of organizations that are counted separately. The others share a count.
	maxAttempts = 4096
)

// Attempts records refused attempts, such as a sign-in with a wrong code. Attempts without an entry are counted, and the next entry
// of the organization has their number. It is safe for concurrent use. A nil *Attempts records nothing.
type Attempts struct {
	store Store
	now   func() time.Time

	mu             sync.Mutex
	byOrganization map[token.Key]*attempts
	// forgotAt is when forget last ran. It runs at most once for each attemptInterval, because it visits all counts.
	forgotAt time.Time
}

// attempts counts the refused attempts of an organization.
type attempts struct {
	// entries is the number of entries that could be written at the time at.
	entries int
	at      time.Time
	omitted int
}

// NewAttempts returns an Attempts that writes to the store. now returns the current time.
func NewAttempts(store Store, now func() time.Time) *Attempts {
	return &Attempts{store: store, now: now, byOrganization: map[token.Key]*attempts{}}
}

// Refused records an attempt with the outcome [Refused], unless there were too many. It returns errors of the store.
func (a *Attempts) Refused(ctx context.Context, e Event) error {
	if a == nil {
		return nil
	}
	omitted, ok := a.admit(e.Organization)
	if !ok {
		return nil
	}
	e.Outcome, e.Details.Omitted = Refused, omitted
	return a.store.RecordAudit(ctx, e)
}

// admit reports whether an attempt gets an entry, and returns the number of attempts since the previous entry.
func (a *Attempts) admit(org token.Key) (omitted int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	c := a.byOrganization[org]
	if c == nil {
		if len(a.byOrganization) >= maxAttempts && now.Sub(a.forgotAt) >= attemptInterval {
			a.forgotAt = now
			a.forget(now)
		}
		if len(a.byOrganization) >= maxAttempts {
			org = 0
		}
		if c = a.byOrganization[org]; c == nil {
			c = &attempts{entries: attemptBurst, at: now}
			a.byOrganization[org] = c
		}
	}
	c.refill(now)
	if c.entries == 0 {
		c.omitted++
		return 0, false
	}
	c.entries--
	omitted, c.omitted = c.omitted, 0
	return omitted, true
}

func (c *attempts) refill(now time.Time) {
	if n := int(now.Sub(c.at) / attemptInterval); n > 0 {
		c.entries = min(c.entries+n, attemptBurst)
		c.at = c.at.Add(time.Duration(n) * attemptInterval)
	}
}

// forget deletes the counts that equal a new count, because the organization had no attempt for long enough.
func (a *Attempts) forget(now time.Time) {
	for org, c := range a.byOrganization {
		if c.refill(now); c.entries == attemptBurst && c.omitted == 0 {
			delete(a.byOrganization, org)
		}
	}
}

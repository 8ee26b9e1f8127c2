package polar

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// CustomerSession is a session as its issuer sees it, once: when it is made (POST /v1/customer-sessions/).
// It prints and logs without its token; as JSON it is the wire's, with the token.
type CustomerSession struct {
	CreatedAt time.Time `json:"created_at"`
	// ModifiedAt is nil: a session does not change.
	ModifiedAt *time.Time `json:"modified_at"`
	// ID is a version-4 UUID. It names the session and opens nothing.
	ID string `json:"id"`
	// Token opens the portal. It is shown here and never again.
	Token string `json:"token"`
	// ExpiresAt is when the session ends, in UTC. It is live strictly before.
	ExpiresAt time.Time `json:"expires_at"`
	// ReturnURL is where the portal's back link leads; nil when there is none.
	ReturnURL *string `json:"return_url"`
	// CustomerPortalURL leads into the portal. It holds the token, or a ticket for it.
	CustomerPortalURL string   `json:"customer_portal_url"`
	CustomerID        string   `json:"customer_id"`
	Customer          Customer `json:"customer"`
}

// String names the session and its end, and leaves out all that opens it.
func (s CustomerSession) String() string {
	return fmt.Sprintf("customer session %s of customer %s until %s", s.ID, s.CustomerID, s.ExpiresAt.Format(time.RFC3339))
}

// Format prints [CustomerSession.String] for every verb: fmt would show the fields for those it does not expect.
func (s CustomerSession) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue is [CustomerSession.String], for slog.
func (s CustomerSession) LogValue() slog.Value { return slog.StringValue(s.String()) }

package polar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
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
	// CustomerPortalURL leads into the portal. It holds the token.
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

// CustomerCustomerSession is a session as its holder sees it
// (GET /v1/customer-portal/customer-session/introspect). The name is Polar's.
type CustomerCustomerSession struct {
	// ExpiresAt is when the session ends, in UTC. It is live strictly before.
	ExpiresAt time.Time `json:"expires_at"`
	// ReturnURL is where the portal's back link leads; nil when there is none.
	ReturnURL *string `json:"return_url"`
}

// introspect accepts tokens of both kinds. The scope customer_portal:read or :write, which it asks for, every session has.
var introspect = operation{
	name:   "introspect customer session",
	method: http.MethodGet,
	path:   "/v1/customer-portal/customer-session/introspect",
	status: http.StatusOK,
	wants:  "the token of a customer session (" + CustomerSessionPrefix + "…) or of a member session (" + MemberSessionPrefix + "…)",
}

// IntrospectCustomerSession asks the server about the session that a token opens: whether it is live, until when, and
// where its customer came from (GET /v1/customer-portal/customer-session/introspect).
//
// The session is live if there is no error. It is not if the error is [ErrUnauthorized]: of a token that was good once,
// [ErrInvalidToken]. Any other error means that nobody knows: [*Error], [*ConnectError], [*TimeoutError],
// [*DecodeError] or [*RedirectError], or, with nothing sent, [ErrMissingSecurity], [ErrMalformedToken] or a bad option.
//
// An answer without expires_at does not match the schema. One without return_url does: the field is then nil.
func IntrospectCustomerSession(ctx context.Context, core *Core, security SessionSecurity, opts ...Option) (*CustomerCustomerSession, error) {
	return call(ctx, core, &introspect, security, (*CustomerCustomerSession).check, opts)
}

func (s *CustomerCustomerSession) check() error {
	if s.ExpiresAt.IsZero() {
		return errors.New("expires_at is missing or null")
	}
	s.ExpiresAt = s.ExpiresAt.UTC()
	return nil
}

// PortalAuthenticatedUser is whoever holds a session (GET /v1/customer-portal/customer-session/user).
type PortalAuthenticatedUser struct {
	// Type is "customer" or "member".
	Type       string  `json:"type"`
	Name       *string `json:"name"`
	Email      string  `json:"email"`
	CustomerID string  `json:"customer_id"`
	// MemberID and Role are nil when Type is "customer".
	MemberID *string     `json:"member_id"`
	Role     *MemberRole `json:"role"`
}

// MemberRole is what a member may do for its customer. Expect roles that are not listed here.
type MemberRole string

// The roles of today, from the one that may most.
const (
	RoleOwner          MemberRole = "owner"
	RoleBillingManager MemberRole = "billing_manager"
	RoleMember         MemberRole = "member"
)

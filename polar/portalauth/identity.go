package portalauth

import (
	"context"
	"slices"
	"time"

	"github.com/postern-go/postern/polar"
)

// Identity is who holds a session, and what the session may do.
type Identity struct {
	// OrganizationID is whose customer it is; "" on Polar with [Options.AnyOrganization], where nothing tells.
	OrganizationID string
	CustomerID     string
	// MemberID and Role are "" for a session that the customer holds itself.
	MemberID string
	Role     polar.MemberRole
	// Email is that of the member, or of the customer; "" when there is none.
	Email string
	// Scopes are what the session may do: see [Identity.Can]. They are shared: do not change them.
	Scopes []polar.Scope
	// ExpiresAt is when the session ends, in UTC. It is live strictly before.
	ExpiresAt time.Time
}

// Can reports whether the session has a scope. The right to write is the right to read, too.
func (i Identity) Can(scope polar.Scope) bool {
	return slices.Contains(i.Scopes, scope) ||
		scope == polar.ScopeCustomerPortalRead && slices.Contains(i.Scopes, polar.ScopeCustomerPortalWrite)
}

type contextKey struct{}

// FromContext returns who is calling, for handlers behind [Verifier.Require]; false for any other context.
func FromContext(ctx context.Context) (Identity, bool) {
	if i, ok := ctx.Value(contextKey{}).(*Identity); ok {
		return *i, true
	}
	return Identity{}, false
}

// NewContext returns a context in which [FromContext] finds who. A test of a handler needs no more.
func NewContext(ctx context.Context, who Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, &who)
}

package portalauth

import (
	"context"
	"slices"
	"time"

	"github.com/postern-go/postern/polar"
)

// Identity is the holder of a session and the session's scopes.
type Identity struct {
	// Principal is who holds the session: a member of the customer, or the customer itself.
	Principal polar.Principal
	// OrganizationID is the customer's organization. It is empty on Polar with [Options.AnyOrganization], because Polar
	// does not return it to the holder of a session.
	OrganizationID polar.OrganizationID
	CustomerID     polar.CustomerID
	// MemberID and Role are set exactly if Principal is PrincipalMember.
	MemberID polar.MemberID
	Role     polar.MemberRole
	// Email is the address of the member or customer. It is empty if the member or customer has no address.
	Email string
	// Scopes are the rights of the session. Check a scope with [Identity.Can]. Do not modify the slice, because it is shared.
	Scopes []polar.Scope
	// ExpiresAt is the end of the session, in UTC. The session is live strictly before ExpiresAt.
	ExpiresAt time.Time
}

// Can reports whether the session has a scope. The scope customer_portal:write includes customer_portal:read.
func (i Identity) Can(scope polar.Scope) bool {
	return slices.Contains(i.Scopes, scope) ||
		scope == polar.ScopeCustomerPortalRead && slices.Contains(i.Scopes, polar.ScopeCustomerPortalWrite)
}

type contextKey struct{}

// FromContext returns the identity of the caller in handlers that [Verifier.Require] wraps. It returns false for other
// contexts.
func FromContext(ctx context.Context) (Identity, bool) {
	if i, ok := ctx.Value(contextKey{}).(*Identity); ok {
		return *i, true
	}
	return Identity{}, false
}

// NewContext returns a context from which [FromContext] returns identity. Use it to test handlers without a server.
func NewContext(ctx context.Context, identity Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, &identity)
}

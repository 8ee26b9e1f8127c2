package body

import (
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
)

// CustomerSessionSettingsUpdate is the body of PATCH /v1/organizations/{id}/customer-session-settings. A nil field was not given.
type CustomerSessionSettingsUpdate struct {
	MaxExpiresIn *time.Duration
	// MaxSessions limits the live sessions of one customer or member. 0 means no limit.
	MaxSessions *int
	// EndOnEmailChange, EndOnRoleDowngrade and EndOnOrganizationBlock select the changes after which sessions are revoked.
	EndOnEmailChange, EndOnRoleDowngrade, EndOnOrganizationBlock *bool
}

// ReadCustomerSessionSettingsUpdate reads the changed session settings of an organization.
func ReadCustomerSessionSettingsUpdate(v Value) (in CustomerSessionSettingsUpdate, err error) {
	o := open(v)
	in.MaxExpiresIn = o.seconds("max_expires_in", session.MinLifetime, session.MaxLifetime)
	in.MaxSessions = o.number("max_sessions", 0, directory.MaxMaxSessions)
	in.EndOnEmailChange = o.optionalFlag("end_on_email_change")
	in.EndOnRoleDowngrade = o.optionalFlag("end_on_role_downgrade")
	in.EndOnOrganizationBlock = o.optionalFlag("end_on_organization_block")
	return result(in, o)
}

// optionalFlag reads a boolean. It returns nil if the field is absent or null.
func (o object) optionalFlag(name string) *bool {
	o.describe(name, false, Schema{Type: "boolean", Nullable: true})
	if _, ok := o.member(name, false); !ok {
		return nil
	}
	b := o.flag(name)
	return &b
}

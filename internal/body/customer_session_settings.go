package body

import "time"

// CustomerSessionSettings is the body of PATCH /v1/organizations/{id}/customer-session-settings. What is nil was not given.
type CustomerSessionSettings struct {
	MaxExpiresIn *time.Duration
	// MaxSessions is 0 for no limit.
	MaxSessions *int
	// EndOnEmailChange, EndOnRoleDowngrade and EndOnOrganizationBlock say what ends sessions by itself.
	EndOnEmailChange, EndOnRoleDowngrade, EndOnOrganizationBlock *bool
}

// ReadCustomerSessionSettings reads what is to change in what an organization's sessions may be.
func ReadCustomerSessionSettings(v Value) (in CustomerSessionSettings, err error) {
	if err := missing(v); err != nil {
		return in, err
	}
	o := open(v)
	in.MaxExpiresIn = o.seconds("max_expires_in", minLifetime, maxLifetime)
	in.MaxSessions = o.number("max_sessions", 0, 1000)
	in.EndOnEmailChange = o.optionalFlag("end_on_email_change")
	in.EndOnRoleDowngrade = o.optionalFlag("end_on_role_downgrade")
	in.EndOnOrganizationBlock = o.optionalFlag("end_on_organization_block")
	return result(in, o)
}

// optionalFlag is nil for a member that is absent, null or refused.
func (o object) optionalFlag(name string) *bool {
	if _, ok := o.member(name, false); !ok {
		return nil
	}
	b := o.flag(name)
	return &b
}

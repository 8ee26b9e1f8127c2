package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// ownOrganization returns fault.NotFound unless the path has the id of the caller's organization.
func (c *call) ownOrganization() error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err == nil && token.ID(id) != c.subject.organization.ID {
		err = fault.New(fault.NotFound, "Not found")
	}
	return err
}

// getSessionSettings handles GET /v1/organizations/{id}/customer-session-settings.
func (a *api) getSessionSettings(c *call) error {
	if err := c.ownOrganization(); err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireSessionSettings(c.subject.organization.Policy))
}

// updateSessionSettings handles PATCH /v1/organizations/{id}/customer-session-settings.
func (a *api) updateSessionSettings(c *call) error {
	in, wrong := body.ReadCustomerSessionSettingsUpdate(c.body)
	err := c.ownOrganization()
	if err := body.Join(asInvalid(err), wrong); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	policy, err := a.Directory.ChangePolicy(c.Context(), c.subject.organization, func(p *directory.Policy) { applySettings(p, in) })
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireSessionSettings(policy))
}

func applySettings(p *directory.Policy, in body.CustomerSessionSettingsUpdate) {
	if in.MaxExpiresIn != nil {
		p.MaxLifetime = *in.MaxExpiresIn
	}
	if in.MaxSessions != nil {
		p.MaxSessions = *in.MaxSessions
	}
	applyEnd(&p.KeepOnEmailChange, in.EndOnEmailChange)
	applyEnd(&p.KeepOnRoleDowngrade, in.EndOnRoleDowngrade)
	applyEnd(&p.KeepOnBlock, in.EndOnOrganizationBlock)
}

// applyEnd applies a setting of the API to a policy. The API has settings for ending sessions; the policy stores the opposite.
// A nil setting changes nothing.
func applyEnd(keep *bool, end *bool) {
	if end != nil {
		*keep = !*end
	}
}

func wireSessionSettings(p directory.Policy) polar.CustomerSessionSettings {
	return polar.CustomerSessionSettings{
		MaxExpiresIn: p.Longest(), MaxSessions: p.MaxSessions, EndOnEmailChange: !p.KeepOnEmailChange,
		EndOnRoleDowngrade: !p.KeepOnRoleDowngrade, EndOnOrganizationBlock: !p.KeepOnBlock,
	}
}

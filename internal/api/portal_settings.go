package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// getPortalSettings handles GET /v1/organizations/{id}/customer-portal-settings.
func (a *api) getPortalSettings(c *call) error {
	if err := c.ownOrganization(); err != nil {
		return err
	}
	return c.answer(http.StatusOK, wirePortalSettings(c.subject.organization.Portal))
}

// updatePortalSettings handles PATCH /v1/organizations/{id}/customer-portal-settings.
func (a *api) updatePortalSettings(c *call) error {
	fields, app := body.TakeAppURL(c.body, "return_url", directory.IsAppAddress)
	in, wrong := body.ReadCustomerPortalSettingsUpdate(fields)
	if app != "" {
		in.ReturnURL.Value = &app // package directory checks that a return host allows it
	}
	err := c.ownOrganization()
	if err := body.Join(asInvalid(err), wrong); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	changed, err := a.Directory.ChangeSettings(c.Context(), c.subject.organization, func(o *directory.Organization) {
		set(&o.Portal.AccentColor, in.AccentColor)
		set(&o.Portal.LogoURL, in.LogoURL)
		set(&o.Portal.ReturnURL, in.ReturnURL)
		set(&o.Portal.ReturnHosts, in.ReturnHosts)
		set(&o.Portal.ApplicationHosts, in.ApplicationHosts)
		set(&o.Portal.OneTimeLinks, in.OneTimeLinks)
		set(&o.Portal.SupportEmail, in.SupportEmail)
		set(&o.Portal.SupportURL, in.SupportURL)
		set(&o.Portal.TermsURL, in.TermsURL)
		set(&o.Portal.PrivacyURL, in.PrivacyURL)
		if in.SignInNotices.Set { // null sets the default, which is to send notices
			o.Portal.NoSignInNotices = in.SignInNotices.Value != nil && !*in.SignInNotices.Value
		}
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wirePortalSettings(changed.Portal))
}

// set applies a field of an update: null sets the zero value, and an absent field changes nothing.
func set[T any](field *T, o body.Optional[T]) {
	if !o.Set {
		return
	}
	*field = *new(T)
	if o.Value != nil {
		*field = *o.Value
	}
}

func wirePortalSettings(p directory.PortalSettings) polar.CustomerPortalSettings {
	return polar.CustomerPortalSettings{
		AccentColor: wirejson.OrNull(p.AccentColor), LogoURL: wirejson.OrNull(p.LogoURL), ReturnURL: wirejson.OrNull(p.ReturnURL),
		ReturnHosts: append([]string{}, p.ReturnHosts...), ApplicationHosts: append([]string{}, p.ApplicationHosts...), OneTimeLinks: p.OneTimeLinks, SignInNotices: !p.NoSignInNotices,
		SupportEmail: wirejson.OrNull(p.SupportEmail), SupportURL: wirejson.OrNull(p.SupportURL), TermsURL: wirejson.OrNull(p.TermsURL), PrivacyURL: wirejson.OrNull(p.PrivacyURL),
	}
}

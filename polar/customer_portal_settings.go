package polar

import (
	"context"
	"errors"
	"net/http"
)

// CustomerPortalSettings are an organization's settings for its customer portal.
//
// Route: GET /v1/organizations/{id}/customer-portal-settings (Postern only).
type CustomerPortalSettings struct {
	// AccentColor has the form "#rrggbb"; nil selects the default color.
	AccentColor *string `json:"accent_color"`
	// LogoURL is an https URL; nil means no logo. It is also the organization's AvatarURL.
	LogoURL *string `json:"logo_url"`
	// ReturnURL is the target of the portal's back link for sessions without a return URL; nil means no back link.
	ReturnURL *string `json:"return_url"`
	// ReturnHosts are the places that return URLs may have: "app.example.com", "*.example.com", "https://example.com/account"
	// and what is below it, or "myapp://" for all addresses of an app. An empty list allows every host.
	ReturnHosts []string `json:"return_hosts"`
	// ApplicationHosts are the hosts whose applications get the session of a customer who signs in for them, such as
	// "app.example.com". They are also return hosts.
	ApplicationHosts []string `json:"application_hosts"`
	// OneTimeLinks is the default for [CustomerSessionCreate.OneTimeLink]: links to new sessions work once.
	OneTimeLinks bool `json:"one_time_links"`
	// SignInNotices reports whether customers get a mail when their account is opened on a new device.
	SignInNotices bool `json:"sign_in_notices"`
	// SupportEmail and SupportURL are where customers get help; the portal shows those that are not nil.
	SupportEmail *string `json:"support_email"`
	SupportURL   *string `json:"support_url"`
	// TermsURL and PrivacyURL are the addresses of the terms of service and of the privacy policy.
	TermsURL   *string `json:"terms_url"`
	PrivacyURL *string `json:"privacy_url"`
}

func (s *CustomerPortalSettings) check() error {
	if s.ReturnHosts == nil {
		return errors.New("return_hosts is missing or null")
	}
	if s.ApplicationHosts == nil {
		return errors.New("application_hosts is missing or null")
	}
	return nil
}

// CustomerPortalSettingsUpdate holds the portal settings to change. Fields that are omitted are not changed; null
// restores the default.
type CustomerPortalSettingsUpdate struct {
	AccentColor      Optional[string]   `json:"accent_color,omitzero"`
	LogoURL          Optional[string]   `json:"logo_url,omitzero"`
	ReturnURL        Optional[string]   `json:"return_url,omitzero"`
	ReturnHosts      Optional[[]string] `json:"return_hosts,omitzero"`
	ApplicationHosts Optional[[]string] `json:"application_hosts,omitzero"`
	OneTimeLinks     Optional[bool]     `json:"one_time_links,omitzero"`
	SignInNotices    Optional[bool]     `json:"sign_in_notices,omitzero"`
	SupportEmail     Optional[string]   `json:"support_email,omitzero"`
	SupportURL       Optional[string]   `json:"support_url,omitzero"`
	TermsURL         Optional[string]   `json:"terms_url,omitzero"`
	PrivacyURL       Optional[string]   `json:"privacy_url,omitzero"`
}

var (
	getPortalSettings = operation{
		name: "get customer portal settings", method: http.MethodGet, path: "/v1/organizations/{id}/customer-portal-settings",
		status: http.StatusOK, auth: organizationAuth,
	}
	updatePortalSettings = operation{
		name: "update customer portal settings", method: http.MethodPatch, path: "/v1/organizations/{id}/customer-portal-settings",
		status: http.StatusOK, auth: organizationAuth,
	}
)

// CustomerPortalSettings returns the settings of the organization's customer portal. It returns [ErrNotFound] if the
// access token does not belong to the organization.
//
// Route: GET /v1/organizations/{id}/customer-portal-settings (Postern only).
func (s OrganizationsService) CustomerPortalSettings(ctx context.Context, id OrganizationID, opts ...Option) (*CustomerPortalSettings, error) {
	return fetch[CustomerPortalSettings](ctx, s.core, call{op: &getPortalSettings, path: []string{string(id)}}, opts)
}

// UpdateCustomerPortalSettings changes the settings of the organization's customer portal and returns all settings. It
// returns [ErrValidation] if a color, URL or host is invalid.
//
// Route: PATCH /v1/organizations/{id}/customer-portal-settings (Postern only).
func (s OrganizationsService) UpdateCustomerPortalSettings(ctx context.Context, id OrganizationID, in CustomerPortalSettingsUpdate, opts ...Option) (*CustomerPortalSettings, error) {
	return fetch[CustomerPortalSettings](ctx, s.core, call{op: &updatePortalSettings, path: []string{string(id)}, body: in}, opts)
}

package polar

import (
	"context"
	"errors"
	"net/http"
)

// CustomerPortalSettings say what an organization's pages look like, and where they lead (Postern: GET
// /v1/organizations/{id}/customer-portal-settings).
type CustomerPortalSettings struct {
	// AccentColor is "#rrggbb"; nil leaves it to the pages.
	AccentColor *string `json:"accent_color"`
	// LogoURL is on https; nil is no logo. It is the organization's AvatarURL too.
	LogoURL *string `json:"logo_url"`
	// ReturnURL is where the pages lead back to when the session does not say; nil is nowhere.
	ReturnURL *string `json:"return_url"`
	// ReturnHosts, if there are any, are the only ones that sessions and pages lead back to, such as "app.example.com" or
	// "*.example.com".
	ReturnHosts []string `json:"return_hosts"`
	// OneTimeLinks makes the links to new sessions such as can be followed once, where their issuer does not say.
	OneTimeLinks bool `json:"one_time_links"`
}

func (s *CustomerPortalSettings) check() error {
	if s.ReturnHosts == nil {
		return errors.New("return_hosts is missing or null")
	}
	return nil
}

// CustomerPortalSettingsUpdate says what to change in the settings of an organization's pages. What is left out stays, and null is
// the default.
type CustomerPortalSettingsUpdate struct {
	AccentColor  Optional[string]   `json:"accent_color,omitzero"`
	LogoURL      Optional[string]   `json:"logo_url,omitzero"`
	ReturnURL    Optional[string]   `json:"return_url,omitzero"`
	ReturnHosts  Optional[[]string] `json:"return_hosts,omitzero"`
	OneTimeLinks Optional[bool]     `json:"one_time_links,omitzero"`
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

// CustomerPortalSettings returns what the organization's pages look like, and where they lead (Postern: GET
// /v1/organizations/{id}/customer-portal-settings).
func (s OrganizationsService) CustomerPortalSettings(ctx context.Context, id string, opts ...Option) (*CustomerPortalSettings, error) {
	return fetch[CustomerPortalSettings](ctx, s.core, call{op: &getPortalSettings, path: []string{id}}, opts)
}

// UpdateCustomerPortalSettings changes what the organization's pages look like, and returns all of it; a host that is none, or a
// color, is [ErrValidation] (Postern: PATCH /v1/organizations/{id}/customer-portal-settings).
func (s OrganizationsService) UpdateCustomerPortalSettings(ctx context.Context, id string, in CustomerPortalSettingsUpdate, opts ...Option) (*CustomerPortalSettings, error) {
	return fetch[CustomerPortalSettings](ctx, s.core, call{op: &updatePortalSettings, path: []string{id}, body: in}, opts)
}

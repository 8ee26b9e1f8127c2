package polar

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

package postern

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/server"
)

// OrganizationSettings are the name of an organization, the appearance of its pages, and the hosts that the pages may link to.
// A field that is "" or empty has its default.
type OrganizationSettings struct {
	// Name is the display name.
	Name string
	// AccentColor is the color of buttons and links, as "#rrggbb".
	AccentColor string
	// LogoURL is an https URL.
	LogoURL string
	// ReturnURL is the target of the link from the portal back to the merchant's site, for sessions without a return URL.
	ReturnURL string
	// ReturnHosts are the places that return URLs may have: "app.example.com", with a port if it is not the default port of the
	// scheme, "*.example.com" for all subdomains, "https://example.com/account" for a URL and what is below it, or "myapp://" for
	// all addresses of an app. If ReturnHosts is empty, sessions may have any return URL, and logins have none.
	ReturnHosts []string
	// ApplicationHosts are the hosts whose applications get the session of a customer who signs in for them: "app.example.com",
	// with a port if it is not the default port of the scheme. They are also return hosts.
	ApplicationHosts []string
	// OneTimeLinks creates one-time portal links by default.
	OneTimeLinks bool
	// NoSignInNotices turns off the mails that tell customers about sign-ins from new devices.
	NoSignInNotices bool
	// SupportEmail is the email address at which customers get help, and SupportURL a page with help.
	SupportEmail, SupportURL string
	// TermsURL and PrivacyURL are the addresses of the terms of service and of the privacy policy.
	TermsURL, PrivacyURL string
}

// OrganizationSettings returns the settings of the organization with the slug. An unknown slug is an error.
func (s *Server) OrganizationSettings(ctx context.Context, slug string) (OrganizationSettings, error) {
	o, err := s.organization(ctx, slug)
	return organizationSettings(o), err
}

// ChangeOrganizationSettings calls change with the settings of the organization with the slug, stores the result and returns it.
// It calls change again if another change was stored in the meantime. An unknown slug or an invalid setting is an error.
func (s *Server) ChangeOrganizationSettings(ctx context.Context, slug string, change func(s *OrganizationSettings)) (OrganizationSettings, error) {
	o, err := s.organization(ctx, slug)
	if err != nil {
		return OrganizationSettings{}, err
	}
	o, err = s.server.Directory.ChangeSettings(ctx, o, func(o *directory.Organization) {
		settings := organizationSettings(*o)
		change(&settings)
		o.Name = settings.Name
		o.Portal = directory.PortalSettings{
			AccentColor: settings.AccentColor, LogoURL: settings.LogoURL, ReturnURL: settings.ReturnURL,
			ReturnHosts: settings.ReturnHosts, ApplicationHosts: settings.ApplicationHosts, OneTimeLinks: settings.OneTimeLinks, NoSignInNotices: settings.NoSignInNotices,
			SupportEmail: settings.SupportEmail, SupportURL: settings.SupportURL, TermsURL: settings.TermsURL, PrivacyURL: settings.PrivacyURL,
		}
	})
	return organizationSettings(o), server.PlainError(err)
}

func organizationSettings(o directory.Organization) OrganizationSettings {
	return OrganizationSettings{
		Name: o.Name, AccentColor: o.Portal.AccentColor, LogoURL: o.Portal.LogoURL, ReturnURL: o.Portal.ReturnURL,
		ReturnHosts: o.Portal.ReturnHosts, ApplicationHosts: o.Portal.ApplicationHosts, OneTimeLinks: o.Portal.OneTimeLinks, NoSignInNotices: o.Portal.NoSignInNotices,
		SupportEmail: o.Portal.SupportEmail, SupportURL: o.Portal.SupportURL, TermsURL: o.Portal.TermsURL, PrivacyURL: o.Portal.PrivacyURL,
	}
}

package postern

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
)

// OrganizationSettings say what an organization is called, what its pages look like, and where they lead. A field that is "",
// or empty, stands for its default.
type OrganizationSettings struct {
	// Name is for people.
	Name string
	// AccentColor is "#rrggbb", and LogoURL is on https.
	AccentColor, LogoURL string
	// ReturnURL is where the pages lead back to when a session does not say.
	ReturnURL string
	// ReturnHosts, if there are any, are the only ones that sessions and pages lead back to: "app.example.com", with a port if
	// it is not the scheme's own, or "*.example.com" for all below it. A login leads back to no others, and to none where
	// there are none.
	ReturnHosts []string
	// OneTimeLinks makes the links to new sessions such as can be followed once, where their issuer does not say.
	OneTimeLinks bool
}

// OrganizationSettings returns the settings of the organization that has the slug. An unknown slug is an error.
func (p *Server) OrganizationSettings(ctx context.Context, slug string) (OrganizationSettings, error) {
	o, err := p.organization(ctx, slug)
	return settingsOf(o), err
}

// ChangeOrganizationSettings lets change change the settings of the organization that has the slug, and returns them as they
// are then. It may call change again when it lost a race. An unknown slug, or a setting that cannot be, is an error that says so.
func (p *Server) ChangeOrganizationSettings(ctx context.Context, slug string, change func(s *OrganizationSettings)) (OrganizationSettings, error) {
	o, err := p.organization(ctx, slug)
	if err != nil {
		return OrganizationSettings{}, err
	}
	o, err = p.directory.ChangeSettings(ctx, o, func(o *directory.Organization) {
		s := settingsOf(*o)
		change(&s)
		o.Name = s.Name
		o.Portal = directory.PortalSettings{
			AccentColor: s.AccentColor, LogoURL: s.LogoURL, ReturnURL: s.ReturnURL, ReturnHosts: s.ReturnHosts, OneTimeLinks: s.OneTimeLinks,
		}
	})
	return settingsOf(o), told(err)
}

func settingsOf(o directory.Organization) OrganizationSettings {
	return OrganizationSettings{
		Name: o.Name, AccentColor: o.Portal.AccentColor, LogoURL: o.Portal.LogoURL, ReturnURL: o.Portal.ReturnURL,
		ReturnHosts: o.Portal.ReturnHosts, OneTimeLinks: o.Portal.OneTimeLinks,
	}
}

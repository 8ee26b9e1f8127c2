package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/postern-go/postern"
)

// settingsCommand changes the settings whose flags are set, and prints all settings.
type settingsCommand struct {
	ofOrganization
	Name          *string  `placeholder:"NAME" help:"Display name of the organization."`
	AccentColor   *string  `placeholder:"COLOR" help:"Color of buttons and links, such as #3366ff."`
	LogoURL       *string  `name:"logo-url" placeholder:"URL" help:"URL of the logo. It must use https."`
	ReturnURL     *string  `name:"return-url" placeholder:"URL" help:"Target of the link from the portal back to your site, for sessions without a return URL."`
	ReturnHost    []string `placeholder:"HOST" help:"Hosts that return URLs may have, such as app.example.com, localhost:3000 or *.example.com. Without return hosts, sessions may have any return URL, and logins have none."`
	OneTimeLinks  *bool    `negatable:"" help:"Create one-time portal links by default."`
	SignInNotices *bool    `negatable:"" help:"Mail customers a notice when their account is opened on a new device."`
}

func (c *settingsCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		read := p.OrganizationSettings
		if c.changes() {
			read = func(ctx context.Context, slug string) (postern.OrganizationSettings, error) {
				return p.ChangeOrganizationSettings(ctx, slug, c.apply)
			}
		}
		settings, err := read(ctx, c.Organization)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(table, "name\t%s\n", settings.Name)
		fmt.Fprintf(table, "accent color\t%s\n", orDash(settings.AccentColor))
		fmt.Fprintf(table, "logo URL\t%s\n", orDash(settings.LogoURL))
		fmt.Fprintf(table, "return URL\t%s\n", orDash(settings.ReturnURL))
		fmt.Fprintf(table, "return hosts\t%s\n", orDash(strings.Join(settings.ReturnHosts, " ")))
		fmt.Fprintf(table, "one-time links\t%t\n", settings.OneTimeLinks)
		fmt.Fprintf(table, "sign-in notices\t%t\n", !settings.NoSignInNotices)
		return table.Flush()
	})
}

func (c *settingsCommand) changes() bool {
	return c.Name != nil || c.AccentColor != nil || c.LogoURL != nil || c.ReturnURL != nil || c.ReturnHost != nil || c.OneTimeLinks != nil ||
		c.SignInNotices != nil
}

func (c *settingsCommand) apply(s *postern.OrganizationSettings) {
	for _, text := range []struct{ to, from *string }{
		{&s.Name, c.Name}, {&s.AccentColor, c.AccentColor}, {&s.LogoURL, c.LogoURL}, {&s.ReturnURL, c.ReturnURL},
	} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if c.ReturnHost != nil { // --return-host= without a value removes all hosts
		s.ReturnHosts = slices.DeleteFunc(slices.Clone(c.ReturnHost), func(host string) bool { return host == "" })
	}
	if c.OneTimeLinks != nil {
		s.OneTimeLinks = *c.OneTimeLinks
	}
	if c.SignInNotices != nil {
		s.NoSignInNotices = !*c.SignInNotices
	}
}

// orDash returns a dash for an empty text.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

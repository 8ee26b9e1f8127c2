package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/postern-go/postern"
)

// settingsCommand changes what is given, and shows all settings as they are then.
type settingsCommand struct {
	ofOrganization
	Name         *string  `placeholder:"NAME" help:"Name of the organization for people."`
	AccentColor  *string  `placeholder:"COLOR" help:"Color of buttons and links, such as #3366ff."`
	LogoURL      *string  `name:"logo-url" placeholder:"URL" help:"Logo, on https."`
	ReturnURL    *string  `name:"return-url" placeholder:"URL" help:"Where the pages lead back to when a session does not say."`
	ReturnHost   []string `placeholder:"HOST" help:"The only hosts that sessions and logins lead back to, such as app.example.com, localhost:3000 or *.example.com. Without any, sessions lead wherever their issuer says, and logins nowhere."`
	OneTimeLinks *bool    `negatable:"" help:"Make the links to new sessions such as can be followed once, where their issuer does not say."`
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
		return table.Flush()
	})
}

func (c *settingsCommand) changes() bool {
	return c.Name != nil || c.AccentColor != nil || c.LogoURL != nil || c.ReturnURL != nil || c.ReturnHost != nil || c.OneTimeLinks != nil
}

func (c *settingsCommand) apply(s *postern.OrganizationSettings) {
	for _, text := range []struct{ to, from *string }{
		{&s.Name, c.Name}, {&s.AccentColor, c.AccentColor}, {&s.LogoURL, c.LogoURL}, {&s.ReturnURL, c.ReturnURL},
	} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if c.ReturnHost != nil { // an empty one stands for none
		s.ReturnHosts = slices.DeleteFunc(slices.Clone(c.ReturnHost), func(host string) bool { return host == "" })
	}
	if c.OneTimeLinks != nil {
		s.OneTimeLinks = *c.OneTimeLinks
	}
}

// orDash stands for nothing where something could stand.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/postern-go/postern"
)

// settingsCommand changes the settings whose flags are set, and prints all settings.
type settingsCommand struct {
	ofOrganization
	Name            *string  `placeholder:"NAME" help:"Display name of the organization."`
	AccentColor     *string  `placeholder:"COLOR" help:"Color of buttons and links, such as #3366ff."`
	LogoURL         *string  `name:"logo-url" placeholder:"URL" help:"URL of the logo. It must use https."`
	ReturnURL       *string  `name:"return-url" placeholder:"URL" help:"Target of the link from the portal back to your site, for sessions without a return URL."`
	ReturnHost      []string `placeholder:"HOST" help:"Places that return URLs may have: hosts such as app.example.com, localhost:3000 or *.example.com, a URL such as https://example.com/account and what is below it, or the scheme of an app such as myapp://. Without return hosts, sessions may have any return URL, and logins have none."`
	ApplicationHost []string `placeholder:"HOST" help:"Hosts whose applications get the session of a customer who signs in for them, such as app.example.com."`
	OneTimeLinks    *bool    `negatable:"" help:"Create one-time portal links by default."`
	SignInNotices   *bool    `negatable:"" help:"Mail customers a notice when their account is opened on a new device."`
	printing
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
		return c.print(s, newSettings(settings))
	})
}

// settings are the settings of an organization. A text that is not set is null.
type settings struct {
	Name             string   `json:"name"`
	AccentColor      *string  `json:"accent_color"`
	LogoURL          *string  `json:"logo_url"`
	ReturnURL        *string  `json:"return_url"`
	ReturnHosts      []string `json:"return_hosts"`
	ApplicationHosts []string `json:"application_hosts"`
	OneTimeLinks     bool     `json:"one_time_links"`
	SignInNotices    bool     `json:"sign_in_notices"`
}

func newSettings(s postern.OrganizationSettings) settings {
	return settings{
		s.Name, orNull(s.AccentColor), orNull(s.LogoURL), orNull(s.ReturnURL), append([]string{}, s.ReturnHosts...), append([]string{}, s.ApplicationHosts...), s.OneTimeLinks, !s.NoSignInNotices,
	}
}

func (s settings) text(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "name\t%s\n", s.Name)
	fmt.Fprintf(table, "accent color\t%s\n", orDash(s.AccentColor))
	fmt.Fprintf(table, "logo URL\t%s\n", orDash(s.LogoURL))
	fmt.Fprintf(table, "return URL\t%s\n", orDash(s.ReturnURL))
	hosts := strings.Join(s.ReturnHosts, " ")
	fmt.Fprintf(table, "return hosts\t%s\n", orDash(&hosts))
	applications := strings.Join(s.ApplicationHosts, " ")
	fmt.Fprintf(table, "application hosts\t%s\n", orDash(&applications))
	fmt.Fprintf(table, "one-time links\t%t\n", s.OneTimeLinks)
	fmt.Fprintf(table, "sign-in notices\t%t\n", s.SignInNotices)
	return table.Flush()
}

func (c *settingsCommand) changes() bool {
	return c.Name != nil || c.AccentColor != nil || c.LogoURL != nil || c.ReturnURL != nil || c.ReturnHost != nil || c.ApplicationHost != nil || c.OneTimeLinks != nil ||
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
	for _, list := range []struct {
		to   *[]string
		from []string
	}{{&s.ReturnHosts, c.ReturnHost}, {&s.ApplicationHosts, c.ApplicationHost}} {
		if list.from != nil { // the flag without a value removes all hosts
			*list.to = slices.DeleteFunc(slices.Clone(list.from), func(host string) bool { return host == "" })
		}
	}
	if c.OneTimeLinks != nil {
		s.OneTimeLinks = *c.OneTimeLinks
	}
	if c.SignInNotices != nil {
		s.NoSignInNotices = !*c.SignInNotices
	}
}

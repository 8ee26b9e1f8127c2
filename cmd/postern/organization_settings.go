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
	SupportEmail    *string  `placeholder:"EMAIL" help:"Email address at which customers get help. The portal shows it."`
	SupportURL      *string  `name:"support-url" placeholder:"URL" help:"Page on which customers get help. The portal links to it."`
	TermsURL        *string  `name:"terms-url" placeholder:"URL" help:"Your terms of service. The portal links to them."`
	PrivacyURL      *string  `name:"privacy-url" placeholder:"URL" help:"Your privacy policy. The portal links to it."`
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
	SupportEmail     *string  `json:"support_email"`
	SupportURL       *string  `json:"support_url"`
	TermsURL         *string  `json:"terms_url"`
	PrivacyURL       *string  `json:"privacy_url"`
}

func newSettings(s postern.OrganizationSettings) settings {
	return settings{
		s.Name, orNull(s.AccentColor), orNull(s.LogoURL), orNull(s.ReturnURL), append([]string{}, s.ReturnHosts...), append([]string{}, s.ApplicationHosts...), s.OneTimeLinks, !s.NoSignInNotices,
		orNull(s.SupportEmail), orNull(s.SupportURL), orNull(s.TermsURL), orNull(s.PrivacyURL),
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
	fmt.Fprintf(table, "support email\t%s\n", orDash(s.SupportEmail))
	fmt.Fprintf(table, "support URL\t%s\n", orDash(s.SupportURL))
	fmt.Fprintf(table, "terms URL\t%s\n", orDash(s.TermsURL))
	fmt.Fprintf(table, "privacy URL\t%s\n", orDash(s.PrivacyURL))
	return table.Flush()
}

// textSetting is a setting and the flag that changes it. A nil flag changes nothing.
type textSetting struct{ setting, flag *string }

// texts returns the settings in s that are texts.
func (c *settingsCommand) texts(s *postern.OrganizationSettings) []textSetting {
	return []textSetting{
		{&s.Name, c.Name}, {&s.AccentColor, c.AccentColor}, {&s.LogoURL, c.LogoURL}, {&s.ReturnURL, c.ReturnURL},
		{&s.SupportEmail, c.SupportEmail}, {&s.SupportURL, c.SupportURL}, {&s.TermsURL, c.TermsURL}, {&s.PrivacyURL, c.PrivacyURL},
	}
}

func (c *settingsCommand) changes() bool {
	return c.ReturnHost != nil || c.ApplicationHost != nil || c.OneTimeLinks != nil || c.SignInNotices != nil ||
		slices.ContainsFunc(c.texts(&postern.OrganizationSettings{}), func(text textSetting) bool { return text.flag != nil })
}

func (c *settingsCommand) apply(s *postern.OrganizationSettings) {
	for _, text := range c.texts(s) {
		if text.flag != nil {
			*text.setting = *text.flag
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

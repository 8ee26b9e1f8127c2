package directory

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
)

// PortalSettings say what an organization's pages look like, and where they lead. The zero PortalSettings are good.
type PortalSettings struct {
	// AccentColor is "#rrggbb"; "" leaves it to the pages.
	AccentColor string
	// LogoURL is on https; "" is no logo.
	LogoURL string
	// ReturnURL is where the pages lead back to when the session does not say; "" is nowhere.
	ReturnURL string
	// ReturnHosts, if there are any, are the only ones that sessions and pages lead back to: "app.example.com", with a port if
	// it is not the scheme's own, or "*.example.com" for all below it. They are in lower case.
	ReturnHosts []string
	// OneTimeLinks makes the links to new sessions such as can be followed once, where their issuer does not say.
	OneTimeLinks bool
}

// ChangeSettings lets change set the organization's name and its portal settings, and returns the organization as it is then.
// It yields fault.RuleViolated with a field for each that cannot be.
func (d *Service) ChangeSettings(ctx context.Context, org Organization, change func(o *Organization)) (Organization, error) {
	var changed Organization
	var wrong error
	err := d.changeOrganization(ctx, org, func(o *Organization) session.Reason {
		changed = *o
		change(&changed)
		if wrong = changed.checkSettings(); wrong == nil {
			o.Name, o.Portal = changed.Name, changed.Portal
		}
		return ""
	})
	if err == nil {
		err = wrong
	}
	return changed, err
}

var colors = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// checkSettings gives the settings their one spelling, or says what is wrong with them.
func (o *Organization) checkSettings() error {
	var fields []fault.Field
	refuse := func(f fault.Field) { fields = append(fields, f) }
	if err := checkName(o.Name); err != nil {
		return err
	}
	p := &o.Portal
	if color := strings.ToLower(p.AccentColor); color == "" || colors.MatchString(color) {
		p.AccentColor = color
	} else {
		refuse(refused("accent_color", "An accent color is # and six hexadecimal digits, such as #3366ff.", text(&p.AccentColor)))
	}
	if u, ok := plainAddress(p.LogoURL); ok && !strings.HasPrefix(u, "http:") {
		p.LogoURL = u
	} else {
		refuse(refused("logo_url", "A logo has an address on https, without credentials.", text(&p.LogoURL)))
	}
	if f := p.spellHosts(); f != nil {
		refuse(*f)
	} else if u, ok := plainAddress(p.ReturnURL); !ok {
		refuse(refused("return_url", "An address to return to is on http or https, without credentials.", text(&p.ReturnURL)))
	} else if f := p.returnFlaw(u); f != nil {
		refuse(*f)
	} else {
		p.ReturnURL = u
	}
	if fields != nil {
		return fault.Rule(fields...)
	}
	return nil
}

// plainAddress is an address as it is kept; "" is one.
func plainAddress(address string) (string, bool) {
	if address == "" {
		return "", true
	}
	u, err := url.Parse(address)
	if err != nil || !isPlain(u) || utf8.RuneCountInString(address) > MaxURL {
		return "", false
	}
	return u.String(), true
}

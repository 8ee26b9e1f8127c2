package directory

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
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

// AllowsReturn reports whether a page may lead back to an address that it has from whoever asks for the page, such as the
// return_url of a login: one on http or https, without credentials, at one of the ReturnHosts. Where there are none, it is
// false: anybody can write a link to a page, and nobody vouches for what is in it.
func (p PortalSettings) AllowsReturn(u *url.URL) bool {
	return isPlain(u) && slices.ContainsFunc(p.ReturnHosts, func(pattern string) bool { return hostMatches(pattern, u) })
}

// CheckReturn yields fault.RuleViolated for an address outside the ReturnHosts. Where there are none, it takes any, and "" it
// takes always: it is for addresses that the organization itself has sent.
func (p PortalSettings) CheckReturn(address string) error {
	if f := p.returnFlaw(address); f != nil {
		return fault.Rule(*f)
	}
	return nil
}

func (p PortalSettings) returnFlaw(address string) *fault.Field {
	if address == "" || len(p.ReturnHosts) == 0 {
		return nil
	}
	if u, err := url.Parse(address); err == nil && p.AllowsReturn(u) {
		return nil
	}
	f := refused("return_url", "The organization lets nobody return elsewhere than to "+strings.Join(p.ReturnHosts, ", ")+
		", on http or https and without credentials.", text(&address))
	return &f
}

// isPlain reports whether an address is on http or https, without credentials, and at a host that everybody reads as the same.
func isPlain(u *url.URL) bool {
	return u != nil && (u.Scheme == "http" || u.Scheme == "https") && u.Opaque == "" && u.User == nil && u.Hostname() != "" && plainHost.MatchString(u.Host)
}

var (
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9.\-:\[\]_]+$`)
	returnHosts = regexp.MustCompile(`^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[0-9]{1,5})?$`)
	colors      = regexp.MustCompile(`^#[0-9a-f]{6}$`)
)

func hostMatches(pattern string, u *url.URL) bool {
	own := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	host, port, _ := strings.Cut(pattern, ":")
	if orText(port, own) != orText(u.Port(), own) {
		return false
	}
	name := strings.ToLower(u.Hostname())
	if domain, below := strings.CutPrefix(host, "*"); below {
		return len(name) > len(domain) && strings.HasSuffix(name, domain)
	}
	return name == host
}

func orText(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

// ChangeSettings lets change set the organization's name and its portal settings, and returns the organization as it is then.
// It yields fault.RuleViolated with a field for each that cannot be.
func (d *Directory) ChangeSettings(ctx context.Context, org Organization, change func(o *Organization)) (Organization, error) {
	var changed Organization
	var wrong error
	err := d.changeOrganization(ctx, org, func(o *Organization) string {
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

// The bounds of settings: of an address in characters, as Polar has it, and of hosts.
const (
	maxAddress     = 2083
	maxReturnHosts = 100
	maxHost        = 253 + len(":65535")
)

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
	if err != nil || !isPlain(u) || utf8.RuneCountInString(address) > maxAddress {
		return "", false
	}
	return u.String(), true
}

// spellHosts puts the hosts into lower case, or says which of them is none.
func (p *PortalSettings) spellHosts() *fault.Field {
	if len(p.ReturnHosts) > maxReturnHosts {
		f := refused("return_hosts", "There are too many hosts: an organization has at most 100.", nil)
		return &f
	}
	var hosts []string
	for i, host := range p.ReturnHosts {
		lower := strings.ToLower(host)
		if len(lower) > maxHost || !returnHosts.MatchString(lower) {
			input, _ := json.Marshal(host) // a string always marshals
			return &fault.Field{Type: "value_error", Loc: []any{"body", "return_hosts", i}, Input: input,
				Msg: "A host is written as in an address, such as app.example.com, localhost:3000 or *.example.com."}
		}
		hosts = append(hosts, lower)
	}
	p.ReturnHosts = hosts
	return nil
}

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

// PortalSettings hold the appearance of an organization's pages and the addresses that the pages link to. The zero
// PortalSettings are valid.
type PortalSettings struct {
	// AccentColor is "#rrggbb", or "" for the default color.
	AccentColor string
	// LogoURL is an https URL, or "".
	LogoURL string
	// ReturnURL is the target of the portal's back link for sessions without a return URL: an http or https URL, or the address of an
	// app whose scheme is one of the ReturnHosts. "" means no back link.
	ReturnURL string
	// ReturnHosts, unless empty, are the only places that sessions and pages may link back to: "app.example.com", with a port if
	// it is not the scheme's default, "*.example.com" for all subdomains, "https://example.com/account" for a URL and what is
	// below it, or "myapp://" for all addresses of an app. Hosts and schemes are in lower case.
	ReturnHosts []string
	// ApplicationHosts are the hosts whose applications get the session of a customer who signs in for them. They are also return
	// hosts. Each is one host in lower case, with a port if it is not the scheme's default.
	ApplicationHosts []string `json:",omitempty"`
	// OneTimeLinks creates one-time portal links by default.
	OneTimeLinks bool
	// NoSignInNotices turns off the mails about sign-ins from new devices.
	NoSignInNotices bool
	// SupportEmail and SupportURL are where customers get help. TermsURL and PrivacyURL are legal texts. Pages link to those that are
	// not "".
	SupportEmail string `json:",omitempty"`
	SupportURL   string `json:",omitempty"`
	TermsURL     string `json:",omitempty"`
	PrivacyURL   string `json:",omitempty"`
}

// ChangeSettings changes the organization's name and portal settings and returns the organization. It returns
// fault.RuleViolated with a field for each invalid value.
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

// checkSettings normalizes the settings. It returns fault.RuleViolated with a field for each invalid value.
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
		refuse(refused("accent_color", "An accent color is # and six hexadecimal digits, such as #3366ff.", p.AccentColor))
	}
	if u, ok := normalizeURL(p.LogoURL); ok && !strings.HasPrefix(u, "http:") {
		p.LogoURL = u
	} else {
		refuse(refused("logo_url", "The logo URL must begin with https:// and contain no credentials.", p.LogoURL))
	}
	if f := p.normalizeHosts(); f != nil {
		refuse(*f)
	} else if u, ok := normalizeReturn(p.ReturnURL); !ok {
		refuse(refused("return_url", "The return URL must begin with http://, https:// or the scheme of an app, and contain no credentials.", p.ReturnURL))
	} else if f := p.returnProblem(u); f != nil {
		refuse(*f)
	} else {
		p.ReturnURL = u
	}
	fields = append(fields, p.checkContact()...)
	return broken(fields)
}

// supportEmails matches addresses that are safe in a mailto: link.
var supportEmails = regexp.MustCompile(`^[^\s\pC@<>"'(),:;?&%#\\]+@[^\s\pC@<>"'(),:;?&%#\\]+\.[^\s\pC@<>"'(),:;?&%#\\.]+$`)

// checkContact normalizes the contact and legal links, and returns a field for each invalid one.
func (p *PortalSettings) checkContact() (fields []fault.Field) {
	if p.SupportEmail != "" && (len(p.SupportEmail) > MaxEmail || !supportEmails.MatchString(p.SupportEmail)) {
		fields = append(fields, refused("support_email", "A support address is an email address, such as help@example.com.", p.SupportEmail))
	}
	for _, link := range []struct {
		name string
		url  *string
	}{{"support_url", &p.SupportURL}, {"terms_url", &p.TermsURL}, {"privacy_url", &p.PrivacyURL}} {
		if u, ok := normalizeURL(*link.url); ok {
			*link.url = u
		} else {
			fields = append(fields, refused(link.name, "The URL must begin with http:// or https:// and contain no credentials.", *link.url))
		}
	}
	return fields
}

// normalizeReturn is like [normalizeURL], and accepts addresses of apps too.
func normalizeReturn(address string) (string, bool) {
	if u, err := url.Parse(address); err == nil && IsAppAddress(u) && utf8.RuneCountInString(address) <= MaxURL {
		return u.String(), true
	}
	return normalizeURL(address)
}

// normalizeURL returns a normalized URL. It reports false unless the address is "" or a short http or https URL without
// credentials.
func normalizeURL(address string) (string, bool) {
	if address == "" {
		return "", true
	}
	u, err := url.Parse(address)
	if err != nil || !isPlain(u) || utf8.RuneCountInString(address) > MaxURL {
		return "", false
	}
	return u.String(), true
}

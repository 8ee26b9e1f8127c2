package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
)

// settings answers GET /admin/settings.
func (r *request) settings() error {
	return r.showSettings(http.StatusOK, portalFormOf(r.org), policyFormOf(r.org.Policy), nil)
}

func (r *request) showSettings(status int, portal portalForm, policy policyForm, invalid error) error {
	shown := r.newView("Settings")
	if invalid != nil && !shown.addErrors(invalid, portal.fields(&policy)...) {
		return invalid
	}
	shown.Page = settingsPage{Portal: portal, Policy: policy, Denied: r.denial(settingsWrite, "Changing settings")}
	return r.show(status, "settings", shown)
}

func (f *portalForm) fields(p *policyForm) []*page.Field {
	return []*page.Field{&f.Name, &f.AccentColor, &f.LogoURL, &f.ReturnURL, &f.ReturnHosts, &f.ApplicationHosts, &f.SupportEmail, &f.SupportURL, &f.TermsURL, &f.PrivacyURL, &p.MaxExpiresIn, &p.MaxSessions}
}

func portalFormOf(o directory.Organization) portalForm {
	text := func(name, label, value, hint string) page.Field {
		return page.Field{ID: strings.ReplaceAll(name, "_", "-"), Name: name, Label: label, Type: "text", Value: value, Hint: hint, Autocomplete: "off"}
	}
	f := portalForm{
		Name:        text("name", "Name", o.Name, ""),
		AccentColor: text("accent_color", "Accent color", o.Portal.AccentColor, "# and six hexadecimal digits, such as #3366ff. The portal adjusts the contrast of text automatically."),
		LogoURL:     text("logo_url", "Logo", o.Portal.LogoURL, "The https URL of a square image."),
		ReturnURL:   text("return_url", "Return URL", o.Portal.ReturnURL, "The portal links back to this URL if a session has no return URL."),
		ReturnHosts: text("return_hosts", "Allowed return hosts", strings.Join(o.Portal.ReturnHosts, "\n"),
			"One per line: a host such as app.example.com or *.example.com, a URL such as https://example.com/account, or the scheme of an app such as myapp://. If you list any, the portal links back to nothing else."),
		ApplicationHosts: text("application_hosts", "Application hosts", strings.Join(o.Portal.ApplicationHosts, "\n"),
			"One host per line, such as app.example.com. The applications on these hosts get the session of a customer who signs in for them."),
		SupportEmail: text("support_email", "Support address", o.Portal.SupportEmail, "The email address at which customers get help. The portal shows it."),
		SupportURL:   text("support_url", "Support page", o.Portal.SupportURL, "The portal links to the support page, the terms and the privacy policy."),
		TermsURL:     text("terms_url", "Terms of service", o.Portal.TermsURL, ""),
		PrivacyURL:   text("privacy_url", "Privacy policy", o.Portal.PrivacyURL, ""),
		OneTimeLinks: o.Portal.OneTimeLinks, SignInNotices: !o.Portal.NoSignInNotices,
	}
	f.ReturnHosts.Type, f.ApplicationHosts.Type = "textarea", "textarea"
	return f
}

// savePortal answers POST /admin/settings/portal.
func (r *request) savePortal() error {
	sent := func(o *directory.Organization) {
		o.Name = r.text("name")
		o.Portal = directory.PortalSettings{
			AccentColor: r.text("accent_color"), LogoURL: r.text("logo_url"), ReturnURL: r.text("return_url"), OneTimeLinks: r.checked("one_time_links"),
			NoSignInNotices: !r.checked("sign_in_notices"),
			SupportEmail:    r.text("support_email"), SupportURL: r.text("support_url"), TermsURL: r.text("terms_url"), PrivacyURL: r.text("privacy_url"),
			ReturnHosts: r.words("return_hosts"), ApplicationHosts: r.words("application_hosts"),
		}
	}
	_, err := r.Directory.ChangeSettings(r.Context(), r.org, sent)
	if err == nil {
		return r.redirectWithNote("settings", notePortal)
	}
	typed := r.org
	sent(&typed)
	return r.showSettings(http.StatusUnprocessableEntity, portalFormOf(typed), policyFormOf(r.org.Policy), err)
}

// words returns the words of a field, which spaces, lines or commas separate.
func (r *request) words(name string) []string {
	return strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(r.PostForm.Get(name), "\uFFFD"), ",", " "))
}

// units are the units in which the form shows the maximum session lifetime.
var units = []page.Option{{Value: "86400", Text: "days"}, {Value: "3600", Text: "hours"}, {Value: "60", Text: "minutes"}, {Value: "1", Text: "seconds"}}

func policyFormOf(p directory.Policy) policyForm {
	seconds, unit := int(p.Longest()/time.Second), 1
	for _, u := range units {
		if n, _ := strconv.Atoi(u.Value); seconds%n == 0 {
			unit = n
			break
		}
	}
	return newPolicyForm(strconv.Itoa(seconds/unit), strconv.Itoa(unit), strconv.Itoa(p.MaxSessions), p)
}

func newPolicyForm(longest, unit, most string, p directory.Policy) policyForm {
	f := policyForm{
		MaxExpiresIn: page.Field{ID: "max-expires-in", Name: "max_expires_in", Label: "Maximum lifetime", Type: "text", Value: longest, Autocomplete: "off"},
		Unit:         page.Field{ID: "unit", Name: "unit", Label: "Unit"},
		MaxSessions: page.Field{
			ID: "max-sessions", Name: "max_sessions", Label: "Maximum live sessions per customer", Type: "text", Value: most, Autocomplete: "off",
			Hint: "Includes the sessions of its members. When a new session exceeds the limit, the oldest one ends. 0 means no limit.",
		},
		Ends: []page.Option{
			{Value: "end_on_email_change", Text: "its holder’s email address changes", Chosen: !p.KeepOnEmailChange},
			{Value: "end_on_role_downgrade", Text: "its holder’s role is downgraded", Chosen: !p.KeepOnRoleDowngrade},
			{Value: "end_on_organization_block", Text: "the organization is blocked", Chosen: !p.KeepOnBlock},
		},
	}
	f.Unit.Options, _ = chosen(units, unit)
	return f
}

// savePolicy answers POST /admin/settings/sessions.
func (r *request) savePolicy() error {
	var invalid []fault.Field
	number := func(name string, least, most int64) int64 {
		n, err := strconv.ParseInt(r.text(name), 10, 64)
		if err != nil || n < least || n > most {
			invalid = append(invalid, fault.Field{Type: "int_parsing", Name: []any{name}, Msg: "Enter a whole number, such as 30."})
		}
		return n
	}
	unit, err := strconv.ParseInt(r.PostForm.Get("unit"), 10, 32)
	if err != nil || unit < 1 || unit > 86400 {
		return page.ErrForm
	}
	const longest = 1_000_000_000 // above the limits of every policy, and small enough not to overflow
	lasts, most := number("max_expires_in", 1, longest/unit), number("max_sessions", 0, longest)
	change := func(p *directory.Policy) {
		p.MaxLifetime, p.MaxSessions = time.Duration(lasts*unit)*time.Second, int(most)
		p.KeepOnEmailChange, p.KeepOnRoleDowngrade = !r.checked("end_on_email_change"), !r.checked("end_on_role_downgrade")
		p.KeepOnBlock = !r.checked("end_on_organization_block")
	}
	if invalid != nil {
		err = fault.Rule(invalid...)
	} else {
		_, err = r.Directory.ChangePolicy(r.Context(), r.org, change)
	}
	if err == nil {
		return r.redirectWithNote("settings", notePolicy)
	}
	typed := r.org.Policy
	change(&typed)
	form := newPolicyForm(r.text("max_expires_in"), strconv.FormatInt(unit, 10), r.text("max_sessions"), typed)
	return r.showSettings(http.StatusUnprocessableEntity, portalFormOf(r.org), form, err)
}

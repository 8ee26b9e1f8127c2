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

// settings is /admin/settings.
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
	return []*page.Field{&f.Name, &f.AccentColor, &f.LogoURL, &f.ReturnURL, &f.ReturnHosts, &p.MaxExpiresIn, &p.MaxSessions}
}

func portalFormOf(o directory.Organization) portalForm {
	text := func(name, label, value, hint string) page.Field {
		return page.Field{ID: strings.ReplaceAll(name, "_", "-"), Name: name, Label: label, Type: "text", Value: value, Hint: hint, Autocomplete: "off"}
	}
	f := portalForm{
		Name:        text("name", "Name", o.Name, ""),
		AccentColor: text("accent_color", "Accent color", o.Portal.AccentColor, "# and six hexadecimal digits, such as #3366ff. Words in it are made readable by themselves."),
		LogoURL:     text("logo_url", "Logo", o.Portal.LogoURL, "An address on https of a square picture."),
		ReturnURL:   text("return_url", "Return address", o.Portal.ReturnURL, "Where the portal leads back to when the session does not say."),
		ReturnHosts: text("return_hosts", "Hosts to return to", strings.Join(o.Portal.ReturnHosts, "\n"),
			"One a line, such as app.example.com or *.example.com. With any, sessions lead back nowhere else."),
		OneTimeLinks: o.Portal.OneTimeLinks,
	}
	f.ReturnHosts.Type = "textarea"
	return f
}

// savePortal is the form of the portal's settings.
func (r *request) savePortal() error {
	sent := func(o *directory.Organization) {
		o.Name = r.text("name")
		o.Portal = directory.PortalSettings{
			AccentColor: r.text("accent_color"), LogoURL: r.text("logo_url"), ReturnURL: r.text("return_url"), OneTimeLinks: r.checked("one_time_links"),
			ReturnHosts: strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(r.PostForm.Get("return_hosts"), "\uFFFD"), ",", " ")),
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

// units are those in which people say how long a session may last.
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
		MaxExpiresIn: page.Field{ID: "max-expires-in", Name: "max_expires_in", Label: "Sessions last at most", Type: "text", Value: longest, Autocomplete: "off"},
		Unit:         page.Field{ID: "unit", Name: "unit", Label: "Unit"},
		MaxSessions: page.Field{
			ID: "max-sessions", Name: "max_sessions", Label: "Live sessions of a customer", Type: "text", Value: most, Autocomplete: "off",
			Hint: "With its members’. The oldest end for newer ones; 0 is no limit.",
		},
		Ends: []page.Option{
			{Value: "end_on_email_change", Text: "its holder’s email address changes", Chosen: !p.KeepOnEmailChange},
			{Value: "end_on_role_downgrade", Text: "its holder gets a lesser role", Chosen: !p.KeepOnRoleDowngrade},
			{Value: "end_on_organization_block", Text: "the organization is blocked", Chosen: !p.KeepOnBlock},
		},
	}
	f.Unit.Options, _ = chosen(units, unit)
	return f
}

// savePolicy is the form of what sessions may be.
func (r *request) savePolicy() error {
	var wrong []fault.Field
	number := func(name string, least, most int64) int64 {
		n, err := strconv.ParseInt(r.text(name), 10, 64)
		if err != nil || n < least || n > most {
			wrong = append(wrong, fault.Field{Type: "int_parsing", Name: []any{name}, Msg: "Write a whole number, such as 30."})
		}
		return n
	}
	unit, err := strconv.ParseInt(r.PostForm.Get("unit"), 10, 32)
	if err != nil || unit < 1 || unit > 86400 {
		return page.ErrForm
	}
	const longest = 1_000_000_000 // more than any policy takes, and no overflow
	lasts, most := number("max_expires_in", 1, longest/unit), number("max_sessions", 0, longest)
	change := func(p *directory.Policy) {
		p.MaxLifetime, p.MaxSessions = time.Duration(lasts*unit)*time.Second, int(most)
		p.KeepOnEmailChange, p.KeepOnRoleDowngrade = !r.checked("end_on_email_change"), !r.checked("end_on_role_downgrade")
		p.KeepOnBlock = !r.checked("end_on_organization_block")
	}
	if wrong != nil {
		err = fault.Rule(wrong...)
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

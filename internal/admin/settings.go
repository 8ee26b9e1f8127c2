package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// settings is /admin/settings.
func (v *visit) settings() error {
	return v.showSettings(http.StatusOK, portalFormOf(v.org), policyFormOf(v.org.Policy), nil)
}

func (v *visit) showSettings(status int, portal portalForm, policy policyForm, wrong error) error {
	shown := v.frame("Settings")
	if wrong != nil && !shown.flawed(wrong, portal.fields(&policy)...) {
		return wrong
	}
	shown.Page = settingsPage{Portal: portal, Policy: policy, Denied: v.unless(settingsWrite, "Changing settings")}
	return v.show(status, "settings", shown)
}

func (f *portalForm) fields(p *policyForm) []*field {
	return []*field{&f.Name, &f.AccentColor, &f.LogoURL, &f.ReturnURL, &f.ReturnHosts, &p.MaxExpiresIn, &p.MaxSessions}
}

func portalFormOf(o directory.Organization) portalForm {
	text := func(name, label, value, hint string) field {
		return field{ID: strings.ReplaceAll(name, "_", "-"), Name: name, Label: label, Type: "text", Value: value, Hint: hint, Autocomplete: "off"}
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
func (v *visit) savePortal() error {
	sent := func(o *directory.Organization) {
		o.Name = v.text("name")
		o.Portal = directory.PortalSettings{
			AccentColor: v.text("accent_color"), LogoURL: v.text("logo_url"), ReturnURL: v.text("return_url"), OneTimeLinks: v.checked("one_time_links"),
			ReturnHosts: strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(v.PostForm.Get("return_hosts"), "\uFFFD"), ",", " ")),
		}
	}
	_, err := v.Directory.ChangeSettings(v.Context(), v.org, sent)
	if err == nil {
		return v.leadWith("settings", notePortal)
	}
	typed := v.org
	sent(&typed)
	return v.showSettings(http.StatusUnprocessableEntity, portalFormOf(typed), policyFormOf(v.org.Policy), err)
}

// units are those in which people say how long a session may last.
var units = []option{{Value: "86400", Text: "days"}, {Value: "3600", Text: "hours"}, {Value: "60", Text: "minutes"}, {Value: "1", Text: "seconds"}}

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
		MaxExpiresIn: field{ID: "max-expires-in", Name: "max_expires_in", Label: "Sessions last at most", Type: "text", Value: longest, Autocomplete: "off"},
		Unit:         field{ID: "unit", Name: "unit", Label: "Unit"},
		MaxSessions: field{
			ID: "max-sessions", Name: "max_sessions", Label: "Live sessions of a customer", Type: "text", Value: most, Autocomplete: "off",
			Hint: "With its members’. The oldest end for newer ones; 0 is no limit.",
		},
		Ends: []option{
			{"end_on_email_change", "its holder’s email address changes", !p.KeepOnEmailChange},
			{"end_on_role_downgrade", "its holder gets a lesser role", !p.KeepOnRoleDowngrade},
			{"end_on_organization_block", "the organization is blocked", !p.KeepOnBlock},
		},
	}
	f.Unit.Options, _ = chosen(units, unit)
	return f
}

// savePolicy is the form of what sessions may be.
func (v *visit) savePolicy() error {
	var wrong []fault.Field
	number := func(name string, least, most int64) int64 {
		n, err := strconv.ParseInt(v.text(name), 10, 64)
		if err != nil || n < least || n > most {
			wrong = append(wrong, fault.Field{Type: "int_parsing", Name: []any{name}, Msg: "Write a whole number, such as 30."})
		}
		return n
	}
	unit, err := strconv.ParseInt(v.PostForm.Get("unit"), 10, 32)
	if err != nil || unit < 1 || unit > 86400 {
		return web.ErrForm
	}
	const longest = 1_000_000_000 // more than any policy takes, and no overflow
	lasts, most := number("max_expires_in", 1, longest/unit), number("max_sessions", 0, longest)
	change := func(p *directory.Policy) {
		p.MaxLifetime, p.MaxSessions = time.Duration(lasts*unit)*time.Second, int(most)
		p.KeepOnEmailChange, p.KeepOnRoleDowngrade = !v.checked("end_on_email_change"), !v.checked("end_on_role_downgrade")
		p.KeepOnBlock = !v.checked("end_on_organization_block")
	}
	if wrong != nil {
		err = fault.Rule(wrong...)
	} else {
		_, err = v.Directory.ChangePolicy(v.Context(), v.org, change)
	}
	if err == nil {
		return v.leadWith("settings", notePolicy)
	}
	typed := v.org.Policy
	change(&typed)
	form := newPolicyForm(v.text("max_expires_in"), strconv.FormatInt(unit, 10), v.text("max_sessions"), typed)
	return v.showSettings(http.StatusUnprocessableEntity, portalFormOf(v.org), form, err)
}

package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

func TestPortalSettings(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	b.post("/admin/settings/portal", url.Values{
		"name": {"Acme & Söhne"}, "accent_color": {"#FACC15"}, "logo_url": {"https://cdn.example.com/logo.svg"}, "return_url": {"https://app.example.com/"},
		"return_hosts": {"App.example.com,\r\n*.example.org\r\n"}, "application_hosts": {"app.example.com"}, "one_time_links": {"yes"},
		"support_email": {"help@example.com"}, "terms_url": {"https://example.com/terms"},
	}).leads("/admin/settings")
	b.get("/admin/settings").is(http.StatusOK, "The portal settings have been saved.", "Acme &amp; Söhne", "accent-facc15.css", "app.example.com\n*.example.org", `name="one_time_links" value="yes" checked`, `name="sign_in_notices" value="yes"> `)
	var portal struct {
		AccentColor  string   `json:"accent_color"`
		ReturnHosts  []string `json:"return_hosts"`
		Applications []string `json:"application_hosts"`
		OneTimeLinks bool     `json:"one_time_links"`
		Notices      bool     `json:"sign_in_notices"`
		SupportEmail string   `json:"support_email"`
		TermsURL     string   `json:"terms_url"`
	}
	srv.Call(srv.Token, "GET", "/v1/organizations/"+srv.OrgID+"/customer-portal-settings", "", &portal)
	if portal.AccentColor != "#facc15" || len(portal.ReturnHosts) != 2 || len(portal.Applications) != 1 || !portal.OneTimeLinks || portal.Notices ||
		portal.SupportEmail != "help@example.com" || portal.TermsURL != "https://example.com/terms" {
		t.Errorf("the API has %+v", portal)
	}
	b.post("/admin/settings/portal", url.Values{
		"name": {""}, "accent_color": {"red"},
	}).is(http.StatusUnprocessableEntity, "An organization&#39;s name has 1 to 256 characters.")
	b.post("/admin/settings/portal", url.Values{
		"name": {"Acme"}, "accent_color": {"red"}, "logo_url": {"http://x.example/"}, "return_url": {"javascript:alert(1)"},
		"support_email": {"help"}, "privacy_url": {"javascript:alert(1)"},
	}).is(http.StatusUnprocessableEntity, "An accent color is #", "The logo URL must begin with https", "The return URL must begin with http", "A support address is an email address", "The URL must begin with http", `href="#privacy-url"`, `href="#accent-color"`, `value="red"`, `value="Acme"`)
	b.get("/admin/settings").is(http.StatusOK, "Acme &amp; Söhne", "#facc15")
}

// The form accepts and refuses the same values as the API.
func TestSessionSettings(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	b.get("/admin/settings").is(http.StatusOK, `id="max-expires-in" name="max_expires_in" type="text" value="30"`, `<option value="86400" selected>days`, `name="end_on_email_change" value="yes" checked`)
	for _, c := range []struct {
		lasts, unit, most int
		ok                bool
	}{
		{60, 1, 0, true}, {59, 1, 0, false}, {1, 60, 1000, true}, {366, 86400, 1, true}, {366*24 + 1, 3600, 1, false}, {1, 86400, 1001, false}, {1, 86400, -1, false}, {0, 86400, 1, false},
	} {
		status := srv.Call(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", fmt.Sprintf(`{"max_expires_in":%d,"max_sessions":%d}`, c.lasts*c.unit, c.most), nil)
		form := url.Values{"max_expires_in": {fmt.Sprint(c.lasts)}, "unit": {fmt.Sprint(c.unit)}, "max_sessions": {fmt.Sprint(c.most)}, "end_on_email_change": {"yes"}}
		p := b.post("/admin/settings/sessions", form)
		if got := p.status == http.StatusSeeOther; got != c.ok || (status == http.StatusOK) != c.ok {
			t.Errorf("%+v: the API answers %d, the page %d", c, status, p.status)
		}
		if !c.ok {
			p.is(http.StatusUnprocessableEntity, `id="errors"`)
		}
	}
	b.post("/admin/settings/sessions", url.Values{"max_expires_in": {"2"}, "unit": {"3600"}, "max_sessions": {"3"}, "end_on_organization_block": {"yes"}}).leads("/admin/settings")
	b.get("/admin/settings").is(http.StatusOK, `value="2"`, `<option value="3600" selected>hours`, "They apply to new sessions.").without(`name="end_on_email_change" value="yes" checked`)
	var policy struct {
		MaxExpiresIn    int  `json:"max_expires_in"`
		MaxSessions     int  `json:"max_sessions"`
		EndOnEmail      bool `json:"end_on_email_change"`
		EndOnRoleChange bool `json:"end_on_role_downgrade"`
		EndOnBlock      bool `json:"end_on_organization_block"`
	}
	srv.Call(srv.Token, "GET", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", "", &policy)
	if policy.MaxExpiresIn != 7200 || policy.MaxSessions != 3 || policy.EndOnEmail || policy.EndOnRoleChange || !policy.EndOnBlock {
		t.Errorf("the API has %+v", policy)
	}
	for _, unit := range []string{"", "0", "x", "-1"} {
		b.post("/admin/settings/sessions", url.Values{"max_expires_in": {"2"}, "unit": {unit}, "max_sessions": {"3"}}).is(http.StatusBadRequest)
	}
	b.post("/admin/settings/sessions", url.Values{"max_expires_in": {"<2"}, "unit": {"3600"}, "max_sessions": {"many"}}).is(http.StatusUnprocessableEntity, "Enter a whole number", `value="&lt;2"`, `value="many"`)
}

package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// The test opens every page with scopes that suffice and with scopes that do not. It checks what the page shows and hides.
func TestPagesNeedScopes(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	s := srv.session(customer)
	for _, c := range []struct {
		path, scopes string
		status       int
		wanted       []string
		forbidden    []string
	}{
		{"/admin", "webhooks:read", 200, []string{"Viewing activity needs the scope", "Customers <small>not allowed", "Settings <small>not allowed"}, []string{`data-test="live"`, `href="/admin/customers"`}},
		{"/admin", "customer_sessions:read", 200, []string{`data-test="live"`, `href="/admin/sessions"`}, []string{`href="/admin/settings"`}},
		{"/admin/activity", "customers:read", 403, []string{"customer_sessions:read or customer_sessions:write"}, []string{"live sessions now"}},
		{"/admin/activity", "customer_sessions:write", 200, []string{"live sessions now"}, nil},

		{"/admin/customers", "customers:read", 200, []string{"Ada Lovelace"}, nil},
		{"/admin/customers", "customers:write", 200, []string{"Ada Lovelace"}, nil},
		{"/admin/customers", "customer_sessions:write members:write", 403, []string{"customers:read or customers:write"}, []string{"Ada Lovelace"}},
		{"/admin/customers/" + customer, "customers:read", 200, []string{"Ada Lovelace", "Viewing members needs", "Viewing sessions needs", "Creating and ending sessions needs"},
			[]string{"<form method=\"post\" action=\"/admin/customers", s.ID, `data-test="member-row"`}},
		{"/admin/customers/" + customer, "customers:read members:read", 200, []string{`data-test="member-row"`}, []string{`data-test="create-link"`, s.ID}},
		{"/admin/customers/" + customer, "customers:read customer_sessions:read", 200, []string{s.ID}, []string{`data-test="end-session"`, `data-test="create-link"`, `data-test="end-sessions"`}},
		{"/admin/customers/" + customer, "customers:read customer_sessions:write", 200, []string{s.ID, `data-test="end-session"`, `data-test="create-link"`, `data-test="impersonate"`, `data-test="end-sessions"`}, nil},
		{"/admin/customers/" + customer, "customer_sessions:write", 403, nil, []string{"Ada Lovelace"}},
		{"/admin/customers/" + customer + "/end", "customers:write customer_sessions:read", 403, []string{"It needs customer_sessions:write."}, nil},

		{"/admin/sessions", "customer_sessions:read", 200, []string{s.ID}, []string{"Ada Lovelace", "The first token", `data-test="end-session"`, `data-test="end-all"`}},
		{"/admin/sessions", "customer_sessions:read members:read", 200, []string{"Ada Lovelace"}, []string{"The first token"}},
		{"/admin/sessions", "customer_sessions:read organization_access_tokens:read", 200, []string{"The first token"}, []string{"Ada Lovelace"}},
		{"/admin/sessions", "customer_sessions:write", 200, []string{`data-test="end-session"`, `data-test="end-all"`}, nil},
		{"/admin/sessions", "customers:write", 403, nil, []string{s.ID}},
		{"/admin/sessions/end", "customer_sessions:read", 403, nil, nil},
		{"/admin/sessions/" + s.ID, "customer_sessions:read", 200, []string{"Ending sessions needs the scope"}, []string{`data-test="end-session"`}},
		{"/admin/sessions/" + s.ID, "customers:read", 403, nil, []string{s.ID}},

		{"/admin/access-tokens", "organization_access_tokens:read", 200, []string{"The first token", "Creating, changing and revoking access tokens needs"}, []string{`data-test="create-token"`, ">Revoke"}},
		{"/admin/access-tokens", "organization_access_tokens:write customers:read", 200, []string{`data-test="create-token"`, `value="customers:read"`}, []string{`value="customers:write"`}},
		{"/admin/access-tokens", "organizations:write", 403, nil, []string{"The first token"}},

		{"/admin/settings", "organizations:read", 200, []string{"Changing settings needs", "<fieldset class=\"stack\" disabled>"}, []string{">Save<"}},
		{"/admin/settings", "organizations:write", 200, []string{">Save<"}, []string{"Changing settings needs"}},
		{"/admin/settings", "customers:write", 403, []string{"organizations:read or organizations:write"}, nil},
	} {
		b := srv.operator(srv.AccessToken(strings.Fields(c.scopes)...).Token)
		b.get(c.path).is(c.status, c.wanted...).without(c.forbidden...)
	}
}

// A form needs exactly one scope: all the others together do not suffice.
func TestFormsNeedScopes(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	all := []string{
		"customers:read", "customers:write", "members:read", "members:write", "organizations:read", "organizations:write", "webhooks:read", "webhooks:write",
		"customer_sessions:read", "customer_sessions:write", "organization_access_tokens:read", "organization_access_tokens:write",
	}
	needs := func(path string) string {
		switch {
		case strings.Contains(path, "/settings/"):
			return "organizations:write"
		case strings.Contains(path, "/access-tokens"):
			return "organization_access_tokens:write"
		}
		return "customer_sessions:write"
	}
	for path := range everyForm("C", "S", "T") {
		if path == "/admin/sign-in" || path == "/admin/sign-out" {
			continue
		}
		t.Run(strings.TrimPrefix(path, "/admin/"), func(t *testing.T) {
			srv.T = t
			s, other := srv.session(customer), srv.AccessToken("customers:read")
			form := everyForm("C", "S", "T")[path]
			at := strings.NewReplacer("/C/", "/"+customer+"/", "/S/", "/"+s.ID+"/", "/T", "/"+other.ID).Replace(path)
			var others []string
			for _, scope := range all {
				if scope != needs(path) {
					others = append(others, scope)
				}
			}
			srv.operator(srv.AccessToken(others...).Token).post(at, form).is(http.StatusForbidden, "It needs "+needs(path)+".")
			if !srv.IsLive(s.Token) || srv.Call(other.Token, "GET", "/v1/customers/", "", nil) != http.StatusOK {
				t.Fatal("a refused form took effect")
			}
			p := srv.operator(srv.AccessToken(needs(path), "customers:read").Token).revealing("POST", at, form, "Sec-Fetch-Site", "same-origin")
			if p.status != http.StatusOK && p.status != http.StatusSeeOther {
				t.Errorf("%d with %s alone: %s", p.status, needs(path), p.text)
			}
		})
	}
}

// The pages do not show objects of another organization.
func TestOtherOrganizationsAreHidden(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	s, token := srv.session(customer), srv.AccessToken("customers:read")
	stranger := srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken)
	for path, form := range everyForm(customer, s.ID, token.ID) {
		if strings.Contains(path, customer) || strings.Contains(path, s.ID) || strings.Contains(path, token.ID) {
			p := stranger.post(path, form)
			if p.status != http.StatusNotFound && p.status != http.StatusConflict {
				t.Errorf("%s: %d %s", p.asked, p.status, p.text)
			}
			p.without("Ada", "ada@example.com")
		}
	}
	for _, path := range everyPage(customer, s.ID, token.ID) {
		p := stranger.get(path).without("Ada", "ada@example.com", s.ID)
		if named := strings.Contains(path, customer) || strings.Contains(path, s.ID) || strings.Contains(path, token.ID); named && p.status != http.StatusNotFound {
			t.Errorf("%s: %d", p.asked, p.status)
		}
	}
	if !srv.IsLive(s.Token) || srv.Call(token.Token, "GET", "/v1/customers/", "", nil) != http.StatusOK {
		t.Error("another organization ended a session")
	}
	mine := srv.operator(srv.Token)
	theirs := srv.CreateOrganization(testserver.NewOrganization{Slug: "third"})
	var c testserver.Created
	srv.Call(theirs.AccessToken, "POST", "/v1/customers/", `{"type":"team","email":"t@example.com","owner":{"email":"o@example.com"}}`, &c)
	var list struct{ Items []testserver.Created }
	srv.Call(theirs.AccessToken, "GET", "/v1/customers/"+c.ID+"/members", "", &list)
	mine.post("/admin/customers/"+customer+"/impersonate", url.Values{"member": {list.Items[0].ID}}).is(http.StatusConflict, "Member does not exist for this customer.")
	mine.post("/admin/customers/"+customer+"/end", url.Values{"member": {list.Items[0].ID}}).is(http.StatusNotFound)
}

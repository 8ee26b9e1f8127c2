package polar_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func TestVersionAndOrganizationHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		opts []polar.Option
		want string
	}{
		"default":      {nil, "[2026-10] []"},
		"selected":     {[]polar.Option{polar.WithAPIVersion(polar.Version202701)}, "[2027-01] []"},
		"none":         {[]polar.Option{polar.WithAPIVersion("")}, "[] []"},
		"organization": {[]polar.Option{polar.WithOrganization("o")}, "[2026-10] [o]"},
	} {
		var got string
		client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			got = fmt.Sprint(r.Header["Polar-Version"], " ", r.Header["Polar-Organization"])
			respond(200, liveBody, asJSON)(w, r)
		})
		if _, err := introspect(t, client, test.opts...); err != nil || got != test.want {
			t.Errorf("%s: sent %s, %v", name, got, err)
		}
	}
	for _, id := range []polar.OrganizationID{"", "a\nb"} {
		if _, err := polar.New(polar.WithOrganization(id)); err == nil {
			t.Errorf("New accepts the organization %q", id)
		}
	}
}

// A version that the server does not have is ErrAPIVersion. The 404 of an object or a route is not.
func TestUnknownVersion(t *testing.T) {
	srv := polartest.New(t)
	client := srv.Client(polar.WithAPIVersion("2024-01"))
	_, err := client.Organizations.Get(t.Context(), srv.OrganizationID)
	if !errors.Is(err, polar.ErrAPIVersion) || errors.Is(err, polar.ErrNotFound) {
		t.Errorf("%v", err)
	}
	wantText(t, err.Error(), []string{`version "2024-01"`, "WithAPIVersion"}, nil)
	for _, err := range []error{
		errorOf(srv.Client().Customers.Get(t.Context(), polar.ExternalCustomerID("nobody"))),
		srv.Client().Do(t.Context(), http.MethodGet, "/v1/nothing", nil, nil),
		errorOf(introspect(t, newClient(t, respond(404, `{"detail":"Not Found"}`, asJSON), polar.WithAPIVersion("")))),
		errorOf(introspect(t, newClient(t, respond(404, "<p>", "Content-Type: text/html")))),
	} {
		if errors.Is(err, polar.ErrAPIVersion) || !errors.Is(err, polar.ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
}

// An access token is refused for another organization.
func TestWithOrganization(t *testing.T) {
	srv := polartest.New(t)
	if _, err := srv.Client().Customers.ListPage(t.Context(), polar.CustomerListParams{}, polar.WithOrganization(srv.OrganizationID)); err != nil {
		t.Error(err)
	}
	const other = "00000000-0000-4000-8000-000000000000"
	if _, err := srv.Client().Customers.ListPage(t.Context(), polar.CustomerListParams{}, polar.WithOrganization(other)); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("%v", err)
	}
	session := srv.Session()
	if err := srv.Client().CustomerSessions.RevokeOrganization(t.Context(), other, "leaving"); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("%v", err)
	}
	if _, err := introspect(t, srv.Client(), polar.WithAPIVersion("")); err == nil {
		t.Error("an unknown token is live")
	}
	if _, err := srv.Client().CustomerPortal.CustomerSession.Introspect(t.Context(), polar.SecurityFor(session.Token)); err != nil {
		t.Errorf("the sessions of the organization ended: %v", err)
	}
	if err := srv.Client().CustomerSessions.RevokeOrganization(t.Context(), srv.OrganizationID, "leaving"); err != nil {
		t.Error(err)
	}
}

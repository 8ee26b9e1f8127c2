package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// What differs between the versions of the API (docs/wire.md, Versions).
func TestBodiesByVersion(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	const (
		member       = `"member_model_enabled":true`
		units        = `"subscription":{"update_seats":true,"update_plan":true,"update_units":true}`
		withoutUnits = `"subscription":{"update_seats":true,"update_plan":true}`
	)
	for version, want := range map[string]struct {
		members int
		portal  string
	}{
		"": {1, withoutUnits}, "2026-04": {1, withoutUnits}, "2026-10": {1, withoutUnits}, "2027-01": {0, units},
	} {
		get := func(path string, headers ...string) testserver.Answer {
			return srv.Send("GET", path, "", append(headers, "Polar-Version", version)...)
		}
		bearer := []string{"Authorization", "Bearer " + srv.Token}
		own := get("/v1/organizations/"+srv.OrgID, bearer...)
		own.Is(t, 200, want.portal, `"notification_settings":{"new_order":true,`, `"profile_settings":{"enabled":false}`)
		get("/v1/organizations/", bearer...).Exactly(t, 200, `{"items":[`+own.Body+`],"pagination":{"total_count":1,"max_page":1}}`)
		seen := get("/v1/customer-portal/organizations/acme")
		seen.Is(t, 200, want.portal, `"notification_settings":{"new_order":true,`, `"profile_settings":{"enabled":false}`)
		if n := strings.Count(own.Body, member); n != want.members {
			t.Errorf("%q: the organization has %s %d times, want %d", version, member, n, want.members)
		}
		if n := strings.Count(seen.Body, member); n != 2*want.members {
			t.Errorf("%q: the organization of the portal has %s %d times, want %d", version, member, n, 2*want.members)
		}
	}
}

// Strict mode leaves out what Polar has removed from organizations.
func TestOrganizationsInStrictMode(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, func(o *testserver.Options) { o.StrictPolar = true })
	own := srv.As(srv.Token, "GET", "/v1/organizations/"+srv.OrgID, "")
	own.Is(t, 200, `"notification_settings":`)
	own.Lacks(t, "profile_settings")
	seen := srv.Request("GET", "/v1/customer-portal/organizations/acme", "")
	seen.Lacks(t, "profile_settings")
	seen.Lacks(t, "notification_settings")
}

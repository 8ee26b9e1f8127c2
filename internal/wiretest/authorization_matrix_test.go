package wiretest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/testserver"
)

// verdict is what a route answers to a kind of credential.
type verdict string

const (
	allowed      verdict = "allowed"
	anonymous    verdict = "401 without a reason" // no credential, or one of a kind that the route does not accept
	invalid      verdict = "401 invalid_token"
	insufficient verdict = "403 insufficient_scope"
	notPermitted verdict = "403 NotPermitted" // the role of the member has no such right
	foreign      verdict = "nothing of another organization"
)

// callerKind is what a credential proves.
type callerKind int

const (
	nobody callerKind = iota
	broken            // a bearer token that is not live
	byOrganization
	bySession
)

// caller is a kind of credential.
type caller struct {
	name  string
	kind  callerKind
	token string
	// scopes are the scopes of the credential.
	scopes []string
	// role is the role of a member, or "" for the session of a customer.
	role string
	// elsewhere is set for a credential of another organization.
	elsewhere bool
}

// everyone and managers are the roles that may use a route of the portal. "" is a customer that holds the session itself.
var (
	everyone = []string{"", "owner", "billing_manager", "member"}
	managers = []string{"", "owner", "billing_manager"}
	teams    = []string{"owner", "billing_manager"}
)

// portalRoles has the roles for each operation of the portal. A new operation needs a row.
var portalRoles = map[string][]string{
	"customer_portal:customer-session:sign_out":               everyone,
	"customer_portal:customer-sessions:list":                  everyone,
	"customer_portal:customer-sessions:revoke":                everyone,
	"customer_portal:customer-session:introspect":             everyone,
	"customer_portal:customer-session:get_authenticated_user": everyone,
	"customer_portal:customer-session:request_proof":          everyone,
	"customer_portal:customer-session:confirm_proof":          everyone,
	"customer_portal:forward_auth":                            everyone,
	"customer_portal:customers:get":                           everyone,
	"customer_portal:customers:export":                        everyone,
	"customer_portal:customers:update":                        managers,
	"customer_portal:customers:request_email_update":          managers,
	"customer_portal:members:list_members":                    teams,
	"customer_portal:members:add_member":                      teams,
	"customer_portal:members:update_member":                   teams,
	"customer_portal:members:remove_member":                   teams,
}

// forMembers are the operations that refuse sessions of customers in the same way as a credential of another kind.
var forMembers = []string{
	"customer_portal:members:list_members", "customer_portal:members:add_member", "customer_portal:members:update_member", "customer_portal:members:remove_member",
}

// expect returns the verdict about a caller from the documented scopes of an operation and portalRoles.
func expect(op openapi.Operation, c caller) verdict { return expectRole(op, c, portalRoles[op.ID]) }

// expectRole is like expect, for an operation of the portal that accepts the roles.
func expectRole(op openapi.Operation, c caller, roles []string) verdict {
	accepts := byOrganization
	if isPortalOperation(op) {
		accepts = bySession
	}
	switch {
	case c.kind == broken:
		return invalid
	case op.ID == "customer_portal:customer-session:request" && c.kind == byOrganization && c.elsewhere:
		return notPermitted // an access token requests codes for its own organization
	case len(op.Scopes) == 0:
		return allowed
	case c.kind != accepts, c.role == "" && c.kind == bySession && slices.Contains(forMembers, op.ID):
		return anonymous
	case !slices.ContainsFunc(op.Scopes, func(s string) bool { return slices.Contains(c.scopes, s) }):
		return insufficient
	case c.elsewhere:
		return foreign
	case c.kind == bySession && !slices.Contains(roles, c.role):
		return notPermitted
	}
	return allowed
}

// verdictOf classifies an answer. secrets are texts that only the organization of the requested objects may read.
func verdictOf(a testserver.Answer, secrets []string) verdict {
	switch {
	case a.Status == http.StatusUnauthorized && a.Body == unauthorized:
		return anonymous
	case a.Status == http.StatusUnauthorized && a.Body == invalidToken:
		return invalid
	case a.Status == http.StatusForbidden && strings.Contains(a.Body, "insufficient_scope"):
		return insufficient
	case a.Status == http.StatusForbidden && strings.Contains(a.Body, `"NotPermitted"`):
		return notPermitted
	case a.Status >= 500:
		return verdict(fmt.Sprint(a.Status))
	case !slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(a.Body, s) }):
		return foreign
	}
	return allowed
}

// matrixCallers returns every kind of credential for a fixture. away is a fixture of another organization, and legacy
// is an access token of an organization without members, whose customer "ada" holds its sessions itself.
func matrixCallers(srv *testserver.Server, s, away *fixture, legacy string, op openapi.Operation) []caller {
	write, read := []string{"customer_portal:read", "customer_portal:write"}, []string{"customer_portal:read"}
	session := func(token, fields string) string { return srv.As(token, "POST", sessions, fields).At("token").(string) }
	member := func(role string) string {
		a := srv.As(s.token, "POST", customers+s.team.ID+"/members", fmt.Sprintf(`{"email":"%s-%d@acme.example","role":%q}`, role, nextName.Add(1), role))
		return a.At("id").(string)
	}
	manager, plain := member("billing_manager"), member("member")
	of := func(customer, member, more string) string {
		return session(s.token, fmt.Sprintf(`{"customer_id":%q,"member_id":%q%s}`, customer, member, more))
	}
	owner := srv.OwnerAs(s.token, s.team.ID)
	const reading = `,"scopes":["customer_portal:read"]`
	revoked := of(s.team.ID, owner, "")
	srv.As(revoked, "DELETE", "/v1/customer-portal/customer-session", "")
	revokedToken := srv.AccessToken("customers:read")
	srv.As(s.token, "DELETE", "/v1/organization-access-tokens/"+revokedToken.ID, "")
	ticket := srv.As(s.token, "POST", sessions, fmt.Sprintf(`{"customer_id":%q,"one_time_link":true}`, s.person.ID)).At("customer_portal_url").(string)
	_, ticket, _ = strings.Cut(ticket, "ticket=")
	ticket, _, _ = strings.Cut(ticket, "&")
	var others []string
	for _, other := range scopedOperations() {
		if !isPortalOperation(other) {
			others = append(others, other.Scopes...)
		}
	}
	slices.Sort(others)
	others = slices.DeleteFunc(slices.Compact(others), func(scope string) bool { return slices.Contains(op.Scopes, scope) })
	callers := []caller{
		{name: "nobody", kind: nobody},
		{name: "no token of Polar's form", kind: broken, token: "secret"},
		{name: "a damaged token", kind: broken, token: s.ownerSession[:len(s.ownerSession)-1] + "_"},
		{name: "a revoked session", kind: broken, token: revoked},
		{name: "a revoked access token", kind: broken, token: revokedToken.Token},
		{name: "the ticket of a one-time link", kind: broken, token: ticket},
		{name: "the token of an email change", kind: broken, token: s.updateToken},
		{name: "an access token with all other scopes", kind: byOrganization, token: srv.AccessToken(others...).Token, scopes: others},
		{name: "another organization's access token", kind: byOrganization, token: away.token, scopes: op.Scopes, elsewhere: true},
		{name: "another organization's session", kind: bySession, token: session(away.token, fmt.Sprintf(`{"customer_id":%q,"member_id":%q}`, away.team.ID, srv.OwnerAs(away.token, away.team.ID))), scopes: write, role: "owner", elsewhere: true},
		{name: "a customer", kind: bySession, token: session(legacy, `{"external_customer_id":"ada"}`), scopes: write},
		{name: "a customer's read-only session", kind: bySession, token: session(legacy, `{"external_customer_id":"ada"`+reading+`}`), scopes: read},
		{name: "an owner's read-only session", kind: bySession, token: of(s.team.ID, owner, reading), scopes: read, role: "owner"},
		{name: "a member", kind: bySession, token: of(s.team.ID, plain, ""), scopes: write, role: "member"},
		{name: "a billing manager", kind: bySession, token: of(s.team.ID, manager, ""), scopes: write, role: "billing_manager"},
		{name: "a team's owner", kind: bySession, token: of(s.team.ID, owner, ""), scopes: write, role: "owner"},
	}
	for _, scope := range op.Scopes {
		if !isPortalOperation(op) {
			callers = append(callers, caller{name: "an access token with " + scope, kind: byOrganization, token: srv.AccessToken(scope).Token, scopes: []string{scope}})
		}
	}
	return callers
}

// TestAuthorizationMatrix sends a valid request of every operation with every kind of credential. The operations are those of the
// route table; the fixture fails for a new operation without a valid request, and portalRoles for one of the portal without roles.
func TestAuthorizationMatrix(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	mails := newMailIndex(t, srv.Mail)
	org := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt"})
	away := newFixture(srv, mails, org.ID, "bolt", org.AccessToken, 0)
	legacy := srv.CreateOrganization(testserver.NewOrganization{Slug: "legacy", WithoutMembers: true})
	srv.As(legacy.AccessToken, "POST", customers, `{"email":"ada@legacy.example","external_id":"ada"}`)
	for i, op := range polarOperations() {
		if _, ok := portalRoles[op.ID]; isPortalOperation(op) && len(op.Scopes) > 0 && !ok {
			t.Errorf("portalRoles has no row for %s", op.ID)
			continue
		}
		s := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, i+1)
		for _, c := range matrixCallers(srv, &s, &away, legacy.AccessToken, op) {
			if op.ID == "customer_portal:customer-session:redeem" { // each ticket works once
				s.ticket = signInTicket(srv, s.org, s.slug, s.token, s.ticketSession)
			}
			r, ok := s.valid(op)
			if !ok {
				t.Fatalf("%s has no valid request", op.ID)
			}
			var a testserver.Answer
			if c.token == "" {
				a = srv.Request(op.Method, r.target(), r.body)
			} else {
				a = srv.As(c.token, op.Method, r.target(), r.body)
			}
			sent := r.target() + r.body // an answer may repeat it
			secrets := slices.DeleteFunc(s.private(), func(secret string) bool { return secret == "" || strings.Contains(sent, secret) })
			got, want := verdictOf(a, secrets), expect(op, c)
			if want == allowed && got == foreign { // an answer without an object, such as 204 or a new one
				got = allowed
			}
			if got != want {
				t.Errorf("%s by %s: %s, want %s\n%d %.200s", op.ID, c.name, got, want, a.Status, a.Body)
			}
		}
	}
	srv.Advance(2 * time.Hour) // sessions last one hour
	for _, op := range polarOperations() {
		if a := away.sendValid(srv, op, away.ownerSession); a.Status != http.StatusUnauthorized || a.Body != invalidToken {
			t.Errorf("%s with an expired session: %d %s", op.ID, a.Status, a.Body)
		}
	}
}

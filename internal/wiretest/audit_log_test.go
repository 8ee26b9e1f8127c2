package wiretest_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/testserver"
)

// auditedOperations has every operation that is not a GET: the actions and the actor of the entries that a valid request leaves, or
// "" if the operation is not audited, which the comment explains.
var auditedOperations = map[string]string{
	"customer-sessions:create":                 "", // creating sessions with the API is not audited
	"customer-sessions:inspect":                "", // reads
	"oauth2:introspect":                        "", // reads
	"customer_portal:customer-session:request": "", // sends a mail and changes nothing

	"customer_portal:customer-session:redeem":        "", // the sign-in was audited; the application gets the same session
	"customer_portal:customer-session:request_proof": "", // sends a mail and changes nothing

	"customer_portal:customer-session:confirm_proof": "member: session.proven",

	"customer-sessions:update":     "access_token: session.updated",
	"customer-sessions:revoke":     "access_token: session.ended",
	"customer-sessions:revoke_all": "access_token: member.sessions_ended",
	"oauth2:revoke":                "access_token: session.ended",

	"customer_portal:customer-session:sign_out":     "member: session.ended",
	"customer_portal:customer-sessions:revoke":      "member: session.ended",
	"customer_portal:customer-session:authenticate": "member visitor: customer.updated session.signed_in", // the address is verified

	"customers:create":          "access_token: customer.created",
	"customers:update":          "access_token: customer.updated",
	"customers:delete":          "access_token: customer.deleted",
	"customers:update_external": "access_token: customer.updated",
	"customers:delete_external": "access_token: customer.deleted",

	"members:create_member":                "access_token: member.created",
	"members:update_member":                "access_token: member.updated",
	"members:delete_member":                "access_token: member.deleted",
	"members:update_member_by_external_id": "access_token: member.role_changed member.updated",
	"members:delete_member_by_external_id": "access_token: member.deleted",

	"customers:members:create":          "access_token: member.created",
	"customers:members:update":          "access_token: member.updated",
	"customers:members:delete":          "access_token: member.deleted",
	"customers:members:create_external": "access_token: member.created",
	"customers:members:update_external": "access_token: member.role_changed member.updated",
	"customers:members:delete_external": "access_token: member.deleted",

	"customer_portal:customers:update":               "member: customer.updated",
	"customer_portal:customers:request_email_update": "member: customer.email_update_requested",
	"customer_portal:customers:verify_email_update":  "visitor: customer.email_changed member.email_changed",
	"customer_portal:members:add_member":             "member: member.created",
	"customer_portal:members:update_member":          "member: member.role_changed member.updated",
	"customer_portal:members:remove_member":          "member: member.deleted",

	"organizations:customer-session-settings:update": "access_token: organization.updated",
	"organizations:customer-portal-settings:update":  "access_token: organization.updated",

	"organization_access_tokens:create": "access_token: access_token.created",
	"organization_access_tokens:update": "access_token: access_token.updated",
	"organization_access_tokens:rotate": "access_token: access_token.created access_token.rotated",
	"organization_access_tokens:delete": "access_token: access_token.revoked access_token.sessions_ended",

	"webhooks:create_webhook_endpoint":        "access_token: webhook_endpoint.created",
	"webhooks:update_webhook_endpoint":        "access_token: webhook_endpoint.updated",
	"webhooks:rotate_webhook_endpoint_secret": "access_token: webhook_endpoint.secret_rotated",
	"webhooks:reset_webhook_endpoint_secret":  "access_token: webhook_endpoint.secret_rotated",
	"webhooks:delete_webhook_endpoint":        "access_token: webhook_endpoint.deleted",
	"webhooks:redeliver_webhook_event":        "access_token: webhook_event.redelivered",

	"integrations_github:secret_scanning": "", // needs a signature of GitHub; TestLeakedTokensAreAudited
}

// entry is an entry of the audit log.
type entry struct {
	ID, Action, Outcome string
	Actor               struct{ Type, ID string }
	Target              struct{ Type, ID string }
	CustomerID          *string `json:"customer_id"`
	IPAddress           *string `json:"ip_address"`
	UserAgent           *string `json:"user_agent"`
	Details             struct{ Reason *string }
}

// auditLog returns all entries of the organization of a token.
func auditLog(srv *testserver.Server, token string) (all []entry) {
	srv.T.Helper()
	for after := ""; ; {
		var page struct{ Items []entry }
		if status := srv.Call(token, "GET", "/v1/audit-log/?limit=100&after="+after, "", &page); status != 200 {
			srv.T.Fatalf("audit log: %d", status)
		}
		all = append(all, page.Items...)
		if len(page.Items) < 100 {
			return all
		}
		after = page.Items[99].ID
	}
}

// entriesOf returns the entries that f leaves, without their order, which is not certain while the clock stands still.
func entriesOf(srv *testserver.Server, token string, f func()) []entry {
	srv.T.Helper()
	before := auditLog(srv, token)
	f()
	return slices.DeleteFunc(auditLog(srv, token), func(e entry) bool {
		return slices.ContainsFunc(before, func(old entry) bool { return old.ID == e.ID })
	})
}

// actionsOf returns the actors and the actions of entries as a text, such as "access_token: member.created member.updated".
func actionsOf(entries []entry) string {
	var actors, actions []string
	for _, e := range entries {
		actors, actions = append(actors, e.Actor.Type), append(actions, e.Action)
	}
	if len(entries) == 0 {
		return ""
	}
	slices.Sort(actors)
	slices.Sort(actions)
	return strings.Join(slices.Compact(actors), " ") + ": " + strings.Join(actions, " ")
}

// TestEveryChangeIsAudited sends a valid request of every operation that can change something.
func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	mails := newMailIndex(t, srv.Mail)
	planted := 0
	for i, op := range operations() {
		if op.Method == "GET" || op.Method == "HEAD" {
			continue
		}
		want, decided := auditedOperations[op.ID]
		if !decided {
			t.Errorf("%s %s: decide whether %s is audited, and add it to auditedOperations", op.Method, op.Path, op.ID)
			continue
		}
		if op.ID == "integrations_github:secret_scanning" {
			continue
		}
		s := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, i)
		for _, secret := range append(s.tokens(), s.code) { // the audit log must not contain them
			srv.AddSecret(secret)
		}
		entries := entriesOf(srv, srv.Token, func() {
			a := sendFixed(srv, &s, op)
			if a.Status/100 != 2 {
				t.Errorf("%s: %d %s", op.ID, a.Status, a.Body)
			}
			for _, name := range []string{"secret", "token"} { // of a webhook endpoint, an access token or a session
				if secret, ok := a.At(name).(string); ok && secret != "" {
					srv.AddSecret(secret)
					planted++
				}
			}
		})
		if got := actionsOf(entries); got != want {
			t.Errorf("%s leaves %q, want %q", op.ID, got, want)
		}
		for _, e := range entries {
			if e.Outcome != "succeeded" || e.IPAddress == nil || *e.IPAddress != "127.0.0.1" || e.UserAgent == nil {
				t.Errorf("%s: %+v", op.ID, e)
			}
		}
	}
	if planted < 5 {
		t.Errorf("the answers contained %d secrets", planted)
	}
}

// sendFixed sends a valid request of an operation. Where the fixture's request changes nothing, it sends another one.
func sendFixed(srv *testserver.Server, s *fixture, op openapi.Operation) testserver.Answer {
	r, _ := s.valid(op)
	switch op.ID {
	case "webhooks:update_webhook_endpoint":
		r.body = fmt.Sprintf(`{"name":%q}`, s.team.ID)
	case "organizations:customer-session-settings:update":
		r.body = fmt.Sprintf(`{"max_sessions":%d}`, 100+nextName.Add(1)%900)
	case "oauth2:revoke":
		r.body = "token=" + url.QueryEscape(s.spareSession.Token)
	}
	headers := []string{}
	if strings.HasPrefix(op.ID, "oauth2:") {
		headers = []string{"Content-Type", "application/x-www-form-urlencoded"}
	}
	return srv.As(s.tokenFor(op), op.Method, r.target(), r.body, headers...)
}

// TestRefusedSignInsAreAudited checks the entries of wrong codes.
func TestRefusedSignInsAreAudited(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	entries := entriesOf(srv, srv.Token, func() {
		srv.Request("POST", "/v1/customer-portal/customer-session/authenticate", `{"code":"AAAAAAAA","customer_id":"`+c.ID+`"}`)
	})
	if got := actionsOf(entries); got != "visitor: session.signed_in" || entries[0].Outcome != "refused" || *entries[0].Details.Reason != "unknown_code" {
		t.Errorf("%q, %+v", got, entries)
	}
}

// TestChangesThatFailAreNotAudited checks that a refused change leaves no entry.
func TestChangesThatFailAreNotAudited(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	ada := srv.Ada()
	entries := entriesOf(srv, srv.Token, func() {
		for _, body := range []string{`{"email":"` + ada.Email + `"}`, `{}`} {
			if a := srv.As(srv.Token, "POST", customers, body); a.Status != 422 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
	})
	if len(entries) != 0 {
		t.Errorf("%+v", entries)
	}
}

// TestLeakedTokensAreAudited checks the entry of a session that GitHub reported.
func TestLeakedTokensAreAudited(t *testing.T) {
	t.Parallel()
	g := newGitHub(t)
	srv := testserver.New(t, g.configure)
	session := srv.CustomerSession(srv.Ada())
	entries := entriesOf(srv, srv.Token, func() { g.report(srv, "["+leakReport(session.Token, "polar_member_session_token")+"]") })
	if got := actionsOf(entries); got != "visitor: session.ended" || *entries[0].Details.Reason != "leaked" || entries[0].Target.ID != session.ID {
		t.Errorf("%q, %+v", got, entries)
	}
}

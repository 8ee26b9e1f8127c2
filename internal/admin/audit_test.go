package admin_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/admin"
)

// auditedForms has every form of the pages, and the actions of the entries that it leaves.
var auditedForms = map[string]string{
	"sign-in":                    "operator.signed_in",
	"sign-out":                   "operator.signed_out",
	"customers/{id}/link":        "session.created_by_operator",
	"customers/{id}/impersonate": "session.impersonated",
	"customers/{id}/end":         "customer.sessions_ended",
	"sessions/end":               "organization.sessions_ended",
	"sessions/{id}/end":          "session.ended",
	"access-tokens":              "access_token.created",
	"access-tokens/{id}":         "access_token.updated",
	"access-tokens/{id}/revoke":  "access_token.revoked",
	"access-tokens/{id}/rotate":  "access_token.created access_token.rotated",
	"sign-ins/{id}/end":          "operator.session_revoked",
	"deliveries/{id}/resend":     "webhook_event.redelivered",
	"settings/portal":            "organization.updated",
	"settings/sessions":          "organization.updated",
}

// TestEveryFormIsAudited sends every form, and checks the entries that it leaves.
func TestEveryFormIsAudited(t *testing.T) {
	for _, path := range admin.FormPaths() {
		want, decided := auditedForms[path]
		if !decided {
			t.Errorf("decide whether the form at /admin/%s is audited, and add it to auditedForms", path)
			continue
		}
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t)
			srv.endpoint()
			customer, other := srv.ada(), srv.AccessToken("customers:read")
			session := srv.session(srv.CreateCustomer(`"email":"bob@example.com"`))
			id := map[string]string{"sessions": session.ID, "access-tokens": other.ID, "customers": customer, "deliveries": srv.event()}[strings.Split(path, "/")[0]]
			to := "/admin/" + strings.Replace(path, "{id}", id, 1)
			form := everyForm(customer, session.ID, other.ID)[to]
			b := srv.browser()
			if strings.HasPrefix(path, "sign-ins") {
				to = "/admin/sign-ins/" + srv.signInOf(other.Token) + "/end"
			}
			if path == "sign-in" {
				form = url.Values{"token": {srv.Token}}
			} else {
				b = srv.operator(srv.Token)
			}
			before := srv.auditLog()
			if p := b.revealing("POST", to, form, "Sec-Fetch-Site", "same-origin"); p.status >= 400 {
				t.Fatalf("%s: %d", p.asked, p.status)
			}
			var actions []string
			for _, e := range srv.auditLog() {
				if slices.ContainsFunc(before, func(old auditEntry) bool { return old.ID == e.ID }) {
					continue
				}
				actions = append(actions, e.Action)
				if e.Actor.Type != "operator" || e.Outcome != "succeeded" || e.IPAddress != "127.0.0.1" {
					t.Errorf("%+v", e)
				}
			}
			slices.Sort(actions)
			if got := strings.Join(actions, " "); got != want {
				t.Errorf("the form leaves %q, want %q", got, want)
			}
		})
	}
}

// TestRefusedOperatorsAreAudited checks the entry of a sign-in with a wrong token. It concerns the whole server, so the API does not
// list it.
func TestRefusedOperatorsAreAudited(t *testing.T) {
	srv := newServer(t)
	before := len(srv.auditLog())
	srv.browser().post("/admin/sign-in", url.Values{"token": {"polar_oat_x"}}).is(422)
	if n := len(srv.auditLog()); n != before {
		t.Errorf("%d entries of the organization were added", n-before)
	}
	if lines := srv.AuditLines(); !strings.Contains(lines, `"organization_id":null,"action":"operator.signed_in","outcome":"refused","actor":{"type":"visitor"`) {
		t.Errorf("the log is %s", lines)
	}
}

type auditEntry struct {
	ID, Action, Outcome string
	Actor               struct{ Type string }
	IPAddress           string `json:"ip_address"`
}

// auditLog returns the newest entries of the organization.
func (srv *server) auditLog() []auditEntry {
	srv.T.Helper()
	var list struct{ Items []auditEntry }
	srv.Call(srv.Token, "GET", "/v1/audit-log/?limit=100", "", &list)
	return list.Items
}

// TestAuditLogPage checks the page, its filters, and the scope that it needs.
func TestAuditLogPage(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	srv.browser().post("/admin/sign-in", url.Values{"token": {"polar_oat_x"}})
	b := srv.operator(srv.Token)
	b.get("/admin/audit-log").is(200, "customer.created", "operator.signed_in", customer, "127.0.0.1", "<title>Audit log").without("Refused</span>", "Ada Lovelace", "ada@example.com")
	b.get("/admin/audit-log?action=customer.created").is(200, `data-test="audit-row"`, "1 entry").without("operator.signed_in</span>")
	b.get("/admin/audit-log?customer="+customer).is(200, "customer.created</span>").without("access_token.created</span>")
	b.get("/admin/audit-log?action=member.deleted").is(200, "No entry matches the filters.")
	b.get("/admin/audit-log?customer=x").is(422, "Enter the ID of a customer", "No entry matches the filters.")
	b.get("/admin/audit-log?outcome=refused").is(200, "No entry matches the filters.")
	b.get("/admin/audit-log?since=2026-10-01&until=2026-10-01").is(200, "customer.created</span>")
	b.get("/admin/audit-log?since=2026-10-02").is(200, "No entry matches the filters.")
	b.get("/admin/audit-log?until=2026-09-30").is(200, "No entry matches the filters.")
	b.get("/admin/audit-log?until=soon&actor=me").is(422, "Enter a day, such as 2026-10-31.", "Enter the ID of an access token")
	b.get("/admin/audit-log?actor="+customer).is(200, "No entry matches the filters.")
	newest, oldest := b.get("/admin/audit-log").text, b.get("/admin/audit-log?order=oldest").text
	if rows := strings.Index(newest, "customer.created</span>") < strings.Index(newest, "organization.created</span>"); !rows || strings.Index(oldest, "customer.created</span>") < strings.Index(oldest, "organization.created</span>") {
		t.Error("the entries have the wrong order")
	}
	srv.operator(srv.AccessToken("customers:write").Token).get("/admin/audit-log").is(403, "audit_log:read")
	srv.operator(srv.AccessToken("audit_log:read").Token).get("/admin/audit-log").is(200, "customer.created")
}

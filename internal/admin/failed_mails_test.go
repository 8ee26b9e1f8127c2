package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// A mail that the mail server refuses is on the page, and nowhere else.
func TestFailedMails(t *testing.T) {
	srv := newServer(t)
	srv.CreateCustomer(`"type":"individual","email":"refused@example.com"`)
	b := srv.operator(srv.Token)
	b.get("/admin/failed-mails").is(http.StatusOK, "No mail has failed.", "0 mails")
	srv.Call("", "POST", "/v1/customer-portal/customer-session/request", `{"email":"refused@example.com","organization_id":"`+srv.OrgID+`"}`, nil)
	p := b.get("/admin/failed-mails")
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(p.text, `data-test="mail-row"`) && time.Now().Before(deadline); p = b.get("/admin/failed-mails") {
	}
	p.is(http.StatusOK, "1 mail", "refused@example.com</a>", "login code", "550", "1 attempt", `href="/admin/customers?q=refused%40example.com"`)
	srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken).get("/admin/failed-mails").is(http.StatusOK, "0 mails")
}

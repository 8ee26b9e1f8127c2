package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// endpoint creates a webhook endpoint that does not answer.
func (srv *server) endpoint() {
	srv.T.Helper()
	srv.Call(srv.Token, "POST", "/v1/webhooks/endpoints", `{"url":"https://hooks.invalid/","events":["session.created","session.revoked"]}`, &testserver.Created{})
}

// event returns the id of the newest event that was sent to an endpoint.
func (srv *server) event() string {
	srv.T.Helper()
	var list struct {
		Items []struct {
			Event struct{ ID string } `json:"webhook_event"`
		}
	}
	srv.Call(srv.Token, "GET", "/v1/webhooks/deliveries", "", &list)
	if len(list.Items) == 0 {
		srv.T.Fatal("no event")
	}
	return list.Items[0].Event.ID
}

func TestDeliveries(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	b.get("/admin/deliveries").is(http.StatusOK, "There are no webhook endpoints.")
	srv.endpoint()
	b.get("/admin/deliveries").is(http.StatusOK, "No delivery matches the filters.", "0 deliveries")
	s := srv.session(srv.ada())
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+s.ID, "", nil)
	p := b.get("/admin/deliveries").is(http.StatusOK, "2 deliveries", "https://hooks.invalid/", "session.created", "Pending", "&#34;type&#34;:&#34;session.revoked&#34;")
	if n := strings.Count(p.text, `data-test="resend"`); n != 2 {
		t.Errorf("%d events can be sent again", n)
	}
	b.get("/admin/deliveries?type=session.revoked").is(http.StatusOK, "1 delivery", "<b>session.revoked</b>").without("<b>session.created</b>")
	b.get("/admin/deliveries?state=failed").is(http.StatusOK, "No delivery matches the filters.")
	b.post("/admin/deliveries/"+srv.event()+"/resend", url.Values{"back": {"?state=pending"}}).leads("/admin/deliveries?state=pending")
	b.get("/admin/deliveries").is(http.StatusOK, "The event will be sent again")
	b.post("/admin/deliveries/"+srv.event()+"/resend", url.Values{"back": {"//evil.example/?state=failed"}}).leads("/admin/deliveries?state=failed")
	b.post("/admin/deliveries/"+s.ID+"/resend", nil).is(http.StatusNotFound)
	srv.operator(srv.AccessToken("webhooks:read").Token).get("/admin/deliveries").is(http.StatusOK, "webhooks:write").without(`data-test="resend"`)
	srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken).get("/admin/deliveries").is(http.StatusOK).without("hooks.invalid")
}

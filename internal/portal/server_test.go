package portal_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

var linkLine = regexp.MustCompile(`/acme/portal/verify-email\?token=(\S+)`)

// server is a test server whose portal is tested. Tests fail if a token or a code appears in the log.
type server struct{ *testserver.Server }

// newServer starts a server without rate limits, unless an option sets some. Its clock starts now, because the cookie jar of the
// tests deletes cookies that have expired.
func newServer(t *testing.T, options ...testserver.Option) *server {
	t.Helper()
	return &server{testserver.New(t, append([]testserver.Option{testserver.Pages(time.Now().Truncate(time.Second))}, options...)...)}
}

// member adds a member to a team, and returns its ID.
func (srv *server) member(customer, email, role string) string {
	srv.T.Helper()
	return srv.Create("/v1/customers/"+customer+"/members", `{"email":"`+email+`","role":"`+role+`"}`).ID
}

func (srv *server) ada() string {
	srv.T.Helper()
	return srv.CreateCustomer(`"type":"individual","email":"ada@example.com","name":"Ada Lovelace"`)
}

// session is a new session with its link into the portal.
type session struct{ Token, ID, Link string }

func (srv *server) session(fields string) session {
	srv.T.Helper()
	s := srv.Create("/v1/customer-sessions/", "{"+fields+"}")
	at := strings.Index(s.CustomerPortalURL, "/acme/portal")
	if at < 0 {
		srv.T.Fatalf("the link is %s", s.CustomerPortalURL)
	}
	return session{s.Token, s.ID, s.CustomerPortalURL[at:]}
}

// prove proves that the browser's customer reads the emails to its address.
func (b *browser) prove() {
	b.T.Helper()
	b.post("/acme/portal/prove/send", "for", "email").leads("/acme/portal/prove?for=email&sent=1")
	b.post("/acme/portal/prove", "for", "email", "code", b.code()).leads("/acme/portal/settings")
}

// mail waits for the next mail, and returns its subject and text.
func (srv *server) mail() string {
	srv.T.Helper()
	m := srv.Mail.Next()
	return m.Subject + "\n" + m.Text
}

func (srv *server) code() string {
	srv.T.Helper()
	return srv.AddSecret(srv.Mail.Code())
}

package wiretest_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

const emailUpdate = portalCustomer + "/email-update/"

// A thief with a stolen session can request another address. Once the session is ended, that request must not be confirmed.
func TestPendingEmailUpdateEndsWithTheSessions(t *testing.T) {
	for name, evict := range map[string]func(srv *testserver.Server, s fixture, mails *mailIndex) testserver.Answer{
		"the organization changes the address": func(srv *testserver.Server, s fixture, mails *mailIndex) testserver.Answer {
			return srv.As(srv.Token, "PATCH", customers+s.person.ID, `{"email":"safe@example.com"}`)
		},
		"the customer is deleted": func(srv *testserver.Server, s fixture, mails *mailIndex) testserver.Answer {
			return srv.As(srv.Token, "DELETE", customers+s.person.ID, "")
		},
		"the customer becomes a team": func(srv *testserver.Server, s fixture, mails *mailIndex) testserver.Answer {
			return srv.As(srv.Token, "PATCH", customers+s.person.ID, `{"type":"team"}`)
		},
		"another update is confirmed first": func(srv *testserver.Server, s fixture, mails *mailIndex) testserver.Answer {
			if a := srv.As(s.personSession, "POST", emailUpdate+"request", `{"email":"second@example.com"}`); a.Status != 202 {
				return a
			}
			return srv.Request("POST", emailUpdate+"verify", `{"token":"`+mails.secret("second@example.com")+`"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := testserver.New(t, testserver.RateLimits("off"))
			mails := newMailIndex(t, srv.Mail)
			s := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, 0)
			if a := srv.Request("GET", emailUpdate+"check?token="+s.updateToken, ""); a.Status != 204 {
				t.Fatalf("before: %d %s", a.Status, a.Body)
			}
			if a := evict(srv, s, mails); a.Status/100 != 2 {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
			if a := srv.Request("POST", emailUpdate+"verify", `{"token":"`+s.updateToken+`"}`); a.Status != http.StatusUnauthorized {
				t.Errorf("the update was confirmed: %d %s", a.Status, a.Body)
			}
		})
	}
}

// Login codes and tokens of email updates work once, even if many callers use them at the same time.
func TestSecretsWorkOnce(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	s := newFixture(srv, newMailIndex(t, srv.Mail), srv.OrgID, "acme", srv.Token, 0)
	for _, use := range [][2]string{ // the code first: the email update changes the address that the code was sent to
		{authenticate, `{"code":"` + s.code + `"}`}, {emailUpdate + "verify", `{"token":"` + s.updateToken + `"}`},
	} {
		path, body := use[0], use[1]
		var wg sync.WaitGroup
		var good atomic.Int64
		for range 20 {
			wg.Go(func() {
				switch a := srv.Request("POST", path, body); a.Status {
				case http.StatusOK:
					good.Add(1)
				case http.StatusUnauthorized:
				default:
					t.Errorf("%s: %d %s", path, a.Status, a.Body)
				}
			})
		}
		wg.Wait()
		if n := good.Load(); n != 1 {
			t.Errorf("%s succeeded %d times, want once", path, n)
		}
		if a := srv.Request("POST", path, body); a.Status != http.StatusUnauthorized {
			t.Errorf("%s later: %d", path, a.Status)
		}
	}
}

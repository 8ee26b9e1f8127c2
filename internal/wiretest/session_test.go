package wiretest_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	introspect = "/v1/customer-portal/customer-session/introspect"
	user       = "/v1/customer-portal/customer-session/user"
	sessions   = "/v1/customer-sessions/"
	customers  = "/v1/customers/"

	accessTokens   = "/v1/organization-access-tokens/"
	portalCustomer = "/v1/customer-portal/customers/me"
	portalMembers  = "/v1/customer-portal/members"
)

func TestMemberSession(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
	s := srv.Create(sessions, `{"customer_id":"`+c.ID+`","return_url":"https://Example.com"}`)
	if !regexp.MustCompile(`^polar_mst_[0-9A-Za-z]{43}$`).MatchString(s.Token) {
		t.Errorf("the token is %q", s.Token)
	}
	if want := "https://portal.example.com/acme/portal?customer_session_token=" + s.Token + "&email=ada%40example.com"; s.CustomerPortalURL != want {
		t.Errorf("the portal link is %q, want %q", s.CustomerPortalURL, want)
	}
	if s.CustomerID != c.ID || s.CreatedAt != "2026-10-01T12:00:00.120000Z" {
		t.Errorf("made %+v", s)
	}
	a := srv.As(s.Token, "GET", introspect, "")
	if want := `{"expires_at":"2026-10-01T13:00:00.120000Z","return_url":"https://example.com/"}`; a.Status != 200 || a.Body != want {
		t.Errorf("introspect: %d %s, want %s", a.Status, a.Body, want)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "private, no-store", "Polar-Version": "2026-10"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	a = srv.As(s.Token, "GET", user, "")
	for _, want := range []string{`{"type":"member","name":"Ada","email":"ada@example.com","customer_id":"` + c.ID + `","member_id":"`, `","role":"owner"}`} {
		if a.Status != 200 || !strings.Contains(a.Body, want) {
			t.Errorf("user: %d %s, want %s", a.Status, a.Body, want)
		}
	}
}

func TestCustomerSession(t *testing.T) {
	srv := testserver.New(t, testserver.MemberModel(false))
	c := srv.Ada()
	for _, body := range []string{
		`{"external_customer_id":"user_1"}`,
		`{"customer_external_id":"user_1"}`,
		`{"customer_id":"nope","external_customer_id":"user_1"}`,
		`{"customer_id":"` + strings.ToUpper(c.ID) + `","external_customer_id":null}`,
		`{"customer_id":"{` + c.ID + `}","member_id":"00000000-0000-4000-8000-000000000000"}`, // ignored without the member model
	} {
		s := srv.Create(sessions, body)
		if !strings.HasPrefix(s.Token, "polar_cst_") || s.ReturnURL != nil {
			t.Errorf("%s made %+v", body, s)
		}
		a := srv.As(s.Token, "GET", user, "")
		if want := `{"type":"customer","name":"Ada","email":"ada@example.com","customer_id":"` + c.ID + `","member_id":null,"role":null}`; a.Body != want {
			t.Errorf("user: %s, want %s", a.Body, want)
		}
	}
}

func TestSessionExpires(t *testing.T) {
	srv := testserver.New(t)
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	srv.Advance(time.Hour - time.Microsecond)
	if a := srv.As(s.Token, "GET", introspect, ""); a.Status != 200 {
		t.Errorf("a microsecond before its end: %d", a.Status)
	}
	srv.Advance(time.Microsecond)
	if a := srv.As(s.Token, "GET", introspect, ""); a.Status != 401 || a.Body != invalidToken {
		t.Errorf("at its end: %d %s", a.Status, a.Body)
	}
}

func TestVersions(t *testing.T) {
	srv := testserver.New(t)
	for version, want := range map[string]string{"": "2026-10", "2026-10": "2026-10", "2027-01": "2027-01"} {
		if a := srv.Request("GET", introspect, "", "Polar-Version", version); a.Status != 401 || a.Header.Get("Polar-Version") != want {
			t.Errorf("version %q: %d %s", version, a.Status, a.Header.Get("Polar-Version"))
		}
	}
	for _, version := range []string{"2025-01", "latest", "2026-10-01"} {
		a := srv.Request("GET", introspect, "", "Polar-Version", version, "Origin", "https://example.com")
		if a.Status != 404 || a.Body != `{"detail":"Not Found"}` {
			t.Errorf("version %q: %d %s", version, a.Status, a.Body)
		}
		for _, forbidden := range []string{"Polar-Version", "Access-Control-Allow-Origin"} {
			if got := a.Header.Get(forbidden); got != "" {
				t.Errorf("version %q has %s: %s", version, forbidden, got)
			}
		}
	}
}

package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// made is what a test needs of a new customer or session.
type made struct {
	ID, Token         string
	CustomerPortalURL string  `json:"customer_portal_url"`
	CustomerID        string  `json:"customer_id"`
	ReturnURL         *string `json:"return_url"`
	Email, State      string
	ExternalID        *string `json:"external_id"`
	CreatedAt         string  `json:"created_at"`
	ExpiresAt         string  `json:"expires_at"`
}

func (h *house) create(path, body string) (m made) {
	h.t.Helper()
	a := h.as(h.token, "POST", path, body)
	if a.status != http.StatusCreated {
		h.t.Fatalf("POST %s %s: %d %s", path, body, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		h.t.Fatal(err)
	}
	return m
}

func (h *house) customer() made {
	return h.create("/v1/customers/", `{"email":"ada@example.com","name":"Ada","external_id":"user_1"}`)
}

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
	h := newHouse(t, false)
	c := h.customer()
	s := h.create(sessions, `{"customer_id":"`+c.ID+`","return_url":"https://Example.com"}`)
	if !regexp.MustCompile(`^polar_mst_[0-9A-Za-z]{43}$`).MatchString(s.Token) {
		t.Errorf("the token is %q", s.Token)
	}
	if want := "https://portal.example.com/acme/portal?customer_session_token=" + s.Token + "&email=ada%40example.com"; s.CustomerPortalURL != want {
		t.Errorf("the portal link is %q, wanted %q", s.CustomerPortalURL, want)
	}
	if s.CustomerID != c.ID || s.CreatedAt != "2026-10-01T12:00:00.120000Z" {
		t.Errorf("made %+v", s)
	}
	a := h.as(s.Token, "GET", introspect, "")
	if want := `{"expires_at":"2026-10-01T13:00:00.120000Z","return_url":"https://example.com/"}`; a.status != 200 || a.body != want {
		t.Errorf("introspect: %d %s, wanted %s", a.status, a.body, want)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "private, no-store", "Polar-Version": "2026-04"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, wanted %q", name, got, want)
		}
	}
	a = h.as(s.Token, "GET", user, "")
	for _, want := range []string{`{"type":"member","name":"Ada","email":"ada@example.com","customer_id":"` + c.ID + `","member_id":"`, `","role":"owner"}`} {
		if a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("user: %d %s, wanted %s", a.status, a.body, want)
		}
	}
}

func TestCustomerSession(t *testing.T) {
	h := newHouse(t, true)
	c := h.customer()
	for _, body := range []string{
		`{"external_customer_id":"user_1"}`,
		`{"customer_external_id":"user_1"}`,
		`{"customer_id":"nope","external_customer_id":"user_1"}`,
		`{"customer_id":"` + strings.ToUpper(c.ID) + `","external_customer_id":null}`,
		`{"customer_id":"{` + c.ID + `}","member_id":"00000000-0000-4000-8000-000000000000"}`, // no members here: ignored
	} {
		s := h.create(sessions, body)
		if !strings.HasPrefix(s.Token, "polar_cst_") || s.ReturnURL != nil {
			t.Errorf("%s made %+v", body, s)
		}
		a := h.as(s.Token, "GET", user, "")
		if want := `{"type":"customer","name":"Ada","email":"ada@example.com","customer_id":"` + c.ID + `","member_id":null,"role":null}`; a.body != want {
			t.Errorf("user: %s, wanted %s", a.body, want)
		}
	}
}

func TestSessionExpires(t *testing.T) {
	h := newHouse(t, false)
	h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`)
	h.advance(time.Hour - time.Microsecond)
	if a := h.as(s.Token, "GET", introspect, ""); a.status != 200 {
		t.Errorf("a microsecond before its end: %d", a.status)
	}
	h.advance(time.Microsecond)
	if a := h.as(s.Token, "GET", introspect, ""); a.status != 401 || a.body != invalidToken {
		t.Errorf("at its end: %d %s", a.status, a.body)
	}
}

func TestVersions(t *testing.T) {
	h := newHouse(t, false)
	for version, want := range map[string]string{"": "2026-04", "2026-04": "2026-04", "2026-10": "2026-10", "2027-01": "2027-01"} {
		if a := h.ask("GET", introspect, "", "Polar-Version", version); a.status != 401 || a.header.Get("Polar-Version") != want {
			t.Errorf("version %q: %d %s", version, a.status, a.header.Get("Polar-Version"))
		}
	}
	for _, version := range []string{"2025-01", "latest", "2026-10-01"} {
		a := h.ask("GET", introspect, "", "Polar-Version", version, "Origin", "https://example.com")
		if a.status != 404 || a.body != `{"detail":"Not Found"}` {
			t.Errorf("version %q: %d %s", version, a.status, a.body)
		}
		for _, forbidden := range []string{"Polar-Version", "Cache-Control", "Access-Control-Allow-Origin"} {
			if got := a.header.Get(forbidden); got != "" {
				t.Errorf("version %q has %s: %s", version, forbidden, got)
			}
		}
	}
}

package harness_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/server"
)

// testServer is a server with a harness.
type testServer struct {
	t      *testing.T
	url    string
	server *server.Server
}

func newTestServer(t *testing.T) testServer {
	t.Helper()
	var h harness.Harness
	config := server.Config{DataDir: t.TempDir(), RateLimits: server.RateLimitsOff()}
	h.Configure(&config)
	if err := server.Init(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	p, err := server.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(h.Handler(p))
	t.Cleanup(func() {
		ts.Close()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return testServer{t, ts.URL, p}
}

type object = map[string]any

// request sends a request and returns the body of the response, which must have the status. It returns nil if there is no body.
func (s testServer) request(status int, method, path, body string, headers ...string) object {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		s.t.Fatalf("%s %s: %d %s %v, want %d", method, path, answer.StatusCode, text, err, status)
	}
	var o object
	if len(text) > 0 {
		if err := json.Unmarshal(text, &o); err != nil {
			s.t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
	return o
}

func (s testServer) as(token any, status int, method, path, body string) object {
	s.t.Helper()
	return s.request(status, method, path, body, "Authorization", fmt.Sprint("Bearer ", token))
}

// customer creates an organization with a customer, ada@example.com, and a session.
func (s testServer) customer() (org, customer, session object) {
	s.t.Helper()
	org = s.request(201, "POST", "/_test/organizations", "")
	customer = s.as(org["access_token"], 201, "POST", "/v1/customers/", `{"email":"ada@example.com"}`)
	session = s.as(org["access_token"], 201, "POST", "/v1/customer-sessions/", fmt.Sprintf(`{"customer_id":%q}`, customer["id"]))
	return org, customer, session
}

func (s testServer) requestCode(org object) {
	s.t.Helper()
	s.request(202, "POST", "/v1/customer-portal/customer-session/request",
		fmt.Sprintf(`{"email":"ada@example.com","organization_id":%q}`, org["organization_id"]), "Accept", "text/plain")
}

const introspect = "/v1/customer-portal/customer-session/introspect"

func TestAdvancedClockExpiresSessions(t *testing.T) {
	s := newTestServer(t)
	_, _, session := s.customer()
	s.as(session["token"], 200, "GET", introspect, "") // caches the session
	s.request(200, "POST", "/_test/clock/advance", `{"seconds":3599.5}`)
	s.as(session["token"], 200, "GET", introspect, "")
	moved := s.request(200, "POST", "/_test/clock/advance", `{"seconds":1}`)
	s.as(session["token"], 401, "GET", introspect, "")
	for _, o := range []object{moved, s.request(200, "GET", "/_test/clock", "")} {
		now, err := time.Parse(time.RFC3339, fmt.Sprint(o["now"]))
		if ahead := time.Until(now); err != nil || ahead < 59*time.Minute || ahead > 61*time.Minute {
			t.Errorf("the clock shows %v: %v", o, err)
		}
	}
}

func TestMailsAreSelectedByAddressAndOrganization(t *testing.T) {
	s := newTestServer(t)
	acme, _, _ := s.customer()
	other, _, _ := s.customer()
	query := fmt.Sprintf("?to=ADA@example.com&organization=%v", acme["organization_slug"])
	s.request(404, "GET", "/_test/mail/latest"+query+"&timeout=0", "")

	s.requestCode(acme)
	s.requestCode(other)
	mail := s.request(200, "GET", "/_test/mail/latest"+query, "")
	if mail["to"] != "ada@example.com" || mail["organization_slug"] != acme["organization_slug"] || mail["token"] != nil || mail["subject"] == "" {
		t.Errorf("the mail is %v", mail)
	}
	made := s.request(200, "POST", "/v1/customer-portal/customer-session/authenticate", fmt.Sprintf(`{"code":%q}`, mail["code"]))
	s.as(made["token"], 200, "GET", introspect, "")

	s.requestCode(acme) // sends another mail
	if again := s.request(200, "GET", "/_test/mail/latest"+query, ""); again["code"] == mail["code"] {
		t.Error("an old mail is the newest")
	}
	if all := s.request(200, "GET", "/_test/mail"+query, "")["items"].([]any); len(all) != 2 || all[0].(object)["code"] != mail["code"] {
		t.Errorf("the mails are %v", all)
	}
	if all := s.request(200, "GET", "/_test/mail", "")["items"].([]any); len(all) != 3 {
		t.Errorf("all mails are %v", all)
	}

	s.as(made["token"], 202, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"new@example.com"}`)
	mail = s.request(200, "GET", "/_test/mail/latest?to=new@example.com", "")
	if mail["code"] != nil || !strings.Contains(fmt.Sprint(mail["link"]), fmt.Sprint(mail["token"])) {
		t.Errorf("the mail is %v", mail)
	}
	s.request(200, "POST", "/v1/customer-portal/customers/me/email-update/verify", fmt.Sprintf(`{"token":%q}`, mail["token"]))
}

func TestLatestMailWaitsForAMail(t *testing.T) {
	s := newTestServer(t)
	org, _, _ := s.customer()
	var wg sync.WaitGroup
	wg.Go(func() {
		r, err := http.Get(s.url + "/_test/mail/latest?timeout=20")
		if err != nil {
			t.Error(err)
			return
		}
		r.Body.Close()
		if r.StatusCode != 200 {
			t.Errorf("no mail: %d", r.StatusCode)
		}
	})
	s.requestCode(org)
	wg.Wait()
}

func TestFaultsAreInjectedListedAndCleared(t *testing.T) {
	s := newTestServer(t)
	org, _, _ := s.customer()
	made := s.request(201, "POST", "/_test/faults",
		fmt.Sprintf(`{"route":"GET /v1/customers/","bearer":%q,"times":2,"delay":0.001,"status":429,"retry_after":7}`, org["access_token"]))
	if made["id"] != 1.0 || made["applied"] != 0.0 {
		t.Errorf("made %v", made)
	}
	s.request(401, "GET", "/v1/customers/", "")
	s.as(org["access_token"], 429, "GET", "/v1/customers/", "")
	fault := s.request(200, "GET", "/_test/faults", "")["items"].([]any)[0].(object)
	if want := fmt.Sprint(object{"id": 1, "applied": 1, "route": "GET /v1/customers/", "bearer": org["access_token"], "times": 2,
		"delay": 0.001, "status": 429, "retry_after": 7, "drop": false, "truncate": false}); fmt.Sprint(fault) != want {
		t.Errorf("the fault is %v, want %s", fault, want)
	}

	// Faults do not apply to the test API.
	s.request(201, "POST", "/_test/faults", `{"drop":true}`)
	s.request(204, "DELETE", "/_test/faults", "")
	s.as(org["access_token"], 200, "GET", "/v1/customers/", "")
	if left := s.request(200, "GET", "/_test/faults", "")["items"].([]any); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

func TestOrganizationsAreCreated(t *testing.T) {
	s := newTestServer(t)
	acme := s.request(201, "POST", "/_test/organizations", `{"slug":"acme","name":"Acme","without_members":true}`)
	if acme["organization_slug"] != "acme" {
		t.Errorf("made %v", acme)
	}
	customer := s.as(acme["access_token"], 201, "POST", "/v1/customers/", `{"email":"ada@example.com"}`)
	session := s.as(acme["access_token"], 201, "POST", "/v1/customer-sessions/", fmt.Sprintf(`{"customer_id":%q}`, customer["id"]))
	if !strings.HasPrefix(fmt.Sprint(session["token"]), "polar_cst_") {
		t.Errorf("the organization has members: %v", session)
	}
	other, _, _ := s.customer()
	s.as(other["access_token"], 404, "GET", fmt.Sprint("/v1/customers/", customer["id"]), "")
}

func TestInvalidAndForeignRequestsAreRefused(t *testing.T) {
	s := newTestServer(t)
	s.request(201, "POST", "/_test/organizations", `{"slug":"acme"}`)
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/_test/clock/advance", `{}`, 422, "is required"},
		{"POST", "/_test/clock/advance", `{"seconds":-1}`, 422, "cannot go back"},
		{"POST", "/_test/clock/advance", `{"seconds":1e300}`, 422, "at most"},
		{"POST", "/_test/clock/advance", `{"hours":1}`, 422, `unknown field "hours"`},
		{"POST", "/_test/clock/advance", `nonsense`, 422, "invalid body"},
		{"GET", "/_test/clock/advance", "", 404, "no route GET /_test/clock/advance"},
		{"GET", "/_test/", "", 404, "no route"},
		{"GET", "/_test/mail?address=ada@example.com", "", 422, `unknown parameter "address"`},
		{"GET", "/_test/mail/latest?timeout=60", "", 422, "from 0 to 50"},
		{"GET", "/_test/mail/latest?timeout=soon", "", 422, "from 0 to 50"},
		{"GET", "/_test/mail/latest?timeout=NaN", "", 422, "from 0 to 50"},
		{"GET", "/_test/mail/latest?timeout=0.01", "", 404, "within 10ms"},
		{"POST", "/_test/faults", "", 422, "must have a status"},
		{"POST", "/_test/faults", `{"delay":1e300}`, 201, ""},
		{"POST", "/_test/organizations", `{"slug":"Acme Inc."}`, 422, "slug"},
		{"POST", "/_test/organizations", `{"slug":"acme"}`, 422, "already exists"},
	} {
		got := s.request(tt.status, tt.method, tt.path, tt.body)
		if detail := fmt.Sprint(got["detail"]); !strings.Contains(detail, tt.want) {
			t.Errorf("%s %s %s: %v, want %q", tt.method, tt.path, tt.body, got, tt.want)
		}
		if tt.status >= 400 && got["error"] == nil {
			t.Errorf("%s %s: no error in %v", tt.method, tt.path, got)
		}
	}
	for _, tt := range []struct {
		name, value string
		status      int
	}{
		{"Host", "portal.example.com", 403}, {"Host", "192.0.2.1:8787", 403}, {"Host", "localhost.example.com", 403},
		{"Host", "localhost:8787", 201}, {"Host", "127.0.0.1", 201}, {"Host", "[::1]:8787", 201},
		{"Origin", "http://example.com", 403}, {"Sec-Fetch-Site", "cross-site", 403},
	} {
		s.request(tt.status, "POST", "/_test/organizations", "", tt.name, tt.value)
	}
}

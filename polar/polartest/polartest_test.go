package polartest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func introspect(t *testing.T, client *polar.Client, session *polar.CustomerSession) error {
	t.Helper()
	_, err := client.CustomerPortal.CustomerSession.Introspect(t.Context(), polar.SecurityFor(session.Token))
	return err
}

// logIn requests a code for the address, enters it, and returns the token of the session.
func logIn(t *testing.T, srv *polartest.Server, address string) (token string, err error) {
	t.Helper()
	session := srv.Client().CustomerPortal.CustomerSession
	err = session.Request(t.Context(), polar.CustomerSessionCodeRequest{Email: address, OrganizationID: srv.OrganizationID})
	if err != nil {
		t.Fatal(err)
	}
	made, err := session.Authenticate(t.Context(), polar.CustomerSessionCodeAuthenticate{Code: srv.MailTo(address).Code})
	if err != nil {
		return "", err
	}
	return made.Token, nil
}

func TestNewStartsAServer(t *testing.T) {
	srv := polartest.New(t)
	if !strings.HasPrefix(srv.URL, "http://127.0.0.1:") || srv.OrganizationSlug == "" {
		t.Errorf("the server is %q of %q", srv.URL, srv.OrganizationSlug)
	}
	org, err := srv.Client().Organizations.Get(t.Context(), srv.OrganizationID)
	if err != nil || org.Slug != srv.OrganizationSlug {
		t.Errorf("the organization is %v: %v", org, err)
	}
	if ahead := time.Until(srv.Now()); ahead < -time.Minute || ahead > time.Minute {
		t.Errorf("the clock is %s ahead", ahead)
	}
	session := srv.Session()
	if err := introspect(t, srv.Client(), session); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(session.Token, polar.MemberSessionPrefix) || !strings.HasPrefix(session.CustomerPortalURL, srv.URL) {
		t.Errorf("the session leads to %s", session.CustomerPortalURL)
	}
	got := strings.Join(srv.Requests(), ", ")
	want := "GET /v1/organizations/" + string(srv.OrganizationID) + ", POST /v1/customers/, POST /v1/customer-sessions/, GET /v1/customer-portal/customer-session/introspect"
	if got != want {
		t.Errorf("requests: %s, want %s", got, want)
	}
}

func TestCustomerAndSessionHaveDefaults(t *testing.T) {
	srv := polartest.New(t)
	one, two := srv.Customer(), srv.Customer()
	if one.ID == two.ID || *one.Email == *two.Email || *one.ExternalID == *two.ExternalID || *one.Name == *two.Name {
		t.Errorf("%s and %s are not two", *one.Email, *two.Email)
	}
	ada := srv.Customer(polar.CustomerIndividualCreate{Email: "ada@example.com", ExternalID: "ada"})
	if *ada.Email != "ada@example.com" || ada.Name != nil {
		t.Errorf("made %v", ada)
	}
	if named := srv.Customer(polar.CustomerIndividualCreate{Name: polar.Set("Ada")}); *named.Name != "Ada" || *named.Email == *two.Email {
		t.Errorf("made %v", named)
	}
	if team := srv.Customer(polar.CustomerTeamCreate{Email: polar.Set("team@example.com")}); team.Type != polar.CustomerTeam || *team.Email != "team@example.com" {
		t.Errorf("made %v", team)
	}
	if s := srv.Session(polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("ada")}); s.CustomerID != ada.ID {
		t.Errorf("%s is another's session", s)
	}
	s := srv.Session(polar.CustomerSessionCreate{ReturnURL: polar.Set("https://example.com/account")})
	if s.ReturnURL == nil || *s.ReturnURL != "https://example.com/account" || s.CustomerID == ada.ID {
		t.Errorf("%s returns to %v", s, s.ReturnURL)
	}
}

func TestWithoutMembersIssuesCustomerSessions(t *testing.T) {
	srv := polartest.New(t, polartest.WithoutMembers())
	if s := srv.Session(); !strings.HasPrefix(s.Token, polar.CustomerSessionPrefix) {
		t.Errorf("the token of %s is a member's", s)
	}
}

func TestAdvanceExpiresSessionsCodesAndRateLimits(t *testing.T) {
	srv := polartest.New(t, polartest.WithRateLimits(""))
	client := srv.Client()
	session := srv.Session()
	idle := srv.Session(polar.CustomerSessionCreate{IdleTimeout: 10 * time.Minute})
	for range 2 { // the second time from memory
		if err := errors.Join(introspect(t, client, session), introspect(t, client, idle)); err != nil {
			t.Fatal(err)
		}
	}
	ada := srv.Customer()
	token, err := logIn(t, srv, *ada.Email)
	if err != nil {
		t.Fatal(err)
	}
	request := func() error {
		return client.CustomerPortal.CustomerSession.Request(t.Context(),
			polar.CustomerSessionCodeRequest{Email: *ada.Email, OrganizationID: srv.OrganizationID})
	}
	if err := request(); err != nil {
		t.Fatal(err)
	}
	code := srv.MailTo(*ada.Email).Code

	srv.Advance(9 * time.Minute)
	if err := introspect(t, client, idle); err != nil {
		t.Errorf("an idle session that was used: %v", err)
	}
	srv.Advance(9 * time.Minute)
	if err := introspect(t, client, idle); err != nil {
		t.Errorf("an idle session that was used again: %v", err)
	}
	srv.Advance(12 * time.Minute)
	if err := introspect(t, client, idle); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("an idle session that was not used: %v", err)
	}
	_, err = client.CustomerPortal.CustomerSession.Authenticate(t.Context(), polar.CustomerSessionCodeAuthenticate{Code: code})
	if !errors.Is(err, polar.ErrUnauthorized) {
		t.Errorf("a code of half an hour ago: %v", err)
	}
	if err := introspect(t, client, session); err != nil {
		t.Errorf("a session of half an hour ago: %v", err)
	}
	srv.Advance(30 * time.Minute)
	if err := introspect(t, client, session); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("a session of an hour ago: %v", err)
	}
	if _, err := client.CustomerPortal.CustomerSession.Introspect(t.Context(), polar.SecurityFor(token)); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("a session after a login of an hour ago: %v", err)
	}
	if info, err := client.CustomerSessions.Get(t.Context(), session.ID); err != nil || info.State != "expired" || info.LastSeenAt == nil {
		t.Errorf("the session of an hour ago is %v: %v", info, err)
	}

	// The rate limit of logins ends after 15 minutes.
	limited := error(nil)
	for range 12 {
		if limited = request(); limited != nil {
			break
		}
	}
	refused, ok := errors.AsType[*polar.Error](limited)
	if !ok || !errors.Is(limited, polar.ErrRateLimited) {
		t.Fatalf("the limit: %v", limited)
	}
	srv.Advance(refused.RetryAfter)
	if err := request(); err != nil {
		t.Errorf("after the limit: %v", err)
	}

	srv.Advance(2 * time.Hour)
	if _, err := client.CustomerSessions.Get(t.Context(), session.ID); !errors.Is(err, polar.ErrNotFound) {
		t.Errorf("the session of three hours ago: %v", err)
	}
}

// The event of an expired session is sent although the same advance deletes the session.
func TestAdvanceDeliversWebhookEvents(t *testing.T) {
	srv := polartest.New(t)
	received := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		received <- string(b)
	}))
	t.Cleanup(hook.Close)
	_, err := srv.Client().Webhooks.CreateEndpoint(t.Context(), polar.WebhookEndpointCreate{URL: hook.URL, Events: []polar.EventType{"session.expired"}})
	if err != nil {
		t.Fatal(err)
	}
	session := srv.Session()
	srv.Advance(48 * time.Hour)
	select {
	case body := <-received:
		if !strings.Contains(body, string(session.ID)) || !strings.Contains(body, "session.expired") {
			t.Errorf("received %s", body)
		}
	case <-time.After(20 * time.Second):
		t.Error("no event was received")
	}
}

func TestMailsOfLoginsAndEmailChanges(t *testing.T) {
	srv := polartest.New(t)
	if mails := srv.Mails(); len(mails) != 0 {
		t.Errorf("there are %v", mails)
	}
	ada, bob := srv.Customer(), srv.Customer()
	token, err := logIn(t, srv, *ada.Email)
	if err != nil {
		t.Fatal(err)
	}
	mail := srv.Mail()
	if mail.To != *ada.Email || !strings.Contains(mail.From, "Acme") || !strings.Contains(mail.Subject, "Acme") ||
		!strings.Contains(mail.Text, mail.Code) || mail.Token != "" || !strings.HasPrefix(mail.Link, srv.URL) {
		t.Errorf("the mail is %+v", mail)
	}
	if _, err := logIn(t, srv, *bob.Email); err != nil {
		t.Error(err)
	}
	if mail := srv.Mail(); mail.To != *bob.Email {
		t.Errorf("the newest is %+v", mail)
	}

	customers := srv.Client().CustomerPortal.Customers
	if err := customers.RequestEmailUpdate(t.Context(), polar.SecurityFor(token), "ada@example.org"); err != nil {
		t.Fatal(err)
	}
	mail = srv.MailTo("ADA@example.org")
	if mail.Code != "" || !strings.Contains(mail.Text, mail.Token) {
		t.Errorf("the mail is %+v", mail)
	}
	if _, err := customers.VerifyEmailUpdate(t.Context(), mail.Token); err != nil {
		t.Error(err)
	}

	// A code request for an unknown address succeeds and sends no mail.
	err = srv.Client().CustomerPortal.CustomerSession.Request(t.Context(),
		polar.CustomerSessionCodeRequest{Email: "nobody@example.com", OrganizationID: srv.OrganizationID})
	if mails := srv.Mails(); err != nil || len(mails) != 4 || mails[0].To != *ada.Email || mails[3].To != *ada.Email { // the last one is the notice to the old address
		t.Errorf("the mails are %v: %v", mails, err)
	}
}

func TestFaultsAreErrorsOfTheClient(t *testing.T) {
	for _, tt := range []struct {
		name   string
		inject func(*polartest.Server) *polartest.Fault
		option polar.Option
		want   func(error) bool
		// created reports whether the server created the session nevertheless.
		created bool
	}{
		{"fail", func(s *polartest.Server) *polartest.Fault { return s.Fail(polartest.Next(1), 503) }, nil, func(err error) bool {
			refused, ok := errors.AsType[*polar.Error](err)
			return ok && refused.StatusCode == 503 && refused.RetryAfter == 0 && strings.Contains(refused.Error(), "injected by a test")
		}, false},
		{"forbidden", func(s *polartest.Server) *polartest.Fault {
			return s.Fail(polartest.Always().On("POST /v1/customer-sessions/"), 404)
		}, nil, func(err error) bool {
			return errors.Is(err, polar.ErrNotFound)
		}, false},
		{"rate limit", func(s *polartest.Server) *polartest.Fault { return s.RateLimit(polartest.Next(1), 2*time.Second) }, nil, func(err error) bool {
			refused, ok := errors.AsType[*polar.Error](err)
			return ok && errors.Is(err, polar.ErrRateLimited) && refused.RetryAfter == 2*time.Second
		}, false},
		{"drop", func(s *polartest.Server) *polartest.Fault { return s.Drop(polartest.Next(1)) }, nil, func(err error) bool {
			_, ok := errors.AsType[*polar.ConnectError](err)
			return ok
		}, false},
		{"truncate", func(s *polartest.Server) *polartest.Fault { return s.Truncate(polartest.Next(1)) }, nil, func(err error) bool {
			_, ok := errors.AsType[*polar.ConnectError](err)
			return ok
		}, true},
		{"delay", func(s *polartest.Server) *polartest.Fault { return s.Delay(polartest.Next(1), time.Hour) }, polar.WithTimeout(50 * time.Millisecond), func(err error) bool {
			_, ok := errors.AsType[*polar.TimeoutError](err)
			return ok
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := polartest.New(t)
			customer := srv.Customer()
			client := srv.Client()
			var opts []polar.Option
			if tt.option != nil {
				opts = append(opts, tt.option)
			}
			fault := tt.inject(srv)
			create := polar.CustomerSessionCreate{Customer: customer.ID}
			if _, err := client.CustomerSessions.Create(t.Context(), create, opts...); !tt.want(err) {
				t.Errorf("%T %v", err, err)
			}
			if fault.Applied() != 1 {
				t.Errorf("applied %d times", fault.Applied())
			}
			sessions := 0 // a delayed request whose client has disconnected does not reach the server
			for _, err := range client.CustomerSessions.List(t.Context(), polar.CustomerSessionListParams{}) {
				if err != nil {
					t.Fatal(err)
				}
				sessions++
			}
			if (sessions == 1) != tt.created {
				t.Errorf("there are %d sessions", sessions)
			}
		})
	}
}

func TestWhenSelectsRequests(t *testing.T) {
	srv := polartest.New(t)
	client := srv.Client()
	session := srv.Session()
	sessions := srv.Fail(polartest.Next(2).On("POST /v1/customer-sessions/"), 500)
	create := func() error {
		_, err := client.CustomerSessions.Create(t.Context(), polar.CustomerSessionCreate{Customer: session.CustomerID})
		return err
	}
	for range 2 {
		if err := introspect(t, client, session); err != nil {
			t.Error(err)
		}
		if err := create(); err == nil {
			t.Error("the fault was not applied")
		}
	}
	if err := create(); err != nil || sessions.Applied() != 2 {
		t.Errorf("the fault was applied %d times: %v", sessions.Applied(), err)
	}
	always := srv.Fail(polartest.Always().On("/v1/customer-portal/{rest...}"), 502)
	for range 3 {
		if err := introspect(t, client, session); err == nil {
			t.Error("the fault was not applied")
		}
	}
	srv.Recover()
	if err := introspect(t, client, session); err != nil || always.Applied() != 3 {
		t.Errorf("the fault was applied %d times: %v", always.Applied(), err)
	}
}

func TestRetriesCreateOneSession(t *testing.T) {
	srv := polartest.New(t)
	customer := srv.Customer()
	truncated := srv.Truncate(polartest.Next(1))
	failed := srv.Fail(polartest.Next(1), 503)
	client := srv.Client(polar.WithRetries(polar.RetryConfig{InitialInterval: time.Millisecond}))
	made, err := client.CustomerSessions.Create(t.Context(), polar.CustomerSessionCreate{Customer: customer.ID})
	if err != nil || truncated.Applied() != 1 || failed.Applied() != 1 {
		t.Fatalf("%v, after %d and %d", err, truncated.Applied(), failed.Applied())
	}
	page, err := client.CustomerSessions.ListPage(t.Context(), polar.CustomerSessionListParams{})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != made.ID {
		t.Errorf("there are %v: %v", page, err)
	}
}

func TestParallelServersAreIndependent(t *testing.T) {
	tokens := make(chan [2]string, 32)
	t.Run("servers", func(t *testing.T) {
		for i := range cap(tokens) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				srv := polartest.New(t)
				client := srv.Client()
				session := srv.Session(polar.CustomerSessionCreate{Customer: polar.CustomerID(srv.Customer(polar.CustomerIndividualCreate{Email: "ada@example.com"}).ID)})
				tokens <- [2]string{srv.AccessToken, session.Token}
				if i%4 == 0 {
					srv.Advance(2 * time.Hour)
				}
				if i%4 == 1 {
					srv.Fail(polartest.Always().On("/v1/customer-portal/{rest...}"), 503)
				}
				err := introspect(t, client, session)
				if wrong := i%4 < 2; wrong == (err == nil) {
					t.Errorf("server %d: %v", i, err)
				}
				srv.Recover()
				if _, err := logIn(t, srv, "ada@example.com"); err != nil {
					t.Error(err)
				}
				page, err := client.Customers.ListPage(t.Context(), polar.CustomerListParams{})
				if err != nil || len(page.Items) != 1 || len(srv.Mails()) != 1 {
					t.Errorf("server %d has %v and %d mails: %v", i, page, len(srv.Mails()), err)
				}
			})
		}
	})
	srv := polartest.New(t)
	for range cap(tokens) {
		others := <-tokens
		_, err := srv.Client(polar.WithAccessToken(others[0])).Customers.ListPage(t.Context(), polar.CustomerListParams{})
		_, ended := srv.Client().CustomerPortal.CustomerSession.Introspect(t.Context(), polar.SecurityFor(others[1]))
		if !errors.Is(err, polar.ErrInvalidToken) || !errors.Is(ended, polar.ErrInvalidToken) {
			t.Fatalf("another server's tokens: %v, %v", err, ended)
		}
	}
}

func TestServerStopsAtOnceWithOpenRequests(t *testing.T) {
	ended := make(chan error, 2)
	var began time.Time
	t.Run("test", func(t *testing.T) {
		srv := polartest.New(t)
		session := srv.Session()
		slow := srv.Delay(polartest.Next(1), time.Hour)
		r, err := http.NewRequest("GET", srv.URL+"/v1/customer-portal/customer-session/introspect", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+session.Token)
		go func() { _, err := http.DefaultClient.Do(r); ended <- err }()
		for slow.Applied() == 0 {
			runtime.Gosched()
		}
		stream, err := http.NewRequest("GET", srv.URL+"/v1/customer-sessions/revocations", nil)
		if err != nil {
			t.Fatal(err)
		}
		stream.Header.Set("Authorization", "Bearer "+srv.AccessToken)
		stream.Header.Set("Accept", "text/event-stream")
		answer, err := http.DefaultClient.Do(stream)
		if err != nil || answer.StatusCode != 200 {
			t.Fatal(answer, err)
		}
		go func() { _, err := io.Copy(io.Discard, answer.Body); answer.Body.Close(); ended <- err }()
		began = time.Now()
	})
	if took := time.Since(began); took > 4*time.Second { // waiting for the requests would take 5 seconds or an hour
		t.Errorf("it took %s", took)
	}
	<-ended
	<-ended
}

// fakeTest records the message of Fatalf.
type fakeTest struct {
	testing.TB
	message string
}

func (d *fakeTest) Helper() {}

func (d *fakeTest) Fatalf(format string, args ...any) {
	d.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestFailuresEndTheTest(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*polartest.Server)
		want string
	}{
		{"customer", func(s *polartest.Server) { s.Customer(polar.CustomerIndividualCreate{Email: "nonsense"}) }, "create customer"},
		{"customers", func(s *polartest.Server) {
			s.Customer(polar.CustomerIndividualCreate{}, polar.CustomerIndividualCreate{})
		}, "2 parameters"},
		{"session", func(s *polartest.Server) {
			s.Session(polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("nobody")})
		}, "Customer does not exist."},
		{"client", func(s *polartest.Server) { s.Client(polar.WithTimeout(-1)) }, "WithTimeout"},
		{"clock", func(s *polartest.Server) { s.Advance(-1) }, "cannot go back"},
		{"status", func(s *polartest.Server) { s.Fail(polartest.Always(), 200) }, "from 400 to 599"},
		{"next", func(s *polartest.Server) { s.Fail(polartest.Next(0), 500) }, "Next(0)"},
		{"when", func(s *polartest.Server) { s.Drop(polartest.When{}) }, "Next(0)"},
		{"route", func(s *polartest.Server) { s.Drop(polartest.Next(1).On("customers")) }, "invalid route"},
		{"nothing", func(*polartest.Server) {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &fakeTest{TB: t}
			done := make(chan struct{})
			go func() {
				defer close(done)
				tt.do(polartest.New(d))
			}()
			<-done
			if !strings.Contains(d.message, tt.want) || (d.message == "") != (tt.want == "") {
				t.Errorf("message %q, want %q", d.message, tt.want)
			}
		})
	}
}

package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/server"
)

func metricsOf(t *testing.T, s *server.Server) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.OperatorHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("/metrics: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

type senderFunc func(ctx context.Context, m mail.Mail) error

func (f senderFunc) Send(ctx context.Context, m mail.Mail) error { return f(ctx, m) }

func TestMetricsCountRequestsLimitsCodesAndMails(t *testing.T) {
	limits, err := server.ParseRateLimits("login=3/h")
	if err != nil {
		t.Fatal(err)
	}
	s, organization, token := open(t, server.Config{RateLimits: limits, Sender: senderFunc(func(context.Context, mail.Mail) error { return nil })})
	if w := post(s, "/v1/customers/", token, `{"email":"ada@example.com"}`); w.Code != http.StatusCreated {
		t.Fatalf("create customer: %d %s", w.Code, w.Body)
	}
	for i, email := range []string{"ada@example.com", "eve@example.com"} {
		body := fmt.Sprintf(`{"email":%q,"organization_id":%q}`, email, organization)
		if w := post(s, "/v1/customer-portal/customer-session/request", "", body); w.Code != http.StatusAccepted {
			t.Fatalf("request %d: %d %s", i, w.Code, w.Body)
		}
	}
	if err := s.AwaitMail(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusUnauthorized, http.StatusTooManyRequests} {
		if w := post(s, "/v1/customer-portal/customer-session/authenticate", "", `{"code":"AAAAAA"}`); w.Code != want {
			t.Fatalf("authenticate: %d, want %d: %s", w.Code, want, w.Body)
		}
	}
	got := metricsOf(t, s)
	for _, want := range []string{
		`postern_requests_total{status="2xx",zone="default"} 1`,
		`postern_requests_total{status="2xx",zone="login"} 2`,
		`postern_requests_total{status="4xx",zone="login"} 2`,
		`postern_requests_refused_total{limit="login"} 1`,
		`postern_login_failures_total{reason="unknown_code"} 1`,
		`postern_mails_total{kind="login code",outcome="queued"} 2`,
		`postern_mails_total{kind="login code",outcome="sent"} 1`,
		`postern_mails_total{kind="login code",outcome="dropped"} 1`,
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, secret := range []string{"ada@", organization, token, "AAAAAA"} {
		if strings.Contains(got, secret) {
			t.Errorf("the metrics contain %q", secret)
		}
	}
}

func TestOperatorHealthReportsTheStore(t *testing.T) {
	s, _, _ := open(t, server.Config{})
	health := func() int {
		w := httptest.NewRecorder()
		s.OperatorHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		return w.Code
	}
	if got := health(); got != http.StatusOK {
		t.Errorf("open store: %d", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := health(); got != http.StatusServiceUnavailable {
		t.Errorf("closed store: %d", got)
	}
}

package postern_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern"
)

func open(t *testing.T, c postern.Config) (*postern.Server, postern.Organization) {
	t.Helper()
	c.DataDir = t.TempDir()
	if err := postern.Init(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	p, err := postern.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	org, err := p.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	return p, org
}

func post(p *postern.Server, path, token, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	p.Handler().ServeHTTP(w, r)
	return w
}

// Without a mail server the caller hears what it always hears, and the operator what is missing.
func TestLoginWithoutMailServer(t *testing.T) {
	var log bytes.Buffer
	p, org := open(t, postern.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	body := fmt.Sprintf(`{"email":"ada@example.com","organization_id":%q}`, org.ID)
	if w := post(p, "/v1/customer-portal/customer-session/request", "", body); w.Code != http.StatusAccepted || w.Body.String() != "null" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if text := log.String(); !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "--smtp-url") || strings.Contains(text, "ada") {
		t.Errorf("the log says %s", text)
	}
}

func TestConfigIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config postern.Config
		want   string
	}{
		{"no store", postern.Config{}, "either a data directory"},
		{"two stores", postern.Config{DataDir: "d", DatabaseURL: "postgres://"}, "either a data directory"},
		{"a database without secrets", postern.Config{DatabaseURL: "postgres://127.0.0.1:1/x"}, "POSTERN_SECRETS"},
		{"a short code", postern.Config{DataDir: "d", Login: postern.Login{CodeLength: 5}}, "6 to 32 characters"},
		{"a code for a moment", postern.Config{DataDir: "d", Login: postern.Login{CodeLifetime: 1}}, "a minute at least"},
		{"a mail server that is none", postern.Config{DataDir: "d", Mail: postern.Mail{SMTPURL: "mail.example.com"}}, "smtp://"},
		{"two ways to send mails", postern.Config{DataDir: "d", Mail: postern.Mail{
			SMTPURL: "smtp://mail.example.com", Deliver: func(context.Context, postern.Message) error { return nil },
		}}, "in one way"},
		{"a sender that is none", postern.Config{DataDir: "d", Mail: postern.Mail{From: "nobody"}}, "mails need a sender"},
	} {
		p, err := postern.Open(t.Context(), tt.config)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, wanted %q", tt.name, err, tt.want)
		}
		if p != nil {
			p.Close()
		}
	}
}

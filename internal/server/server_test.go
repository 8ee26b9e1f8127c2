package server_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/server"
)

func open(t *testing.T, c server.Config) (s *server.Server, organizationID, accessToken string) {
	t.Helper()
	c.DataDir = t.TempDir()
	if err := server.Init(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	p, err := server.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	org, token, err := p.Directory.CreateOrganization(t.Context(), directory.NewOrganization{Slug: "acme", MemberModel: true, EmailChange: true})
	if err != nil {
		t.Fatal(err)
	}
	return p, org.ID.String(), token.Reveal()
}

func post(p *server.Server, path, token, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	p.Handler().ServeHTTP(w, r)
	return w
}

// The response to a request for a login code does not depend on the mail server. The log tells the operator what is missing.
func TestLoginWithoutMailServerIsLogged(t *testing.T) {
	var log bytes.Buffer
	p, organization, _ := open(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	body := fmt.Sprintf(`{"email":"ada@example.com","organization_id":%q}`, organization)
	if w := post(p, "/v1/customer-portal/customer-session/request", "", body); w.Code != http.StatusAccepted || w.Body.String() != "null" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if text := log.String(); !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "--smtp-url") || strings.Contains(text, "ada") {
		t.Errorf("log: %s", text)
	}
}

// The sign-in pages say in every language that no code will arrive if the server sends no mail.
func TestSignInPagesSayThatThereIsNoMailServer(t *testing.T) {
	for _, mails := range []bool{false, true} {
		c := server.Config{}
		if mails {
			c.Sender = mail.NewTerminal(io.Discard)
		}
		p, _, _ := open(t, c)
		for _, page := range []string{"request", "authenticate"} {
			seen := map[string]bool{}
			for _, language := range []string{"en", "de", "fr", "es", "ja", "ar"} {
				w := httptest.NewRecorder()
				p.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/acme/portal/"+page+"?locale="+language, nil))
				_, notice, found := strings.Cut(w.Body.String(), `data-test="no-mail">`)
				if w.Code != http.StatusOK || found == mails {
					t.Errorf("%s in %s: status %d, a notice: %t, with a mail server: %t", page, language, w.Code, found, mails)
				}
				notice, _, _ = strings.Cut(notice, "</div>")
				if seen[notice] && !mails {
					t.Errorf("%s in %s has the notice of another language: %s", page, language, notice)
				}
				seen[notice] = true
			}
		}
	}
}

func TestInvalidConfigIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config server.Config
		want   string
	}{
		{"no store", server.Config{}, "either a data directory"},
		{"two stores", server.Config{DataDir: "d", DatabaseURL: "postgres://"}, "either a data directory"},
		{"a database without secrets", server.Config{DatabaseURL: "postgres://127.0.0.1:1/x"}, "POSTERN_SECRETS"},
		{"a short code", server.Config{DataDir: "d", Login: login.Options{Length: 5}}, "between 6 and 32 characters"},
		{"a short code lifetime", server.Config{DataDir: "d", Login: login.Options{Lifetime: 1}}, "between 1 minute"},
		{"an invalid mail server", server.Config{DataDir: "d", SMTPURL: "mail.example.com"}, "smtp://"},
		{"two ways to send mails", server.Config{DataDir: "d", SMTPURL: "smtp://mail.example.com", Sender: mail.NewTerminal(io.Discard)}, "not both"},
		{"an unknown version", server.Config{DataDir: "d", APIVersionDefault: "2026-05"}, `the versions are ["2026-04"`},
		{"an invalid sender", server.Config{DataDir: "d", MailFrom: "nobody"}, "sender of mails must be"},
	} {
		p, err := server.Open(t.Context(), tt.config)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if p != nil {
			p.Close()
		}
	}
}

// The header Date shows the time of a clock that was set, because clients compare their clocks with it.
func TestDateShowsTheClock(t *testing.T) {
	now := time.Date(2031, 1, 2, 3, 4, 5, 999_000_000, time.UTC)
	for want, clock := range map[string]func() time.Time{"Thu, 02 Jan 2031 03:04:05 GMT": func() time.Time { return now }, "": nil} {
		p, _, _ := open(t, server.Config{Now: clock})
		for _, path := range []string{"/healthz", "/v1/customers/", "/acme/portal", "/unknown"} {
			w := httptest.NewRecorder()
			p.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if got := w.Header().Get("Date"); got != want { // net/http sets the header if it is empty
				t.Errorf("%s: Date is %q, want %q", path, got, want)
			}
		}
	}
}

// Browsers learn to use https for the host, whichever page or answer of the API they load first.
func TestStrictTransportSecurity(t *testing.T) {
	for public, want := range map[string]string{"https://portal.example.com": "max-age=31536000", "http://portal.example.com": ""} {
		p, _, token := open(t, server.Config{PublicURL: public, Admin: true})
		for _, path := range []string{"/acme/portal", "/admin", "/v1/customers/", "/nowhere"} {
			if got := post(p, path, token, "{}").Header().Get("Strict-Transport-Security"); got != want {
				t.Errorf("%s of %s: %q, want %q", path, public, got, want)
			}
		}
	}
}

package postern_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-go/postern"
)

// restarts is a server that a test stops and starts again.
type restarts struct {
	*testing.T
	config postern.Config
	*postern.Server
	token string
}

func (l *restarts) start() {
	l.Helper()
	var err error
	if l.Server, err = postern.Open(l.Context(), l.config); err != nil {
		l.Fatal(err)
	}
}

func (l *restarts) stop() {
	l.Helper()
	if err := l.Close(); err != nil {
		l.Fatal(err)
	}
}

// request returns the body of the response, which must have the status.
func (l *restarts) request(status int, method, path, token, body string, headers ...string) string {
	l.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	l.Handler().ServeHTTP(w, r)
	if w.Code != status {
		l.Errorf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	return w.Body.String()
}

func (l *restarts) create(headers ...string) (made struct{ ID, Token string }) {
	l.Helper()
	body := l.request(201, "POST", "/v1/customer-sessions/", l.token, `{"external_customer_id":"user_1"}`, headers...)
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		l.Fatal(err)
	}
	return made
}

const introspectPath = "/v1/customer-portal/customer-session/introspect"

// A rotation ends no session, keeps mailed codes valid, and keeps idempotency keys working. Retiring a secret ends the sessions and
// access tokens that depend on it, with a reason.
func TestSecretRotation(t *testing.T) {
	codes := make(chan string, 1)
	l := &restarts{T: t, config: postern.Config{DataDir: t.TempDir(), RateLimits: "off", Mail: postern.Mail{
		Deliver: func(_ context.Context, m postern.Message) error { codes <- m.Code; return nil },
	}}}
	if err := postern.Init(t.Context(), l.config); err != nil {
		t.Fatal(err)
	}
	l.start()
	org, err := l.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	l.token = org.AccessToken
	l.request(201, "POST", "/v1/customers/", l.token, `{"email":"ada@example.com","external_id":"user_1"}`)
	old, repeatable := l.create(), l.create("Idempotency-Key", "k1")
	l.request(202, "POST", "/v1/customer-portal/customer-session/request", "", fmt.Sprintf(`{"email":"ada@example.com","organization_id":%q}`, org.ID))
	l.stop() // Close sends the mail
	code := <-codes

	made, err := postern.RotateSecret(l.config.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	l.start()
	for _, token := range []string{old.Token, repeatable.Token} {
		l.request(200, "GET", introspectPath, token, "")
	}
	if again := l.create("Idempotency-Key", "k1"); again != repeatable {
		t.Errorf("the repeated create returned %s, want %s", again.ID, repeatable.ID)
	}
	l.request(409, "POST", "/v1/customer-sessions/", l.token, `{"external_customer_id":"user_1","return_url":"https://example.com/"}`, "Idempotency-Key", "k1")
	l.request(200, "POST", "/v1/customer-portal/customer-session/authenticate", "", fmt.Sprintf(`{"code":%q}`, code))
	newer := l.create()

	secrets, err := postern.Secrets(t.Context(), l.config) // while the server is running
	if err != nil || len(secrets) != 2 || secrets[0].ID != made.ID || secrets[0].Sessions != 2 || secrets[1].Sessions != 2 || secrets[1].AccessTokens != 1 {
		t.Fatalf("%+v, %v", secrets, err)
	}
	ended := secrets[1].ID
	if _, err := postern.RetireSecret(t.Context(), l.config, ended, true); !errors.Is(err, postern.ErrInUse) {
		t.Errorf("retired a secret while the server is running: %v", err)
	}
	token, err := l.CreateAccessToken(t.Context(), "acme", postern.NewAccessToken{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := l.CreateAccessToken(t.Context(), "acme", postern.NewAccessToken{Comment: token.ID})
	if err != nil {
		t.Fatal(err)
	}
	l.stop()

	if _, err := postern.RetireSecret(t.Context(), l.config, ended, false); err == nil || !strings.Contains(err.Error(), "2 live sessions and 1 access tokens") {
		t.Errorf("without force: %v", err)
	}
	both, err := os.ReadFile(filepath.Join(l.config.DataDir, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if retired, err := postern.RetireSecret(t.Context(), l.config, ended, true); err != nil || retired.Sessions != 2 || retired.AccessTokens != 1 {
		t.Errorf("%+v, %v", retired, err)
	}
	checkEnded := func(name, at string) {
		t.Helper()
		l.start()
		l.request(401, "GET", introspectPath, old.Token, "")
		l.request(200, "GET", introspectPath, newer.Token, "")
		l.request(401, "GET", "/v1/customer-sessions/", l.token, "")
		if body := l.request(200, "POST", "/v1/customer-sessions/inspect", second.Token, fmt.Sprintf(`{"token":%q}`, old.Token)); !strings.Contains(body, `"status":"secret_retired"`) {
			t.Errorf("%s: inspect: %s", name, body)
		}
		body := l.request(200, "GET", "/v1/customer-sessions/"+old.ID, second.Token, "")
		for _, want := range []string{`"state":"revoked"`, `"end_reason":"secret_retired"`, at} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: get: %s, want %s", name, body, want)
			}
		}
		for state, want := range map[string]string{"live": `"total_count":2`, "revoked": `"total_count":2`, "expired": `"total_count":0`} {
			if body := l.request(200, "GET", "/v1/customer-sessions/?state="+state, second.Token, ""); !strings.Contains(body, want) {
				t.Errorf("%s: %s: %s, want %s", name, state, body, want)
			}
		}
		l.stop()
	}
	checkEnded("retired", `"ended_at":"`)
	if err := os.WriteFile(filepath.Join(l.config.DataDir, "secret"), both, 0o600); err != nil { // restores the retired secret
		t.Fatal(err)
	}
	checkEnded("restored", `"ended_at":"`)
}

// Removing a secret from the file ends the sessions that depend on it. Restoring the secret makes them live again.
func TestRemovedSecretEndsSessionsUntilItIsRestored(t *testing.T) {
	l := &restarts{T: t, config: postern.Config{DataDir: t.TempDir(), RateLimits: "off"}}
	if err := postern.Init(t.Context(), l.config); err != nil {
		t.Fatal(err)
	}
	l.start()
	org, err := l.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	l.token = org.AccessToken
	l.request(201, "POST", "/v1/customers/", l.token, `{"email":"ada@example.com","external_id":"user_1"}`)
	s := l.create()
	l.stop()
	file := filepath.Join(l.config.DataDir, "secret")
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	put := func(text []byte) {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put([]byte(postern.NewSecret()))
	l.start()
	other, err := l.CreateAccessToken(t.Context(), "acme", postern.NewAccessToken{})
	if err != nil {
		t.Fatal(err)
	}
	body := l.request(200, "GET", "/v1/customer-sessions/"+s.ID, other.Token, "")
	if !strings.Contains(body, `"state":"revoked"`) || !strings.Contains(body, `"ended_at":null,"end_reason":"secret_retired"`) {
		t.Errorf("removed: %s", body)
	}
	if body := l.request(200, "GET", "/v1/customer-sessions/?state=live", other.Token, ""); !strings.Contains(body, `"total_count":0`) {
		t.Errorf("removed: %s", body)
	}
	l.request(409, "PATCH", "/v1/customer-sessions/"+s.ID, other.Token, `{"expires_in":7200}`)
	l.stop()
	put(was)
	l.start()
	defer l.stop()
	l.request(200, "GET", introspectPath, s.Token, "")
}

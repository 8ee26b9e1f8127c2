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

// life is a Postern that is started again and again.
type life struct {
	*testing.T
	config postern.Config
	*postern.Server
	token string
}

func (l *life) start() {
	l.Helper()
	var err error
	if l.Server, err = postern.Open(l.Context(), l.config); err != nil {
		l.Fatal(err)
	}
}

func (l *life) stop() {
	l.Helper()
	if err := l.Close(); err != nil {
		l.Fatal(err)
	}
}

// ask returns the body of an answer of the status.
func (l *life) ask(status int, method, path, token, body string, headers ...string) string {
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
		l.Errorf("%s %s: %d %s, wanted %d", method, path, w.Code, w.Body, status)
	}
	return w.Body.String()
}

func (l *life) create(headers ...string) (made struct{ ID, Token string }) {
	l.Helper()
	body := l.ask(201, "POST", "/v1/customer-sessions/", l.token, `{"external_customer_id":"user_1"}`, headers...)
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		l.Fatal(err)
	}
	return made
}

const introspectPath = "/v1/customer-portal/customer-session/introspect"

// Nobody is logged out by a rotation, a code that was mailed before it is good, and a create that is repeated after it finds
// its session. A secret that is taken away ends what depends on it, and says so.
func TestSecretRotation(t *testing.T) {
	codes := make(chan string, 1)
	l := &life{T: t, config: postern.Config{DataDir: t.TempDir(), RateLimits: "off", Mail: postern.Mail{
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
	l.ask(201, "POST", "/v1/customers/", l.token, `{"email":"ada@example.com","external_id":"user_1"}`)
	old, repeatable := l.create(), l.create("Idempotency-Key", "k1")
	l.ask(202, "POST", "/v1/customer-portal/customer-session/request", "", fmt.Sprintf(`{"email":"ada@example.com","organization_id":%q}`, org.ID))
	l.stop() // sends the mail
	code := <-codes

	made, err := postern.RotateSecret(l.config.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	l.start()
	for _, token := range []string{old.Token, repeatable.Token} {
		l.ask(200, "GET", introspectPath, token, "")
	}
	if again := l.create("Idempotency-Key", "k1"); again != repeatable {
		t.Errorf("the repeated create made %s, wanted %s again", again.ID, repeatable.ID)
	}
	l.ask(409, "POST", "/v1/customer-sessions/", l.token, `{"external_customer_id":"user_1","return_url":"https://example.com/"}`, "Idempotency-Key", "k1")
	l.ask(200, "POST", "/v1/customer-portal/customer-session/authenticate", "", fmt.Sprintf(`{"code":%q}`, code))
	newer := l.create()

	secrets, err := postern.Secrets(t.Context(), l.config) // beside the server that is running
	if err != nil || len(secrets) != 2 || secrets[0].ID != made.ID || secrets[0].Sessions != 2 || secrets[1].Sessions != 2 || secrets[1].AccessTokens != 1 {
		t.Fatalf("%+v, %v", secrets, err)
	}
	ended := secrets[1].ID
	if _, err := postern.RetireSecret(t.Context(), l.config, ended, true); !errors.Is(err, postern.ErrInUse) {
		t.Errorf("a secret is retired under a running server: %v", err)
	}
	token, err := l.CreateAccessToken(t.Context(), "acme", postern.NewAccessToken{})
	if err != nil {
		t.Fatal(err)
	}
	reborn, err := l.CreateAccessToken(t.Context(), "acme", postern.NewAccessToken{Comment: token.ID})
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
	if gone, err := postern.RetireSecret(t.Context(), l.config, ended, true); err != nil || gone.Sessions != 2 || gone.AccessTokens != 1 {
		t.Errorf("%+v, %v", gone, err)
	}
	gone := func(name, at string) {
		t.Helper()
		l.start()
		l.ask(401, "GET", introspectPath, old.Token, "")
		l.ask(200, "GET", introspectPath, newer.Token, "")
		l.ask(401, "GET", "/v1/customer-sessions/", l.token, "")
		if body := l.ask(200, "POST", "/v1/customer-sessions/inspect", reborn.Token, fmt.Sprintf(`{"token":%q}`, old.Token)); !strings.Contains(body, `"status":"secret_retired"`) {
			t.Errorf("%s: inspect: %s", name, body)
		}
		body := l.ask(200, "GET", "/v1/customer-sessions/"+old.ID, reborn.Token, "")
		for _, want := range []string{`"state":"revoked"`, `"end_reason":"secret_retired"`, at} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: get: %s, wanted %s", name, body, want)
			}
		}
		for state, want := range map[string]string{"live": `"total_count":2`, "revoked": `"total_count":2`, "expired": `"total_count":0`} {
			if body := l.ask(200, "GET", "/v1/customer-sessions/?state="+state, reborn.Token, ""); !strings.Contains(body, want) {
				t.Errorf("%s: %s: %s, wanted %s", name, state, body, want)
			}
		}
		l.stop()
	}
	gone("retired", `"ended_at":"`)
	if err := os.WriteFile(filepath.Join(l.config.DataDir, "secret"), both, 0o600); err != nil { // what is retired stays so
		t.Fatal(err)
	}
	gone("brought back", `"ended_at":"`)
}

// A secret that is simply taken out of the file ends what depends on it too, and it all lives again when it is brought back.
func TestSecretTakenAway(t *testing.T) {
	l := &life{T: t, config: postern.Config{DataDir: t.TempDir(), RateLimits: "off"}}
	if err := postern.Init(t.Context(), l.config); err != nil {
		t.Fatal(err)
	}
	l.start()
	org, err := l.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	l.token = org.AccessToken
	l.ask(201, "POST", "/v1/customers/", l.token, `{"email":"ada@example.com","external_id":"user_1"}`)
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
	body := l.ask(200, "GET", "/v1/customer-sessions/"+s.ID, other.Token, "")
	if !strings.Contains(body, `"state":"revoked"`) || !strings.Contains(body, `"ended_at":null,"end_reason":"secret_retired"`) {
		t.Errorf("taken away: %s", body)
	}
	if body := l.ask(200, "GET", "/v1/customer-sessions/?state=live", other.Token, ""); !strings.Contains(body, `"total_count":0`) {
		t.Errorf("taken away: %s", body)
	}
	l.ask(409, "PATCH", "/v1/customer-sessions/"+s.ID, other.Token, `{"expires_in":7200}`)
	l.stop()
	put(was)
	l.start()
	defer l.stop()
	l.ask(200, "GET", introspectPath, s.Token, "")
}

package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

const secretScanning = "/v1/integrations/github/secret-scanning"

// gitHub signs as GitHub does, with a key of its own.
type gitHub struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	file string
}

func newGitHub(t *testing.T) *gitHub {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	list, err := json.Marshal(map[string]any{"public_keys": []any{
		map[string]any{"key_identifier": "current", "key": string(text), "is_current": true}}})
	if err != nil {
		t.Fatal(err)
	}
	g := &gitHub{t, key, filepath.Join(t.TempDir(), "keys.json")}
	if err := os.WriteFile(g.file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *gitHub) configure(c *postern.Config) { c.SecretScanning.GitHubKeys = g.file }

func (g *gitHub) sign(body string) string {
	sum := sha256.Sum256([]byte(body))
	der, err := ecdsa.SignASN1(rand.Reader, g.key, sum[:])
	if err != nil {
		g.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func (g *gitHub) report(h *house, body string) answer {
	h.t.Helper()
	return h.ask("POST", secretScanning, body, "Github-Public-Key-Identifier", "current", "Github-Public-Key-Signature", g.sign(body))
}

func leaked(token, kind string) string {
	return `{"token":"` + token + `","type":"` + kind + `","url":"https://github.com/a/b/blob/main/.env","source":"content"}`
}

func TestSecretScanning(t *testing.T) {
	g := newGitHub(t)
	h := newHouse(t, false, g.configure)
	h.customer()
	member := h.create(sessions, `{"external_customer_id":"user_1"}`)
	bystander := h.create(sessions, `{"external_customer_id":"user_1"}`)
	access := h.narrow("acme", "customers:read")
	other, err := h.postern.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "bolt", WithoutMembers: true})
	if err != nil {
		t.Fatal(err)
	}
	h.as(other.AccessToken, "POST", customers, `{"email":"bob@example.com","external_id":"bob"}`)
	bob := h.as(other.AccessToken, "POST", sessions, `{"external_customer_id":"bob"}`)
	customer := bob.body[strings.Index(bob.body, "polar_cst_"):][:53]
	if a := h.as(bystander.Token, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"new@example.com"}`); a.status != 202 {
		t.Fatalf("an email update: %d %s", a.status, a.body)
	}
	update := updateTokens.FindString(h.mail.next().text)
	unknown := "polar_mst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"

	if a := g.report(h, "["+leaked(update, "polar_customer_email_update_token")+"]"); !strings.Contains(a.body, "true_positive") {
		t.Errorf("an email update: %d %s", a.status, a.body)
	}
	// Their types may be wrong, or in capitals; the second time all are known still, though they have ended.
	for range 2 {
		a := g.report(h, "["+strings.Join([]string{
			leaked(member.Token, "POLAR_customer_session_token"), leaked(customer, "polar_user_session_token"), leaked(access, "polar_access_token"),
			leaked(unknown, "polar_member_session_token"), leaked("x", "polar_client_secret"), leaked(member.Token[:21]+unknown[21:], "polar_member_session_token"),
		}, ",")+"]")
		want := `[{"token_raw":"` + member.Token + `","token_type":"polar_customer_session_token","label":"true_positive"},` +
			`{"token_raw":"` + customer + `","token_type":"polar_user_session_token","label":"true_positive"},` +
			`{"token_raw":"` + access + `","token_type":"polar_access_token","label":"true_positive"},` +
			`{"token_raw":"` + unknown + `","token_type":"polar_member_session_token","label":"false_positive"},` +
			`{"token_raw":"x","token_type":"polar_client_secret","label":"false_positive"},` +
			`{"token_raw":"` + member.Token[:21] + unknown[21:] + `","token_type":"polar_member_session_token","label":"false_positive"}]`
		if a.status != 200 || a.body != want {
			t.Errorf("%d %s\nwanted %s", a.status, a.body, want)
		}
	}
	for name, ended := range map[string]answer{
		"a member's session":   h.as(member.Token, "GET", introspect, ""),
		"a customer's session": h.as(customer, "GET", introspect, ""),
		"an access token":      h.as(access, "GET", customers, ""),
		"an email update":      h.ask("POST", "/v1/customer-portal/customers/me/email-update/verify", `{"token":"`+update+`"}`),
	} {
		if ended.status != 401 {
			t.Errorf("%s goes on: %d", name, ended.status)
		}
	}
	if a := h.as(bystander.Token, "GET", introspect, ""); a.status != 200 {
		t.Errorf("another session of the same holder: %d", a.status)
	}
	if a := h.as(h.token, "GET", sessions+member.ID, ""); !strings.Contains(a.body, `"end_reason":"leaked"`) {
		t.Errorf("the reason: %s", a.body)
	}
	if a := g.report(h, "[]"); a.status != 200 || a.body != "[]" {
		t.Errorf("nothing: %d %s", a.status, a.body)
	}
}

func TestSecretScanningRefuses(t *testing.T) {
	g := newGitHub(t)
	h := newHouse(t, false, g.configure, limited("off"))
	h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`)
	body := "[" + leaked(s.Token, "polar_member_session_token") + "]"
	good := g.sign(body)
	const unsigned = `{"error":"InvalidSignature","detail":"Invalid signature."}`
	for _, tt := range []struct {
		name, body, identifier, signature string
		status                            int
		want                              string
	}{
		{"another body", body + " ", "current", good, 403, unsigned},
		{"no base64", body, "current", "!", 403, unsigned},
		{"no signature in it", body, "current", "AAAA", 403, unsigned},
		{"an empty one", body, "current", "", 403, unsigned},
		{"somebody else's", body, "current", newGitHub(t).sign(body), 403, unsigned},
		{"an unknown key", body, "other", good, 400, `{"error":"PublicKeyNotFound","detail":"Public key not found."}`},
		{"a key without a name", body, "", good, 400, `{"error":"PublicKeyNotFound","detail":"Public key not found."}`},
		{"unsigned garbage", "{", "current", good, 403, unsigned},
		{"garbage", "{", "current", g.sign("{"), 422, `"type":"json_invalid","loc":[],`},
		{"no text", "[\xff]", "current", g.sign("[\xff]"), 400, `{"detail":`},
		{"an object", "{}", "current", g.sign("{}"), 422, `{"error":"RequestValidationError","detail":[{"type":"list_type","loc":[],"msg":"Input should be a valid list","input":{},"url":"https://errors.pydantic.dev/2.13/v/list_type"}]}`},
		{"a number", "[1]", "current", g.sign("[1]"), 422, `"type":"model_type","loc":[0],`},
		{"nothing in it", "[{}]", "current", g.sign("[{}]"), 422, `{"type":"missing","loc":[0,"token"],"msg":"Field required","input":{},"url":"https://errors.pydantic.dev/2.13/v/missing"},{"type":"missing","loc":[0,"type"],`},
		{"another type", `[{"token":"x","type":"aws","source":"s"}]`, "current", g.sign(`[{"token":"x","type":"aws","source":"s"}]`), 422, `"type":"enum","loc":[0,"type"],`},
		{"no body", "", "current", g.sign(""), 422, `"loc":[]`},
		{"very many", "[1" + strings.Repeat(",1", 5000) + "]", "current", g.sign("[1" + strings.Repeat(",1", 5000) + "]"), 422, `"type":"too_long","loc":[],`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := h.ask("POST", secretScanning, tt.body, "Github-Public-Key-Identifier", tt.identifier, "Github-Public-Key-Signature", tt.signature)
			if a.status != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %.600s, wanted %d %s", a.status, a.body, tt.status, tt.want)
			}
		})
	}
	a := h.ask("POST", secretScanning, body)
	for _, want := range []string{`{"type":"missing","loc":["header","github-public-key-identifier"],"msg":"Field required","input":null},`, `"github-public-key-signature"`} {
		if a.status != 422 || !strings.Contains(a.body, want) {
			t.Errorf("without headers: %d %s", a.status, a.body)
		}
	}
	if a := h.as(s.Token, "GET", introspect, ""); a.status != 200 {
		t.Errorf("an unsigned report has ended a session: %d", a.status)
	}
	os.Remove(g.file)
	h.advance(25 * time.Hour)
	s = h.create(sessions, `{"external_customer_id":"user_1"}`)
	if a := g.report(h, "["+leaked(s.Token, "polar_member_session_token")+"]"); !strings.Contains(a.body, "true_positive") {
		t.Errorf("the keys are away, and were known: %d %s", a.status, a.body)
	}
}

// Without keys, or before they can be had, nobody is taken for GitHub.
func TestSecretScanningWithoutKeys(t *testing.T) {
	g := newGitHub(t)
	off := newHouse(t, false)
	if a := g.report(off, "[]"); a.status != 404 || a.body != `{"detail":"Not Found"}` {
		t.Errorf("no keys are configured: %d %s", a.status, a.body)
	}
	if err := os.Remove(g.file); err != nil {
		t.Fatal(err)
	}
	away := newHouse(t, false, g.configure)
	if a := g.report(away, "[]"); a.status != 503 || strings.Contains(a.body, g.file) {
		t.Errorf("no keys can be had: %d %s", a.status, a.body)
	}
}

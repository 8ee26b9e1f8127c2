package wiretest_test

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

	"github.com/postern-go/postern/internal/testserver"
)

const secretScanning = "/v1/integrations/github/secret-scanning"

// gitHub signs reports as GitHub does, with its own key.
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

func (g *gitHub) configure(c *testserver.Options) { c.GitHubKeys = g.file }

func (g *gitHub) sign(body string) string {
	sum := sha256.Sum256([]byte(body))
	der, err := ecdsa.SignASN1(rand.Reader, g.key, sum[:])
	if err != nil {
		g.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func (g *gitHub) report(srv *testserver.Server, body string) testserver.Answer {
	srv.T.Helper()
	return srv.Request("POST", secretScanning, body, "Github-Public-Key-Identifier", "current", "Github-Public-Key-Signature", g.sign(body))
}

func leakReport(token, kind string) string {
	return `{"token":"` + token + `","type":"` + kind + `","url":"https://github.com/a/b/blob/main/.env","source":"content"}`
}

func TestSecretScanning(t *testing.T) {
	g := newGitHub(t)
	srv := testserver.New(t, g.configure)
	srv.Ada()
	member := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	bystander := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	access := srv.AccessToken("customers:read").Token
	other := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt", WithoutMembers: true})
	srv.As(other.AccessToken, "POST", customers, `{"email":"bob@example.com","external_id":"bob"}`)
	bob := srv.As(other.AccessToken, "POST", sessions, `{"external_customer_id":"bob"}`)
	customer := bob.Body[strings.Index(bob.Body, "polar_cst_"):][:53]
	srv.Prove(bystander.Token)
	if a := srv.As(bystander.Token, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"new@example.com"}`); a.Status != 202 {
		t.Fatalf("an email update: %d %s", a.Status, a.Body)
	}
	update := srv.Mail.Next().EmailUpdateToken()
	unknown := "polar_mst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"

	if a := g.report(srv, "["+leakReport(update, "polar_customer_email_update_token")+"]"); !strings.Contains(a.Body, "true_positive") {
		t.Errorf("an email update: %d %s", a.Status, a.Body)
	}
	// The reported types may be wrong or in capitals. A second report gets the same answer, although the tokens have ended.
	for range 2 {
		a := g.report(srv, "["+strings.Join([]string{
			leakReport(member.Token, "POLAR_customer_session_token"), leakReport(customer, "polar_user_session_token"), leakReport(access, "polar_access_token"),
			leakReport(unknown, "polar_member_session_token"), leakReport("x", "polar_client_secret"), leakReport(member.Token[:21]+unknown[21:], "polar_member_session_token"),
		}, ",")+"]")
		want := `[{"token_raw":"` + member.Token + `","token_type":"polar_customer_session_token","label":"true_positive"},` +
			`{"token_raw":"` + customer + `","token_type":"polar_user_session_token","label":"true_positive"},` +
			`{"token_raw":"` + access + `","token_type":"polar_access_token","label":"true_positive"},` +
			`{"token_raw":"` + unknown + `","token_type":"polar_member_session_token","label":"false_positive"},` +
			`{"token_raw":"x","token_type":"polar_client_secret","label":"false_positive"},` +
			`{"token_raw":"` + member.Token[:21] + unknown[21:] + `","token_type":"polar_member_session_token","label":"false_positive"}]`
		if a.Status != 200 || a.Body != want {
			t.Errorf("%d %s\nwanted %s", a.Status, a.Body, want)
		}
	}
	for name, ended := range map[string]testserver.Answer{
		"a member's session":   srv.As(member.Token, "GET", introspect, ""),
		"a customer's session": srv.As(customer, "GET", introspect, ""),
		"an access token":      srv.As(access, "GET", customers, ""),
		"an email update":      srv.Request("POST", "/v1/customer-portal/customers/me/email-update/verify", `{"token":"`+update+`"}`),
	} {
		if ended.Status != 401 {
			t.Errorf("%s still works: %d", name, ended.Status)
		}
	}
	if a := srv.As(bystander.Token, "GET", introspect, ""); a.Status != 200 {
		t.Errorf("another session of the same holder: %d", a.Status)
	}
	if a := srv.As(srv.Token, "GET", sessions+member.ID, ""); !strings.Contains(a.Body, `"end_reason":"leaked"`) {
		t.Errorf("the reason: %s", a.Body)
	}
	if a := g.report(srv, "[]"); a.Status != 200 || a.Body != "[]" {
		t.Errorf("nothing: %d %s", a.Status, a.Body)
	}
}

func TestSecretScanningRefuses(t *testing.T) {
	g := newGitHub(t)
	srv := testserver.New(t, g.configure, testserver.RateLimits("off"))
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	body := "[" + leakReport(s.Token, "polar_member_session_token") + "]"
	good := g.sign(body)
	const unsigned = `{"error":"InvalidSignature","detail":"Invalid signature."}`
	for _, tt := range []struct {
		name, body, identifier, signature string
		status                            int
		want                              string
	}{
		{"another body", body + " ", "current", good, 403, unsigned},
		{"a signature that is not base64", body, "current", "!", 403, unsigned},
		{"a malformed signature", body, "current", "AAAA", 403, unsigned},
		{"an empty signature", body, "current", "", 403, unsigned},
		{"the signature of another key", body, "current", newGitHub(t).sign(body), 403, unsigned},
		{"an unknown key", body, "other", good, 400, `{"error":"PublicKeyNotFound","detail":"Public key not found."}`},
		{"a key without a name", body, "", good, 400, `{"error":"PublicKeyNotFound","detail":"Public key not found."}`},
		{"unsigned garbage", "{", "current", good, 403, unsigned},
		{"garbage", "{", "current", g.sign("{"), 422, `"type":"json_invalid","loc":[],`},
		{"bytes that are not UTF-8", "[\xff]", "current", g.sign("[\xff]"), 400, `{"detail":`},
		{"an object", "{}", "current", g.sign("{}"), 422, `{"error":"RequestValidationError","detail":[{"type":"list_type","loc":[],"msg":"Input should be a valid list","input":{},"url":"https://errors.pydantic.dev/2.13/v/list_type"}]}`},
		{"a number", "[1]", "current", g.sign("[1]"), 422, `"type":"model_type","loc":[0],`},
		{"an empty report", "[{}]", "current", g.sign("[{}]"), 422, `{"type":"missing","loc":[0,"token"],"msg":"Field required","input":{},"url":"https://errors.pydantic.dev/2.13/v/missing"},{"type":"missing","loc":[0,"type"],`},
		{"another type", `[{"token":"x","type":"aws","source":"s"}]`, "current", g.sign(`[{"token":"x","type":"aws","source":"s"}]`), 422, `"type":"enum","loc":[0,"type"],`},
		{"no body", "", "current", g.sign(""), 422, `"loc":[]`},
		{"too many reports", "[1" + strings.Repeat(",1", 5000) + "]", "current", g.sign("[1" + strings.Repeat(",1", 5000) + "]"), 422, `"type":"too_long","loc":[],`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := srv.Request("POST", secretScanning, tt.body, "Github-Public-Key-Identifier", tt.identifier, "Github-Public-Key-Signature", tt.signature)
			if a.Status != tt.status || !strings.Contains(a.Body, tt.want) {
				t.Errorf("%d %.600s, want %d %s", a.Status, a.Body, tt.status, tt.want)
			}
		})
	}
	a := srv.Request("POST", secretScanning, body)
	for _, want := range []string{`{"type":"missing","loc":["header","github-public-key-identifier"],"msg":"Field required","input":null},`, `"github-public-key-signature"`} {
		if a.Status != 422 || !strings.Contains(a.Body, want) {
			t.Errorf("without headers: %d %s", a.Status, a.Body)
		}
	}
	if a := srv.As(s.Token, "GET", introspect, ""); a.Status != 200 {
		t.Errorf("an unsigned report ended a session: %d", a.Status)
	}
	os.Remove(g.file)
	srv.Advance(25 * time.Hour)
	s = srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	if a := g.report(srv, "["+leakReport(s.Token, "polar_member_session_token")+"]"); !strings.Contains(a.Body, "true_positive") {
		t.Errorf("the keys can no longer be fetched, but are cached: %d %s", a.Status, a.Body)
	}
}

// Without GitHub's keys, every report is refused.
func TestSecretScanningWithoutKeys(t *testing.T) {
	g := newGitHub(t)
	off := testserver.New(t)
	if a := g.report(off, "[]"); a.Status != 404 || a.Body != `{"detail":"Not Found"}` {
		t.Errorf("no keys are configured: %d %s", a.Status, a.Body)
	}
	if err := os.Remove(g.file); err != nil {
		t.Fatal(err)
	}
	away := testserver.New(t, g.configure)
	if a := g.report(away, "[]"); a.Status != 503 || strings.Contains(a.Body, g.file) {
		t.Errorf("the keys cannot be fetched: %d %s", a.Status, a.Body)
	}
}

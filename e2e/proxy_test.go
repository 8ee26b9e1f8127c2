package e2e

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestForwardAuth runs nginx, Caddy and HAProxy with the configurations from the documentation.
func TestForwardAuth(t *testing.T) {
	t.Parallel()
	for _, p := range []struct {
		name  string
		start func(t *testing.T, s *server, app string) string
		// refuses is set if a request with forged headers gets a 403, because the proxy does not remove all of them.
		refuses bool
	}{
		{"nginx", startNginx, true},
		{"caddy", startCaddy, false},
		{"haproxy", startHAProxy, false},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			c := directoryConfig(t.TempDir())
			org := initialize(t, c, "--no-member-model")
			other := initialize(t, c, "--organization", "bolt")
			s := serve(t, c, "--trusted-proxies", "127.0.0.1")
			a := newApplication(t)
			x := &proxiedApp{t: t, application: a, server: s, org: org, url: p.start(t, s, a.URL), refuses: p.refuses}
			x.customer = s.createCustomer(org, "ada")
			x.session = s.createSession(org, x.customer)
			x.otherSession = s.createSession(other, s.createCustomer(other, "bob"))
			x.getKeys()
			x.allowsSessions()
			x.removesForgedHeaders()
			x.refusesOthers()
			x.redirectsToLogin()
			x.refusesAfterRevocation()
		})
	}
}

// application is the server behind the proxy. It answers with the request that it received.
type application struct {
	*httptest.Server
	requests atomic.Int64
}

type echo struct {
	Method, Target, Body string
	Header               http.Header
}

func newApplication(t *testing.T) *application {
	a := &application{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.requests.Add(1)
		body, _ := io.ReadAll(r.Body)
		json.NewEncoder(w).Encode(echo{r.Method, r.RequestURI, string(body), r.Header})
	}))
	t.Cleanup(a.Close)
	return a
}

// proxiedApp is an application behind a proxy that authenticates requests with a Postern server.
type proxiedApp struct {
	*application
	t      *testing.T
	server *server
	org    organization
	url    string
	// refuses is set if the proxy refuses forged headers and does not remove them.
	refuses bool

	customer, session, otherSession string
	// keys are the public keys that verify signed identities, by their IDs.
	keys map[string]ed25519.PublicKey
}

// forgedHeaders are identity headers from a client. The proxy must not pass them on.
var forgedHeaders = []string{
	"X-Postern-Customer-Id", "00000000-0000-4000-8000-000000000000", "x-postern-member-id", "00000000-0000-4000-8000-000000000000",
	"X-Postern-Role", "owner", "X_Postern_Role", "owner", "x_postern_customer_id", "x",
}

// forgeries are requests with which a client adds, changes, repeats or deletes identity headers.
var forgeries = map[string][]string{
	"headers":                   forgedHeaders,
	"a repeated header":         {"X-Postern-Role", "owner", "X-Postern-Role", "admin"},
	"a list":                    {"X-Postern-Role", "owner, admin"},
	"a principal":               {"X-Postern-Principal", "member", "X-Postern-Role", "owner"},
	"an unlisted header":        {"X-Postern-Admin", "true"},
	"an identity":               {"X-Postern-Identity", "eyJhbGciOiJub25lIn0.e30."},
	"underscores and dashes":    {"X-Postern_Role", "owner", "X_Postern-Role", "owner", "x_postern_principal", "member"},
	"capitals":                  {"X-POSTERN-ROLE", "owner", "x-Postern-rOLE", "owner"},
	"an empty header":           {"X-Postern-Role", ""},
	"Connection":                {"Connection", "close, X-Postern-Principal, X-Postern-Role"},
	"Connection in lower case":  {"Connection", "x-postern-member-id", "Connection", "x-postern-customer-id,x-postern-email"},
	"connection and a header":   {"connection", "keep-alive, X-POSTERN-SCOPES", "X-Postern-Scopes", "customer_portal:write"},
	"Connection and underscore": {"Connection", "X_Postern_Role, X-Postern-Identity ,X-Postern-Organization-Id"},
	"Keep-Alive and Connection": {"Keep-Alive", "timeout=5", "Proxy-Connection", "X-Postern-Role", "Connection", "Keep-Alive,\tX-Postern-Role"},
	"an upgrade":                {"Upgrade", "websocket", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-Websocket-Version", "13", "Connection", "Upgrade, X-Postern-Principal"},
}

// getKeys gets the keys with which the application verifies signed identities.
func (x *proxiedApp) getKeys() {
	x.t.Helper()
	status, text, err := x.server.call("GET", "/v1/customer-portal/forward-auth/keys", "", nil)
	var set struct {
		Keys []struct{ Kid, Kty, Crv, X string }
	}
	if err == nil {
		err = json.Unmarshal(text, &set)
	}
	if err != nil || status != 200 {
		x.t.Fatalf("%d %s %v", status, text, err)
	}
	x.keys = map[string]ed25519.PublicKey{}
	for _, key := range set.Keys {
		public, err := base64.RawURLEncoding.DecodeString(key.X)
		if err != nil || key.Kty != "OKP" || key.Crv != "Ed25519" || len(public) != ed25519.PublicKeySize {
			x.t.Fatalf("%s: %v", text, err)
		}
		x.keys[key.Kid] = public
	}
}

func (x *proxiedApp) send(method, target, body string, headers ...string) (*http.Response, echo) {
	x.t.Helper()
	r, err := http.NewRequest(method, x.url+target, strings.NewReader(body))
	if err != nil {
		x.t.Fatal(err)
	}
	r.Host = "app.example.com"
	for i := 0; i < len(headers); i += 2 {
		r.Header[headers[i]] = append(r.Header[headers[i]], headers[i+1])
	}
	httpClient := http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := httpClient.Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	var seen echo
	if answer.StatusCode == http.StatusOK {
		if err := json.Unmarshal(text, &seen); err != nil {
			x.t.Fatalf("%s %s: %s", method, target, text)
		}
	}
	return answer, seen
}

func (x *proxiedApp) allowsSessions() {
	x.t.Helper()
	for name, credential := range map[string][]string{
		"a cookie":                    {"Cookie", "a=b; postern_session=" + x.session},
		"a bearer":                    {"Authorization", "Bearer " + x.session},
		"a bearer of the application": {"Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.", "Cookie", "__Host-postern_session=" + x.session},
		"a live cookie behind others": {"Cookie", "postern_session=garbage; postern_session=" + x.otherSession + "; postern_session=" + x.session},
		"unknown API version":         {"Authorization", "Bearer " + x.session, "Polar-Version", "1999-01"},
	} {
		answer, seen := x.send("POST", "/a?b=c", "some text", credential...)
		if answer.StatusCode != 200 || seen.Method != "POST" || seen.Target != "/a?b=c" || seen.Body != "some text" {
			x.t.Errorf("%s: %s %+v", name, answer.Status, seen)
			continue
		}
		x.checkIdentity(name, seen)
	}
}

// removesForgedHeaders sends every forgery with a valid session. The application must see the customer of the session, with all
// headers, or no request.
func (x *proxiedApp) removesForgedHeaders() {
	x.t.Helper()
	for name, headers := range forgeries {
		before := x.requests.Load()
		answer, seen := x.send("GET", "/", "", append([]string{"Cookie", "__Host-postern_session=" + x.session}, headers...)...)
		switch {
		case answer.StatusCode == 200:
			x.checkIdentity(name, seen)
		case answer.StatusCode != 403 || !x.refuses || x.requests.Load() != before:
			x.t.Errorf("%s: %s, and %d requests reached the application", name, answer.Status, x.requests.Load()-before)
		}
	}
}

// checkIdentity checks that the application has received exactly the headers that describe the session, each once.
func (x *proxiedApp) checkIdentity(name string, seen echo) {
	x.t.Helper()
	want := map[string]string{
		"X-Postern-Principal": "customer", "X-Postern-Organization-Id": x.org.ID, "X-Postern-Customer-Id": x.customer, "X-Postern-Member-Id": "-",
		"X-Postern-Role": "-", "X-Postern-Email": "ada@example.com", "X-Postern-Scopes": "customer_portal:write",
	}
	for header, value := range want {
		if got := seen.Header[header]; len(got) != 1 || got[0] != value {
			x.t.Errorf("%s: %s is %q, want %q", name, header, got, value)
		}
	}
	for header, values := range seen.Header {
		like := strings.ToLower(strings.ReplaceAll(header, "_", "-"))
		if _, known := want[header]; strings.HasPrefix(like, "x-postern") && !known && header != "X-Postern-Expires-At" && header != "X-Postern-Identity" {
			x.t.Errorf("%s: the application received the client's header %s: %q", name, header, values)
		}
	}
	if next := strings.Join(seen.Header["Connection"], ","); strings.Contains(strings.ToLower(next), "postern") {
		x.t.Errorf("%s: the next proxy would delete %s", name, next)
	}
	if ends, err := time.Parse(time.RFC3339, seen.Header.Get("X-Postern-Expires-At")); err != nil || time.Until(ends) <= 0 {
		x.t.Errorf("%s: expires at %q", name, seen.Header.Get("X-Postern-Expires-At"))
	}
	if values := seen.Header["X-Postern-Identity"]; len(values) != 1 || !x.verifies(values[0]) {
		x.t.Errorf("%s: the signed identity %q is not valid", name, values)
	}
}

// verifies reports whether a signed identity is valid for the application and names the customer. It follows the documentation.
func (x *proxiedApp) verifies(text string) bool {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct{ Alg, Kid string }
	var claims struct {
		Iss, Aud, Principal string
		Exp                 int64
		CustomerID          string `json:"customer_id"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	for i, into := range []any{&header, &claims} {
		plain, failed := base64.RawURLEncoding.DecodeString(parts[i])
		err = errors.Join(err, failed, json.Unmarshal(plain, into))
	}
	key := x.keys[header.Kid]
	return err == nil && header.Alg == "EdDSA" && key != nil && ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature) &&
		claims.Iss == publicURL && claims.Aud == "app.example.com" && time.Now().Unix() < claims.Exp && time.Until(time.Unix(claims.Exp, 0)) <= time.Minute &&
		claims.Principal == "customer" && claims.CustomerID == x.customer
}

func (x *proxiedApp) refusesOthers() {
	x.t.Helper()
	before := x.requests.Load()
	for name, tt := range map[string]struct {
		method  string
		headers []string
	}{
		"no token":                       {"GET", nil},
		"forged headers":                 {"GET", forgedHeaders},
		"invalid token":                  {"GET", []string{"Cookie", "postern_session=garbage"}},
		"access token":                   {"GET", []string{"Authorization", "Bearer " + x.org.AccessToken}},
		"another organization's session": {"POST", []string{"Cookie", "postern_session=" + x.otherSession}},
		"preflight":                      {"OPTIONS", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "GET"}},
	} {
		if answer, _ := x.send(tt.method, "/", "", append(tt.headers, "Accept", "application/json")...); answer.StatusCode != 401 {
			x.t.Errorf("%s: %s", name, answer.Status)
		}
	}
	if after := x.requests.Load(); after != before {
		x.t.Errorf("the application received %d requests", after-before)
	}
}

func (x *proxiedApp) redirectsToLogin() {
	x.t.Helper()
	for _, method := range []string{"GET", "POST"} {
		answer, _ := x.send(method, "/a?b=%2F&c=d", "", "Accept", "text/html,*/*;q=0.8",
			"X-Forwarded-Host", "evil.example", "X-Forwarded-Uri", "/evil", "X-Forwarded-Proto", "https")
		const want = "/.postern/sign-in?to=/a?b=%252F%26c=d"
		if got := answer.Header.Get("Location"); answer.StatusCode != 302 || got != want {
			x.t.Errorf("%s: %s to %s, want %s", method, answer.Status, got, want)
		}
	}
}

// refusesAfterRevocation revokes the session with the OAuth 2.0 route. Then it stops the server: the proxy must refuse all requests.
func (x *proxiedApp) refusesAfterRevocation() {
	x.t.Helper()
	r, err := http.NewRequest("POST", x.server.url+"/v1/oauth2/revoke", strings.NewReader(url.Values{"token": {x.session}}.Encode()))
	if err != nil {
		x.t.Fatal(err)
	}
	r.SetBasicAuth("acme", x.org.AccessToken)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client.Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		x.t.Errorf("revoke: %s", answer.Status)
	}
	if answer, _ := x.send("GET", "/", "", "Cookie", "postern_session="+x.session); answer.StatusCode != 401 {
		x.t.Errorf("revoked session: %s", answer.Status)
	}
	x.server.kill()
	if answer, _ := x.send("GET", "/", "", "Cookie", "postern_session="+x.session); answer.StatusCode < 500 {
		x.t.Errorf("stopped server: %s", answer.Status)
	}
}

// documentedConfig returns the code block in the given language from the documentation, with its addresses replaced.
func documentedConfig(t *testing.T, language string, replace ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "forward-auth.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "```"+language+"\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed {
		t.Fatalf("docs/forward-auth.md has no code block in %s", language)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(block, replace[i]) {
			t.Fatalf("%s is not in\n%s", replace[i], block)
		}
		block = strings.ReplaceAll(block, replace[i], replace[i+1])
	}
	return block
}

func startNginx(t *testing.T, s *server, app string) string {
	t.Helper()
	addr := freeAddr(t)
	return runNginx(t, addr, documentedConfig(t, "nginx", "listen 80;", "listen "+addr+";", "http://127.0.0.1:8787", s.url, "http://127.0.0.1:3000", app))
}

// runNginx runs nginx with the server blocks of a site, which listen on addr.
func runNginx(t *testing.T, addr, site string) string {
	t.Helper()
	dir := t.TempDir()
	var temporary strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temporary, "%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	config := fmt.Sprintf("daemon off;\nmaster_process off;\npid %s;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n%s%s}\n",
		filepath.Join(dir, "pid"), &temporary, site)
	return startProxy(t, addr, config, dir, "nginx", "-p", dir, "-e", "stderr", "-c")
}

func startCaddy(t *testing.T, s *server, app string) string {
	t.Helper()
	addr := freeAddr(t)
	_, port, _ := strings.Cut(addr, ":")
	return runCaddy(t, addr, documentedConfig(t, "caddyfile", "app.example.com {", "http://app.example.com:"+port+", http://app.example.org:"+port+" {\n\tbind 127.0.0.1",
		"127.0.0.1:8787", strings.TrimPrefix(s.url, "http://"), "127.0.0.1:3000", strings.TrimPrefix(app, "http://")))
}

// runCaddy runs Caddy with a site, which listens on addr.
func runCaddy(t *testing.T, addr, site string) string {
	t.Helper()
	return startProxy(t, addr, "{\n\tadmin off\n}\n"+site, t.TempDir(), "caddy", "run", "--adapter", "caddyfile", "--config")
}

func startHAProxy(t *testing.T, s *server, app string) string {
	t.Helper()
	addr, dir := freeAddr(t), t.TempDir()
	script := filepath.Join(dir, "postern.lua")
	if err := os.WriteFile(script, []byte(documentedConfig(t, "lua", "http://127.0.0.1:8787", s.url)), 0o600); err != nil {
		t.Fatal(err)
	}
	site := documentedConfig(t, "haproxy", "bind :80", "bind "+addr, "/etc/haproxy/postern.lua", script, "127.0.0.1:8787", strings.TrimPrefix(s.url, "http://"), "127.0.0.1:3000", strings.TrimPrefix(app, "http://"))
	return startProxy(t, addr, site, dir, "haproxy", "-db", "-f")
}

// startProxy runs a proxy until the test ends. The path of the configuration file is appended to args.
func startProxy(t *testing.T, addr, config, dir, name string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil { // on Debian it is not in the PATH of normal users
		program, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil {
		t.Fatalf("%s is missing; run scripts/install-tools", name)
	}
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, append(args, file)...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if t.Failed() {
			t.Logf("%s:\n%s", name, &log)
		}
	})
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return "http://" + addr
		}
		select {
		case <-ended:
			t.Fatalf("%s did not start:\n%s", name, &log)
		default:
		}
	}
	t.Fatalf("%s does not listen", name)
	return ""
}

// freeAddr returns an address on which no server listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

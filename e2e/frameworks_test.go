package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// frameworksDir has the files that docs/frameworks.md shows.
const frameworksDir = "frameworks"

// TestFieldFrameworks runs Polar's official adapters against a Postern server: Express, Hono, Next.js and Better Auth as servers of
// their own; of the other frameworks, the routes that an application has.
func TestFieldFrameworks(t *testing.T) {
	npmInstaller(frameworksDir)(t)
	program := func(name string) string { return absolute(t, frameworksDir, "node_modules", ".bin", name) }
	t.Run("type check", func(t *testing.T) { runTool(t, frameworksDir, nil, program("tsc"), "-p", ".") })
	if t.Failed() {
		return // the other tests run what tsc compiles
	}

	c := directoryConfig(t.TempDir())
	org := initialize(t, c)
	addr := freeAddr(t)
	s := serve(t, c, "--listen", addr, "--public-url", "http://"+addr, "--webhooks-allow-http", "--webhooks-allow-networks", "127.0.0.0/8")

	t.Run("Express", func(t *testing.T) {
		startFramework(t, s, org, "node", "build/express/server.js").test("ada-express")
	})
	t.Run("Hono", func(t *testing.T) {
		startFramework(t, s, org, "node", "build/hono/server.js").test("ada-hono")
	})
	t.Run("Next.js", func(t *testing.T) {
		runTool(t, filepath.Join(frameworksDir, "nextjs"), []string{"NEXT_TELEMETRY_DISABLED=1"}, program("next"), "build")
		startFramework(t, s, org, program("next"), "start", "nextjs", "--hostname", "127.0.0.1").test("ada-nextjs")
	})
	t.Run("Better Auth", func(t *testing.T) {
		buildSQLite(t)
		testBetterAuth(t, startFramework(t, s, org, "node", "build/better-auth/server.js"))
	})
	t.Run("others", func(t *testing.T) {
		runScenario(t, frameworksDir, []string{
			"NODE_OPTIONS=--import=./postern.mjs --conditions=svelte",
			"CUSTOMER=" + s.createCustomer(org, "ada"),
			"POSTERN_URL=" + s.url,
			"POSTERN_ACCESS_TOKEN=" + org.AccessToken,
			"POSTERN_WEBHOOK_SECRET=" + s.subscribe(org, "http://"+freeAddr(t)),
		}, "node", "handlers.mjs")
	})
	s.stop()
}

// buildSQLite compiles the SQLite library of Better Auth, unless that was done before. npm does not run the scripts of packages
// when it installs them.
func buildSQLite(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(frameworksDir, "node_modules", "better-sqlite3", "build", "Release", "better_sqlite3.node")); err != nil {
		runTool(t, frameworksDir, nil, "npm", "rebuild", "better-sqlite3", "--ignore-scripts=false")
	}
}

// subscribe creates a webhook endpoint for new sessions, and returns its secret.
func (s *server) subscribe(org organization, url string) string {
	s.t.Helper()
	status, body, err := s.call(http.MethodPost, "/v1/webhooks/endpoints", org.AccessToken,
		map[string]any{"url": url, "events": []string{"session.created"}})
	var created struct{ Secret string }
	if err != nil || status != http.StatusCreated || json.Unmarshal(body, &created) != nil {
		s.t.Fatalf("create webhook endpoint: %d %s, %v", status, body, err)
	}
	return created.Secret
}

// framework is an application of a merchant, written with a framework. Its client keeps cookies and follows no redirects.
type framework struct {
	t      *testing.T
	server *server
	org    organization
	url    string
	client *http.Client
	output *logBuffer
}

// startFramework starts an application and waits until it answers. The application is killed when the test ends.
func startFramework(t *testing.T, s *server, org organization, command ...string) *framework {
	t.Helper()
	addr := freeAddr(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &framework{t: t, server: s, org: org, url: "http://" + addr, output: &logBuffer{}, client: &http.Client{
		Timeout: patience, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = frameworksDir
	_, port, _ := strings.Cut(addr, ":")
	cmd.Env = append(os.Environ(), "PORT="+port, "NODE_OPTIONS=--import=./postern.mjs", "NEXT_TELEMETRY_DISABLED=1",
		"DATABASE="+filepath.Join(t.TempDir(), "auth.db"), "BETTER_AUTH_SECRET="+strings.Repeat("secret", 8),
		"POSTERN_URL="+s.url, "POSTERN_ACCESS_TOKEN="+org.AccessToken, "POSTERN_WEBHOOK_SECRET="+s.subscribe(org, a.url+"/webhooks"))
	cmd.Stdout, cmd.Stderr = a.output, a.output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // the application was killed
		if t.Failed() {
			t.Logf("output of the application:\n%s", a.output)
		}
	})
	a.await("the application answers", func() bool {
		for _, path := range []string{"/portal", "/api/auth/ok"} { // without a customer; the latter is of Better Auth
			res, err := a.client.Get(a.url + path)
			if err != nil {
				return false
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err == nil && (bytes.Contains(body, []byte("customerId not defined")) || string(body) == `{"ok":true}`) {
				return true
			}
		}
		return false
	})
	return a
}

// Write adds output of a program.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.add(string(p))
	return len(p), nil
}

func (a *framework) await(what string, done func() bool) {
	a.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			a.t.Fatalf("timed out: %s", what)
		}
	}
}

// send sends a request, and returns the answer with its body. A body is sent as JSON.
func (a *framework) send(method, url, cookie string, body any) (*http.Response, []byte) {
	a.t.Helper()
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, url, payload)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Origin", a.url)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	res, err := a.client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return res, answer
}

// test opens the portal through the application, which then receives the event of the new session.
func (a *framework) test(customer string) {
	a.t.Helper()
	id := a.server.createCustomer(a.org, customer)
	res, body := a.send(http.MethodGet, a.url+"/portal", "customer="+id, nil)
	if res.StatusCode/100 != 3 {
		a.t.Fatalf("/portal: %s %s", res.Status, body)
	}
	a.opensPortal(res.Header.Get("Location"), customer+"@example.com")
	a.await("the application receives the event", func() bool { return eventLine.MatchString(a.output.String()) })
}

var eventLine = regexp.MustCompile(`(?m)^session\.created [0-9a-f-]{36}$`)

// opensPortal follows a portal link to the page of the signed-in customer.
func (a *framework) opensPortal(link, email string) {
	a.t.Helper()
	if !strings.HasPrefix(link, a.server.url+"/acme/portal?") {
		a.t.Fatalf("the portal link is %q", link)
	}
	for range 5 {
		res, body := a.send(http.MethodGet, link, "", nil)
		if next, err := res.Location(); err == nil {
			link = next.String()
			continue
		}
		if res.StatusCode != http.StatusOK || !strings.HasSuffix(link, "/acme/portal/overview") || !bytes.Contains(body, []byte(email)) {
			a.t.Errorf("%s: %s, want the overview of %s\n%s", link, res.Status, email, body)
		}
		return
	}
	a.t.Errorf("the portal link redirects more than 5 times, now to %s", link)
}

// testBetterAuth signs up, which creates the customer, changes the user's name, opens the portal, and reads what the plugin shows to
// the user.
func testBetterAuth(t *testing.T, a *framework) {
	const email = "ada-better-auth@example.com"
	auth := a.url + "/api/auth"
	var user struct{ User struct{ ID string } }
	a.sendJSON(http.MethodPost, auth+"/sign-up/email", object{"name": "Ada", "email": email, "password": "correct horse"}, &user)
	a.sendJSON(http.MethodPost, auth+"/update-user", object{"name": "Ada Lovelace"}, nil)
	var customer struct{ Email, Name string }
	status, body, err := a.server.call(http.MethodGet, "/v1/customers/external/"+user.User.ID, a.org.AccessToken, nil)
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &customer) != nil || customer.Email != email || customer.Name != "Ada Lovelace" {
		t.Errorf("the customer of user %q: %d %s %v", user.User.ID, status, body, err)
	}

	var portal struct{ URL string }
	a.sendJSON(http.MethodPost, auth+"/customer/portal", object{}, &portal)
	a.opensPortal(portal.URL, email)

	var state struct {
		ExternalID                                         string
		ActiveSubscriptions, GrantedBenefits, ActiveMeters []any
	}
	a.sendJSON(http.MethodGet, auth+"/customer/state", nil, &state)
	if state.ExternalID != user.User.ID || state.ActiveSubscriptions == nil || len(state.ActiveSubscriptions)+len(state.GrantedBenefits)+len(state.ActiveMeters) > 0 {
		t.Errorf("the state is %+v, want no subscriptions, benefits and meters of user %q", state, user.User.ID)
	}
	for _, list := range []string{"benefits", "orders", "subscriptions"} {
		var page struct{ Result struct{ Items []any } }
		a.sendJSON(http.MethodGet, auth+"/customer/"+list+"/list", nil, &page)
		if page.Result.Items == nil || len(page.Result.Items) > 0 {
			t.Errorf("%s are %v, want an empty list", list, page.Result.Items)
		}
	}
}

// sendJSON sends a request and decodes the answer, which must have status 200, into a pointer. The pointer can be nil.
func (a *framework) sendJSON(method, url string, body, into any) {
	a.t.Helper()
	res, answer := a.send(method, url, "", body)
	if res.StatusCode != http.StatusOK {
		a.t.Fatalf("%s %s: %s %s", method, url, res.Status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			a.t.Fatalf("%s %s: %v in %s", method, url, err, answer)
		}
	}
}

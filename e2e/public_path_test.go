package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A proxy serves the server below a path of a host that has another application. The proxy passes the path on, or removes it.
func TestPublicURLWithAPath(t *testing.T) {
	t.Parallel()
	for _, p := range []struct {
		name  string
		start func(t *testing.T, addr, server, neighbor string) string
	}{
		{"nginx passes the path on", func(t *testing.T, addr, server, neighbor string) string {
			location := installConfig(t, "nginx", "http://127.0.0.1:8787", server)
			return runNginx(t, addr, "server {\nlisten "+addr+";\n"+location+"location / { proxy_pass "+neighbor+"; }\n}\n")
		}},
		{"nginx removes the path and sends its own Host", func(t *testing.T, addr, server, neighbor string) string {
			return runNginx(t, addr, "server {\nlisten "+addr+";\nlocation /auth/ { proxy_pass "+server+"/; proxy_redirect off; }\nlocation / { proxy_pass "+neighbor+"; }\n}\n")
		}},
		{"caddy removes the path", func(t *testing.T, addr, server, neighbor string) string {
			handle := installLine(t, "handle_path", "127.0.0.1:8787", strings.TrimPrefix(server, "http://"))
			return runCaddy(t, addr, "http://"+addr+" {\n"+handle+"\nhandle {\nreverse_proxy "+strings.TrimPrefix(neighbor, "http://")+"\n}\n}\n")
		}},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			neighbor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				t.Errorf("the neighbor got %s %s", r.Method, r.URL)
			}))
			t.Cleanup(neighbor.Close)
			addr := freeAddr(t)
			public := "http://" + addr + "/auth"
			c := directoryConfig(t.TempDir())
			org := initialize(t, c, "--no-member-model")
			s := serve(t, c, "--public-url", public, "--trusted-proxies", "127.0.0.1")
			p.start(t, addr, s.url, neighbor.URL)
			customer := s.createCustomer(org, "ada")

			answer, text := visit(t, http.DefaultClient, "POST", public+"/v1/customer-sessions", org.AccessToken, `{"customer_id":"`+customer+`"}`)
			if answer.StatusCode != http.StatusCreated || answer.Request.URL.String() != public+"/v1/customer-sessions/" {
				t.Fatalf("without the last slash: %s at %s: %s", answer.Status, answer.Request.URL, text)
			}
			link := regexp.MustCompile(`"customer_portal_url":"([^"]+)"`).FindStringSubmatch(text)
			if link == nil || !strings.HasPrefix(link[1], public+"/acme/portal?") {
				t.Fatalf("the link is not below the public URL: %s", text)
			}
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			browser := &http.Client{Jar: jar}
			answer, text = visit(t, browser, "GET", link[1], "", "")
			if answer.StatusCode != http.StatusOK || answer.Request.URL.String() != public+"/acme/portal/overview" {
				t.Fatalf("the link leads to %s: %s", answer.Request.URL, answer.Status)
			}
			for _, path := range regexp.MustCompile(`(?:href|src)="(/[^"]+)"`).FindAllStringSubmatch(text, -1) {
				answer, _ := visit(t, browser, "GET", "http://"+addr+path[1], "", "")
				if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Request.URL.String(), public+"/") {
					t.Errorf("%s: %s at %s", path[1], answer.Status, answer.Request.URL)
				}
			}
			home, err := url.Parse(public + "/acme/portal/overview")
			if err != nil || len(jar.Cookies(home)) == 0 || len(jar.Cookies(&url.URL{Scheme: "http", Host: addr, Path: "/"})) > 0 {
				t.Errorf("the cookies are not for the portal alone: %v, %v", jar.Cookies(home), err)
			}
			answer, _ = visit(t, browser, "POST", public+"/acme/portal/sign-out", "", "x=1")
			if answer.StatusCode != http.StatusOK || answer.Request.URL.String() != public+"/acme/portal/request" {
				t.Errorf("the sign-out leads to %s: %s", answer.Request.URL, answer.Status)
			}
		})
	}
}

// visit sends a request, follows redirects, and returns the last answer and its body.
func visit(t *testing.T, c *http.Client, method, target, token, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case strings.HasPrefix(body, "{"):
		r.Header.Set("Content-Type", "application/json")
	case body != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://"+r.URL.Host)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func readInstall(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "install.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// installConfig returns the code block in a language from docs/install.md, with an address replaced.
func installConfig(t *testing.T, language, old, replacement string) string {
	t.Helper()
	_, block, found := strings.Cut(readInstall(t), "```"+language+"\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed || !strings.Contains(block, old) {
		t.Fatalf("docs/install.md has no %s configuration for %s", language, old)
	}
	return strings.ReplaceAll(block, old, replacement)
}

// installLine returns the code within a line of docs/install.md that starts with a word, with an address replaced. Caddy wants each
// directive on its own line.
func installLine(t *testing.T, word, old, replacement string) string {
	t.Helper()
	_, line, found := strings.Cut(readInstall(t), "`"+word)
	line, _, closed := strings.Cut(line, "`")
	if !found || !closed || !strings.Contains(line, old) {
		t.Fatalf("docs/install.md has no %s", word)
	}
	return strings.NewReplacer("{ ", "{\n", " }", "\n}", old, replacement).Replace(word + line)
}

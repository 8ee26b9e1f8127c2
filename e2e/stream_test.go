package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestFieldStreamClients runs clients for server-sent events through proxies that have only the settings for forwarding requests. A
// proxy that buffers the stream, or that ends an idle one, fails the test.
func TestFieldStreamClients(t *testing.T) {
	t.Parallel()
	npmInstaller("stream")(t)
	installPython(t, "stream")
	for name, run := range map[string]func(t *testing.T, s *server) string{
		"nginx": func(t *testing.T, s *server) string {
			addr := freeAddr(t)
			return runNginx(t, addr, "server { listen "+addr+"; location / { proxy_pass "+s.url+"; } }\n")
		},
		"caddy": func(t *testing.T, s *server) string {
			addr := freeAddr(t)
			return runCaddy(t, addr, "http://"+addr+" {\n\treverse_proxy "+strings.TrimPrefix(s.url, "http://")+"\n}\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := directoryConfig(t.TempDir())
			org := initialize(t, c)
			s := serve(t, c)
			environment := []string{"POSTERN_URL=" + s.url, "POSTERN_PROXY_URL=" + run(t, s),
				"POSTERN_ACCESS_TOKEN=" + org.AccessToken, "POSTERN_CUSTOMER_ID=" + s.createCustomer(org, "user_1")}
			runScenario(t, "stream", environment, "node", "stream.mjs")
			runScenario(t, "stream", environment, filepath.Join(".venv", "bin", "python"), "-B", "stream.py")
		})
	}
}

package e2e

import (
	"path/filepath"
	"testing"
)

// TestFieldOAuthLibraries runs libraries for OAuth 2.0 clients, which find the routes for introspection and revocation by the metadata
// of the server.
func TestFieldOAuthLibraries(t *testing.T) {
	t.Parallel()
	npmInstaller("oauth")(t)
	installPython(t, "oauth")
	c := directoryConfig(t.TempDir())
	org := initialize(t, c)
	addr := freeAddr(t)
	s := serve(t, c, "--listen", addr, "--public-url", "http://"+addr)
	environment := []string{"POSTERN_URL=" + s.url, "POSTERN_ACCESS_TOKEN=" + org.AccessToken, "POSTERN_CUSTOMER_ID=" + s.createCustomer(org, "user_1")}
	runScenario(t, "oauth", environment, "node", "oauth.mjs")
	runScenario(t, "oauth", environment, filepath.Join(".venv", "bin", "python"), "-B", "oauth.py")
	s.stop()
}

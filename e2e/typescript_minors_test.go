package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFieldTypeScriptMinors reads with every minor version of the first generation of the official TypeScript SDK what front ends read.
// TestTypeScript and TestPython test the newest version of each generation in detail.
func TestFieldTypeScriptMinors(t *testing.T) {
	t.Parallel()
	npmInstaller("minors")(t)
	raw, err := os.ReadFile(filepath.Join("minors", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Dependencies map[string]string }
	if err := json.Unmarshal(raw, &list); err != nil || len(list.Dependencies) < 20 {
		t.Fatalf("package.json names %d versions: %v", len(list.Dependencies), err)
	}
	var versions []string
	for name := range list.Dependencies {
		versions = append(versions, strings.TrimPrefix(name, "sdk-"))
	}
	slices.Sort(versions)

	c := directoryConfig(t.TempDir())
	org, other := initialize(t, c), initialize(t, c, "--organization", "other")
	s := serve(t, c, "--rate-limits", "off")
	status, answer, err := s.call("POST", "/v1/webhooks/endpoints", org.AccessToken, map[string]any{
		"url": "https://hooks.invalid/", "format": "raw", "events": []string{"session.created"},
	})
	if err != nil || status != http.StatusCreated {
		t.Fatalf("creating an endpoint: %d %s %v", status, answer, err)
	}
	s.createSession(org, s.createCustomer(org, "user_1")) // its event is delivered
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			runScenario(t, "minors", []string{
				"POSTERN_URL=" + s.url, "POSTERN_ACCESS_TOKEN=" + org.AccessToken, "POSTERN_OTHER_ACCESS_TOKEN=" + other.AccessToken,
				"POSTERN_ORGANIZATION_ID=" + org.ID, "POSTERN_ORGANIZATION_SLUG=" + org.Slug,
			}, "node", "minor.mjs", version)
		})
	}
	s.stop()
}

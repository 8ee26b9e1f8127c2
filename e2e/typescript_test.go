package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestTypeScript runs the official SDKs of both generations. TestFieldTypeScript runs every scenario on every server.
func TestTypeScript(t *testing.T)      { runTypeScript(t, false) }
func TestFieldTypeScript(t *testing.T) { runTypeScript(t, true) }

// runTypeScript tests sessions with the class and with the standalone functions, everything else only with the class.
func runTypeScript(t *testing.T, everywhere bool) {
	installSDKs(t)
	scenarios := [][]string{
		{"sdk0.mjs", "class"},
		{"sdk0.mjs", "standalone"},
		{"directory0.mjs"},
		{"billing0.mjs"},
	}
	for _, version := range []string{"2026-04", "2026-10", "2027-01"} {
		scenarios = append(scenarios,
			[]string{"sdk1.mjs", "class", version},
			[]string{"sdk1.mjs", "standalone", version},
			[]string{"directory1.mjs", version},
			[]string{"billing1.mjs", version})
	}
	newFixture(t).onEachServer(t, everywhere, func(t *testing.T, s *scenarioServer) {
		for _, scenario := range scenarios {
			if !s.every && (slices.Contains(scenario, "standalone") || slices.Contains(scenario, "2026-04") || slices.Contains(scenario, "2027-01")) {
				continue
			}
			t.Run(strings.Join(scenario, " "), func(t *testing.T) {
				s.run(t, "typescript", append([]string{"node"}, scenario...)...)
			})
		}
	})
}

// installSDKs installs the TypeScript SDKs.
var installSDKs = npmInstaller("typescript")

// npmInstaller returns a function that installs the packages in package-lock.json of a directory, unless they are installed and the
// file has not changed.
func npmInstaller(dir string) func(*testing.T) {
	install := sync.OnceValue(func() error {
		lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
		if err != nil {
			return err
		}
		// This is the last file that npm writes.
		installed, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
		if err == nil && installed.ModTime().After(lock.ModTime()) {
			return nil
		}
		cmd := exec.Command("npm", "ci")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("npm ci: %w\n%s", err, out)
		}
		return nil
	})
	return func(t *testing.T) {
		t.Helper()
		for _, tool := range []string{"node", "npm"} {
			if _, err := exec.LookPath(tool); err != nil {
				t.Fatalf("%s is missing; run scripts/install-tools", tool)
			}
		}
		if err := install(); err != nil {
			t.Fatal(err)
		}
	}
}

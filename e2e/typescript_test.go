package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The official TypeScript SDKs, both generations: sessions in the class and in the
// standalone form of each, and everything else in the class.
func TestTypeScript(t *testing.T) {
	installSDKs(t)
	scenarios := [][]string{
		{"sdk0.mjs", "class"},
		{"sdk0.mjs", "standalone"},
		{"directory0.mjs"},
	}
	for _, version := range []string{"2026-04", "2026-10", "2027-01"} {
		scenarios = append(scenarios,
			[]string{"sdk1.mjs", "class", version},
			[]string{"sdk1.mjs", "standalone", version},
			[]string{"directory1.mjs", version})
	}
	newStage(t).eachHouse(t, func(t *testing.T, h *house) {
		for _, scenario := range scenarios {
			t.Run(strings.Join(scenario, " "), func(t *testing.T) {
				h.run(t, "typescript", append([]string{"node"}, scenario...)...)
			})
		}
	})
}

// installSDKs installs those SDKs.
var installSDKs = npmInstaller("typescript")

// npmInstaller returns what installs the packages that a directory's
// package-lock.json names, once, and again when that file has changed since.
func npmInstaller(dir string) func(*testing.T) {
	install := sync.OnceValue(func() error {
		lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
		if err != nil {
			return err
		}
		// npm writes this file last.
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
				t.Fatalf("%s is missing; scripts/need tells how to get it", tool)
			}
		}
		if err := install(); err != nil {
			t.Fatal(err)
		}
	}
}

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPython runs the official SDK. TestFieldPython runs every version of the API on every server.
func TestPython(t *testing.T)      { runPython(t, false) }
func TestFieldPython(t *testing.T) { runPython(t, true) }

func runPython(t *testing.T, everywhere bool) {
	installPython(t, "python")
	newFixture(t).onEachServer(t, everywhere, func(t *testing.T, s *scenarioServer) {
		for _, version := range []string{"v2026_04", "v2026_10", "v2027_01"} {
			if !s.every && version != "v2026_10" {
				continue
			}
			t.Run(version, func(t *testing.T) {
				s.run(t, "python", filepath.Join(".venv", "bin", "python"), "-B", "sdk.py", version)
			})
		}
	})
}

// installPython creates a virtual environment with the packages in requirements.txt of a directory, unless it exists and the file
// has not changed.
func installPython(t *testing.T, dir string) {
	t.Helper()
	environment := filepath.Join(dir, ".venv")
	stamp := filepath.Join(environment, "requirements.txt") // written last
	wanted, err := os.ReadFile(filepath.Join(dir, "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if installed, err := os.ReadFile(stamp); err == nil && bytes.Equal(installed, wanted) {
		return
	}
	for _, command := range [][]string{
		{"python3", "-m", "venv", "--clear", environment},
		{filepath.Join(environment, "bin", "pip"), "install", "--quiet", "-r", filepath.Join(dir, "requirements.txt")},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatal(fmt.Errorf("%s: %w\n%s\nrun scripts/install-tools", command[0], err, out))
		}
	}
	if err := os.WriteFile(stamp, wanted, 0o644); err != nil {
		t.Fatal(err)
	}
}

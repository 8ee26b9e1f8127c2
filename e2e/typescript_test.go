package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The official TypeScript SDKs, both generations, each in its class and its
// standalone form, against organizations with and without the member model.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	installSDKs(t)

	scenarios := [][]string{
		{"sdk0.mjs", "class"},
		{"sdk0.mjs", "standalone"},
	}
	for _, version := range []string{"2026-04", "2026-10", "2027-01"} {
		scenarios = append(scenarios,
			[]string{"sdk1.mjs", "class", version},
			[]string{"sdk1.mjs", "standalone", version})
	}

	for _, tt := range []struct {
		name        string
		flags       []string
		memberModel bool
	}{
		{"members", nil, true},
		{"customers", []string{"--no-member-model"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			org := initialize(t, dir, tt.flags...)
			s := serve(t, dir)
			for _, scenario := range scenarios {
				t.Run(strings.Join(scenario, " "), func(t *testing.T) {
					runScenario(t, s, org, tt.memberModel, scenario)
				})
			}
			s.stop()
		})
	}
}

// runScenario runs one scenario and turns each of its steps into a subtest.
func runScenario(t *testing.T, s *server, org organization, memberModel bool, scenario []string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", scenario...)
	cmd.Dir = "typescript"
	cmd.Env = append(os.Environ(),
		"POSTERN_URL="+s.url,
		"POSTERN_PUBLIC_URL="+publicURL,
		"POSTERN_ACCESS_TOKEN="+org.AccessToken,
		"POSTERN_ORGANIZATION_ID="+org.ID,
		"POSTERN_ORGANIZATION_SLUG="+org.Slug,
		"POSTERN_MEMBER_MODEL="+strconv.FormatBool(memberModel),
		// The SDK of the first generation would fall back to it.
		"POLAR_ACCESS_TOKEN=",
	)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()

	done := false
	for lines := bufio.NewScanner(&stdout); lines.Scan(); {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "ok "); ok {
			t.Run(name, func(*testing.T) {})
		} else if name, ok := strings.CutPrefix(line, "not ok "); ok {
			t.Run(name, func(t *testing.T) { t.Errorf("%s", &stderr) })
		} else if line == "done" {
			done = true
		} else {
			t.Logf("node printed %q", line)
		}
	}
	if err != nil || !done {
		t.Errorf("node %s: %v, done: %v\n%s", strings.Join(scenario, " "), err, done, &stderr)
	}
}

// installSDKs installs what package-lock.json names, once, and again when that
// file has changed since.
var installSDKs = func() func(*testing.T) {
	install := sync.OnceValue(func() error {
		lock, err := os.Stat(filepath.Join("typescript", "package-lock.json"))
		if err != nil {
			return err
		}
		// npm writes this file last.
		installed, err := os.Stat(filepath.Join("typescript", "node_modules", ".package-lock.json"))
		if err == nil && installed.ModTime().After(lock.ModTime()) {
			return nil
		}
		cmd := exec.Command("npm", "ci")
		cmd.Dir = "typescript"
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
}()

package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// secretIDs sets SIGNS and VERIFIES to the IDs in the output of secret list.
func secretIDs(ts *testscript.TestScript, _ bool, args []string) {
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if f := strings.Fields(line); len(f) == 4 {
			ts.Setenv(strings.ToUpper(f[1]), f[0])
		}
	}
}

// lastSecret checks that the first file has one secret and that the second file has a new secret before it. It sets TEXT to the
// first file's secret.
func lastSecret(ts *testscript.TestScript, _ bool, args []string) {
	before, after := strings.Fields(ts.ReadFile(args[0])), strings.Fields(ts.ReadFile(args[1]))
	if len(before) != 1 || len(after) != 2 || after[1] != before[0] || after[0] == after[1] {
		ts.Fatalf("%d secrets, then %d", len(before), len(after))
	}
	ts.Setenv("TEXT", before[0])
}

// Killing a rotation at any time preserves the previous secrets. A secret that the rotation has printed is in the file.
func TestKilledRotationLosesNoSecret(t *testing.T) {
	dir := t.TempDir()
	if status := run([]string{"init", "--data", dir, "--organization", "acme"}, nil, io.Discard, io.Discard); status != 0 {
		t.Fatal(status)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	read := func() []string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, "secret"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(text))
	}
	killed := 0
	for range 30 {
		before := read()
		cmd := exec.Command(self, "-test.run=^TestProcess$")
		cmd.Env = append(os.Environ(), "POSTERN_TEST_RUN=secret rotate --data "+dir)
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rand.IntN(60))*time.Millisecond, func() { cmd.Process.Kill() })
		ended := cmd.Wait()
		timer.Stop()
		after := read()
		if len(after) > len(before)+1 || !slices.Equal(after[len(after)-len(before):], before) {
			t.Fatalf("%d secrets before the rotation, %d different ones after it", len(before), len(after))
		}
		if strings.Contains(out.String(), "signs new tokens") && len(after) != len(before)+1 {
			t.Error("the printed secret is not in the file")
		}
		if ended != nil {
			killed++
		}
	}
	t.Logf("%d of 30 were killed", killed)
	var out, errs bytes.Buffer
	if status := run([]string{"secret", "list", "--data", dir}, nil, &out, &errs); status != 0 || !strings.Contains(out.String(), "  0         1\n") {
		t.Errorf("%d: %s%s", status, out.String(), errs.String())
	}
	if drafts, err := filepath.Glob(filepath.Join(dir, "secret*")); err != nil || len(drafts) > 3 {
		t.Errorf("temporary files remain: %v, %v", drafts, err)
	}
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"postern": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true})
}

// The first command of a new user: it shows a sample, serves it to another process, and ends cleanly on Ctrl-C.
func TestDev(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, "-test.run=^TestDevProcess$")
	cmd.Env = append(os.Environ(), "POSTERN_TEST_DEV=1", "TMPDIR="+t.TempDir())
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	for lines := bufio.NewScanner(out); !strings.Contains(shown.String(), "Ctrl-C") && lines.Scan(); {
		shown.WriteString(lines.Text() + "\n")
	}
	for _, want := range []string{"is serving http://127.0.0.1:", "polar_oat_", "polar_mst_", "ada@example.com", "/acme/portal?customer_session_token=", "ReturnURL  https://example.com/account", "curl -H", "polar.New("} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("the tour lacks %q:\n%s\n%s", want, shown.String(), errs.String())
		}
	}
	if url, token := regexp.MustCompile(`http://127[0-9.:]+`).FindString(shown.String()), regexp.MustCompile(`polar_mst_\w+`).FindString(shown.String()); url != "" {
		for given, want := range map[string]int{token: 0, token + "x": 1, "": 2} {
			if got := run([]string{"introspect", "--server", url, "--", "-"}, strings.NewReader(given), io.Discard, io.Discard); got != want {
				t.Errorf("introspect ends with %d, wanted %d", got, want)
			}
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Errorf("Ctrl-C ended it with %v: %s", err, errs.String())
	}
}

// TestDevProcess is the other process of TestDev, and nothing where it was not asked for.
func TestDevProcess(t *testing.T) {
	if os.Getenv("POSTERN_TEST_DEV") != "" {
		os.Exit(run([]string{"dev", "--listen", "127.0.0.1:0"}, os.Stdin, os.Stdout, os.Stderr))
	}
}

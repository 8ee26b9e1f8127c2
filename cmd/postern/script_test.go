package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"postern": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			if database() {
				e.Setenv("DATABASE", pgtest.URL(e.T().(testing.TB)))
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "postgres" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return database(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"chainhead": chainHead, "jsonof": printsJSON, "sql": changeDatabase, "tokenid": tokenID, "token": accessToken, "secretids": secretIDs, "lastsecret": lastSecret,
		},
	})
}

func database() bool { return os.Getenv(pgtest.Variable) != "" }

// chainHead sets HEAD to the last entry that postern audit verify printed.
func chainHead(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSpace(ts.ReadFile(args[0]))
	ts.Setenv("HEAD", text[strings.LastIndex(text, " ")+1:])
}

// changeDatabase runs SQL in the database of a data directory, as somebody with access to the file could.
func changeDatabase(ts *testscript.TestScript, fails bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]+"/postern.db"))
	ts.Check(err)
	_, err = db.Exec(args[1])
	if err == nil == fails {
		ts.Fatalf("%s: error %v", args[1], err)
	}
	ts.Check(db.Close())
}

// tokenID sets ID to the ID of the access token that the last command printed as JSON.
func tokenID(ts *testscript.TestScript, _ bool, args []string) {
	var made struct{ ID string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &made))
	ts.Setenv("ID", made.ID)
}

// accessToken writes the access token that the last command printed as JSON to a file.
func accessToken(ts *testscript.TestScript, _ bool, args []string) {
	var made struct {
		Token string `json:"access_token"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &made))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(made.Token+"\n"), 0o600))
}

func TestDevPrintsAndServesSampleDataUntilCtrlC(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, "-test.run=^TestProcess$")
	cmd.Env = append(os.Environ(), "POSTERN_TEST_RUN=dev --listen 127.0.0.1:0", "TMPDIR="+t.TempDir())
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
			t.Errorf("the output lacks %q:\n%s\n%s", want, shown.String(), errs.String())
		}
	}
	for _, path := range []string{"/dev/pages", "/dev/pages/overview?locale=de", "/dev/admin-pages", "/dev/admin-pages/overview", "/dev/mailbox", "/admin", regexp.MustCompile(`/acme/portal\?\S+`).FindString(shown.String())} {
		if status := statusOf(ctx, t, regexp.MustCompile(`http://127[0-9.:]+`).FindString(shown.String())+path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	if url, token := regexp.MustCompile(`http://127[0-9.:]+`).FindString(shown.String()), regexp.MustCompile(`polar_mst_\w+`).FindString(shown.String()); url != "" {
		for given, want := range map[string]int{token: 0, token + "x": 1, "": 2} {
			if got := run([]string{"introspect", "--server", url, "--", "-"}, strings.NewReader(given), io.Discard, io.Discard); got != want {
				t.Errorf("introspect: status %d, want %d", got, want)
			}
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v: %s", err, errs.String())
	}
}

// listeningAt reads the log of a server until it names the address at which the server listens.
func listeningAt(t *testing.T, log io.Reader) (addr string) {
	t.Helper()
	var read strings.Builder
	for lines := bufio.NewReader(log); ; {
		line, err := lines.ReadString('\n')
		read.WriteString(line)
		if found := regexp.MustCompile(`msg=listening addr=(\S+)`).FindStringSubmatch(line); found != nil {
			return found[1]
		}
		if err != nil {
			t.Fatalf("no address in the log: %v\n%s", err, read.String())
		}
	}
}

// statusOf returns the status of a GET request after redirects, with the cookies that they set.
func statusOf(ctx context.Context, t *testing.T, url string) int {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Jar: jar}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// Each client has its own rate limit. Addresses that a client adds to X-Forwarded-For do not change that.
func TestServeAppliesRateLimitsAndTrustedProxies(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	if status := run([]string{"init", "--data", dir, "--organization", "acme"}, nil, io.Discard, io.Discard); status != 0 {
		t.Fatal(status)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, "-test.run=^TestProcess$")
	cmd.Env = append(os.Environ(), "POSTERN_TEST_RUN=serve --listen 127.0.0.1:0 --rate-limits default=2/h --trusted-proxies 127.0.0.1 --data "+dir)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr := listeningAt(t, errs)
	for path, want := range map[string]int{"/acme/portal": 200, "/dev/pages": 404, "/dev/admin-pages": 404, "/dev/mailbox": 404, "/admin": 404} { // the other pages exist only in dev or with --admin
		if got := statusOf(ctx, t, "http://"+addr+path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	for _, tt := range []struct {
		forwarded string
		want      int
	}{
		{"198.51.100.1", 404}, {"8.8.8.8, 198.51.100.1", 404}, {"198.51.100.1", 429}, {"9.9.9.9, 198.51.100.1", 429}, {"198.51.100.2", 404},
	} {
		r, err := http.NewRequestWithContext(ctx, "GET", "http://"+addr+"/v1/nowhere", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", tt.forwarded)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", tt.forwarded, answer.StatusCode, tt.want)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, errs)
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

// TestProcess runs the command in POSTERN_TEST_RUN, for tests that need a second process. Without the variable, it does nothing.
func TestProcess(t *testing.T) {
	if args := os.Getenv("POSTERN_TEST_RUN"); args != "" {
		os.Exit(run(strings.Fields(args), os.Stdin, os.Stdout, os.Stderr))
	}
}

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A scenario is a program that uses an SDK. It runs steps against a server and prints "ok NAME" for each step, or "not ok NAME" for
// the failed one, with the reason on standard error. At the end it prints "done", so that an early exit is noticed.

// fixture has the servers that all scenarios share.
type fixture struct {
	mailbox *mailbox
	limited *server // allows an unverified token one request a minute
	broken  *server // has lost its database
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{mailbox: newMailbox(t)}

	c := directoryConfig(t.TempDir())
	initialize(t, c)
	f.limited = serve(t, c, "--rate-limits", "pending=1/m")
	f.broken = newBroken(t)
	return f
}

// newBroken returns a server that can no longer connect to its database.
func newBroken(t *testing.T) *server {
	t.Helper()
	d := newDatabase(t)
	role := d.newRole("broken")
	d.exec("GRANT ALL ON SCHEMA public TO " + role)
	c := databaseConfig(d.as(role))
	initialize(t, c)
	s := serve(t, c)
	d.exec("ALTER ROLE "+role+" CONNECTION LIMIT 0",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '"+role+"'")
	return s
}

// scenarioServer is the server that a scenario tests.
type scenarioServer struct {
	*fixture
	*server
	org         organization
	memberModel bool
	// every is set if all scenarios run on this server. On the others, one scenario of each kind is enough.
	every bool
}

// onEachServer runs scenarios with both engines, for an organization with the member model and one without. Unless everywhere is set,
// only one of the servers asks for every scenario, which takes long.
func (f *fixture) onEachServer(t *testing.T, everywhere bool, run func(t *testing.T, s *scenarioServer)) {
	onBothEngines(t, func(t *testing.T, c config) {
		for _, tt := range []struct {
			name, flag string
			model      bool
		}{
			{"members", "--member-model", true},
			{"customers", "--no-member-model", false},
		} {
			t.Run(tt.name, func(t *testing.T) {
				s := &scenarioServer{fixture: f, memberModel: tt.model, every: everywhere || tt.model && c.flags[0] == "--data"}
				s.org = initialize(t, c, "--organization", tt.name, tt.flag)
				// The flag keeps the oldest version after its end, so that the tests pass on every day.
				s.server = serve(t, c, append(f.mailbox.flags(), "--api-version-default", "2026-04")...)
				run(t, s)
				s.stop()
			})
		}
	})
}

// run runs a scenario in a directory and reports each step as a subtest.
func (s *scenarioServer) run(t *testing.T, dir string, command ...string) {
	runScenario(t, dir, []string{
		"POSTERN_URL=" + s.url,
		"POSTERN_PUBLIC_URL=" + publicURL,
		"POSTERN_ACCESS_TOKEN=" + s.org.AccessToken,
		"POSTERN_ORGANIZATION_ID=" + s.org.ID,
		"POSTERN_ORGANIZATION_SLUG=" + s.org.Slug,
		"POSTERN_MEMBER_MODEL=" + strconv.FormatBool(s.memberModel),
		"POSTERN_MAILBOX_URL=" + s.mailbox.url,
		"POSTERN_LIMITED_URL=" + s.limited.url,
		"POSTERN_BROKEN_URL=" + s.broken.url,
	}, command...)
}

// runScenario is like run, for a server that needs only the given environment.
func runScenario(t *testing.T, dir string, env []string, command ...string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	// The first generation of the SDK would use the access token instead of a missing session token.
	cmd.Env = slices.Concat(os.Environ(), env, []string{"POLAR_ACCESS_TOKEN="})
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
			t.Logf("unexpected output of the scenario: %q", line)
		}
	}
	if err != nil || !done {
		t.Errorf("%s: %v, done: %v\n%s", strings.Join(command, " "), err, done, &stderr)
	}
}

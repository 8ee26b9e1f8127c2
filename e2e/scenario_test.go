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

// A scenario is a program in the language of an SDK. It goes through a list of
// steps against a running Postern, and reports each on its standard output: "ok
// NAME", or "not ok NAME" for the one that failed (the reason follows on standard
// error), and "done" at the end, so that stopping early is never taken for success.

// stage is what scenarios need beside the server that they are about.
type stage struct {
	mailbox *mailbox
	limited *server // allows an unverified token one request a minute
	broken  *server // cannot reach its database any more
}

func newStage(t *testing.T) *stage {
	t.Helper()
	st := &stage{mailbox: newMailbox(t)}

	h := directoryHome(t.TempDir())
	initialize(t, h)
	st.limited = serve(t, h, "--rate-limits", "pending=1/m")
	st.broken = newBroken(t)
	return st
}

// newBroken is a server that cannot reach its database any more.
func newBroken(t *testing.T) *server {
	t.Helper()
	d := newDatabase(t)
	role := d.newRole("broken")
	d.exec("GRANT ALL ON SCHEMA public TO " + role)
	h := databaseHome(d.as(role))
	initialize(t, h)
	s := serve(t, h)
	d.exec("ALTER ROLE "+role+" CONNECTION LIMIT 0",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '"+role+"'")
	return s
}

// house is a server for scenarios, and what they must know of it.
type house struct {
	*stage
	*server
	org         organization
	memberModel bool
}

// eachHouse runs scenarios on either kind of home, for an organization with the
// member model and one without.
func (st *stage) eachHouse(t *testing.T, run func(t *testing.T, h *house)) {
	onBoth(t, func(t *testing.T, where home) {
		for _, tt := range []struct {
			name, flag string
			model      bool
		}{
			{"members", "--member-model", true},
			{"customers", "--no-member-model", false},
		} {
			t.Run(tt.name, func(t *testing.T) {
				h := &house{stage: st, memberModel: tt.model}
				h.org = initialize(t, where, "--organization", tt.name, tt.flag)
				h.server = serve(t, where, st.mailbox.flags()...)
				run(t, h)
				h.stop()
			})
		}
	})
}

// run runs the scenario that a command starts in a directory, and turns each of
// its steps into a subtest.
func (h *house) run(t *testing.T, dir string, command ...string) {
	runScenario(t, dir, []string{
		"POSTERN_URL=" + h.url,
		"POSTERN_PUBLIC_URL=" + publicURL,
		"POSTERN_ACCESS_TOKEN=" + h.org.AccessToken,
		"POSTERN_ORGANIZATION_ID=" + h.org.ID,
		"POSTERN_ORGANIZATION_SLUG=" + h.org.Slug,
		"POSTERN_MEMBER_MODEL=" + strconv.FormatBool(h.memberModel),
		"POSTERN_MAILBOX_URL=" + h.mailbox.url,
		"POSTERN_LIMITED_URL=" + h.limited.url,
		"POSTERN_BROKEN_URL=" + h.broken.url,
	}, command...)
}

// runScenario is run for a server that needs no house.
func runScenario(t *testing.T, dir string, env []string, command ...string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	// The SDK of the first generation would fall back to the token.
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
			t.Logf("the scenario printed %q", line)
		}
	}
	if err != nil || !done {
		t.Errorf("%s: %v, done: %v\n%s", strings.Join(command, " "), err, done, &stderr)
	}
}

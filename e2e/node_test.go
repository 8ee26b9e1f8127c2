package e2e

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Two servers on one database accept each other's sessions. A session that ends at one server ends at the other within a second,
// although the other one has it in its cache. The test does not run in parallel with others, because it measures that time.
func TestTwoServersOnOneDatabase(t *testing.T) {
	c := databaseConfig(newDatabase(t).url)
	org := initialize(t, c)
	a, b := serve(t, c), serve(t, c)

	for _, end := range []struct {
		name string
		by   func(customer string) (method, path string, body any)
	}{
		{"deleted", func(customer string) (string, string, any) {
			return "DELETE", "/v1/customers/" + customer, nil
		}},
		{"email changed", func(customer string) (string, string, any) {
			return "PATCH", "/v1/customers/" + customer, map[string]string{"email": "other@example.com"}
		}},
	} {
		t.Run(end.name, func(t *testing.T) {
			customer := a.createCustomer(org, "ada")
			token := a.createSession(org, customer)
			stranger := a.createSession(org, b.createCustomer(org, "bob-"+customer))
			b.introspect(token)
			b.introspect(stranger)

			method, path, body := end.by(customer)
			status, answer, err := a.call(method, path, org.AccessToken, body)
			if err != nil || status >= 300 {
				t.Fatalf("%s %s: %d %s %v", method, path, status, answer, err)
			}
			acknowledged := time.Now()
			if err := a.dead(token); err != nil {
				t.Errorf("the server that ended the session: %v", err)
			}
			for b.dead(token) != nil {
				if waited := time.Since(acknowledged); waited > time.Second {
					t.Fatalf("the other server: %v after %v", b.dead(token), waited)
				}
				time.Sleep(5 * time.Millisecond)
			}
			t.Logf("ended at the other server after %v", time.Since(acknowledged))
			b.introspect(stranger)
		})
	}
	a.stop()
	b.stop()
}

// Sessions that a killed server has created exist on the other servers of the database.
func TestKilledNodeLosesNoSession(t *testing.T) {
	t.Parallel()
	c := databaseConfig(newDatabase(t).url)
	org := initialize(t, c)
	survivor := serve(t, c)
	for range 3 {
		s := serve(t, c)
		customer := survivor.createCustomer(org, "ada-"+s.url[len(s.url)-5:])
		introspectAll(survivor, createUntilKilled(s, org, customer))
	}
	survivor.stop()
}

func TestStartErrorsTellWhatToDo(t *testing.T) {
	t.Parallel()
	unreachable := databaseConfig("postgres://postern:s3cret@" + freeAddr(t) + "/postern")
	empty := newDatabase(t)

	for _, tt := range []struct {
		name   string
		config config
		want   []string
	}{
		{"unreachable", unreachable, []string{"cannot connect to the database", "check that the server runs", "host, port"}},
		{"no secrets", config{flags: databaseConfig(empty.url).flags}, []string{"POSTERN_SECRETS", "openssl rand"}},
		{"role without privileges", databaseConfig(empty.as(empty.newRole("unprivileged"))), []string{"postern migrate"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message := tt.config.serveError(t)
			for _, want := range tt.want {
				if !strings.Contains(message, want) {
					t.Errorf("error is %q, want it to contain %q", message, want)
				}
			}
			if strings.Contains(message, "s3cret") {
				t.Errorf("error contains the password: %q", message)
			}
		})
	}
}

// serveError returns the standard error of `postern serve`, which must fail at once.
func (c config) serveError(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := c.command(ctx, c.serveArgs()...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 0 {
		t.Fatalf("postern serve ended with %v, want an exit code above 0\n%s", err, &stderr)
	}
	return stderr.String()
}

// One role owns the schema and runs "postern migrate"; the role of the server can only read and write rows.
func TestServeWithoutSchemaPrivileges(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	owner, server := d.newRole("owner"), d.newRole("server")
	d.exec("GRANT ALL ON SCHEMA public TO " + owner)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range 2 { // the second run has nothing to do
		migrate := config{}.command(ctx, "migrate", "--database-url", d.as(owner))
		if out, err := migrate.CombinedOutput(); err != nil || !strings.Contains(string(out), "up to date") {
			t.Fatalf("postern migrate: %v\n%s", err, out)
		}
	}
	d.exec("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + server)

	c := databaseConfig(d.as(server))
	org := initialize(t, c)
	s := serve(t, c)
	customer := s.createCustomer(org, "ada")
	token := s.createSession(org, customer)
	s.introspect(token)
	if status, answer, err := s.call("DELETE", "/v1/customers/"+customer, org.AccessToken, nil); err != nil || status != http.StatusNoContent {
		t.Fatalf("deleting a customer: %d %s %v", status, answer, err)
	}
	if err := s.dead(token); err != nil {
		t.Error(err)
	}
	s.stop()
}

// dead returns nil if the token is not valid.
func (s *server) dead(token string) error {
	status, body, err := s.call("GET", "/v1/customer-portal/customer-session/introspect", token, nil)
	if err != nil {
		return err
	}
	if status != http.StatusUnauthorized || !bytes.Contains(body, []byte(`"invalid_token"`)) {
		return errors.New("the session is live: " + string(body))
	}
	return nil
}

package e2e

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Two servers on one database are one Postern: a session that one has made enters
// at the other, and what ends it at the one ends it at the other within a second,
// although the other remembers it. No other test runs meanwhile, because of that
// second.
func TestTwoNodes(t *testing.T) {
	h := databaseHome(newDatabase(t).url)
	org := initialize(t, h)
	a, b := serve(t, h), serve(t, h)

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
				t.Errorf("the server that was told: %v", err)
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

// What one server has acknowledged, the others have, when it is killed.
func TestKilledNodeLosesNothing(t *testing.T) {
	t.Parallel()
	h := databaseHome(newDatabase(t).url)
	org := initialize(t, h)
	survivor := serve(t, h)
	for range 3 {
		s := serve(t, h)
		customer := survivor.createCustomer(org, "ada-"+s.url[len(s.url)-5:])
		introspectAll(survivor, createUntilKilled(s, org, customer))
	}
	survivor.stop()
}

func TestServeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free, and then refuses
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	nobody := databaseHome("postgres://postern:s3cret@" + free.Addr().String() + "/postern")
	empty := newDatabase(t)

	for _, tt := range []struct {
		name string
		home home
		want []string
	}{
		{"nobody there", nobody, []string{"cannot connect to the database", "check that the server runs", "host, port"}},
		{"no secrets", home{flags: databaseHome(empty.url).flags}, []string{"POSTERN_SECRETS", "openssl rand"}},
		{"may not migrate", databaseHome(empty.as(empty.newRole("nobody"))), []string{"postern migrate"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			said := tt.home.refusedToServe(t)
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q is missing in %q", want, said)
				}
			}
			if strings.Contains(said, "s3cret") {
				t.Errorf("the password is shown: %q", said)
			}
		})
	}
}

// refusedToServe is what `postern serve` says when it ends at once.
func (h home) refusedToServe(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := h.postern(ctx, h.serveArgs()...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 0 {
		t.Fatalf("postern serve ended with %v, want an exit code above 0\n%s", err, &stderr)
	}
	return stderr.String()
}

// The role of the servers need not own the schema: the owner migrates, and the
// right to read and write rows is enough to serve.
func TestRoles(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	owner, server := d.newRole("owner"), d.newRole("server")
	d.exec("GRANT ALL ON SCHEMA public TO " + owner)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range 2 { // the second time, there is nothing to do
		migrate := home{}.postern(ctx, "migrate", "--database-url", d.as(owner))
		if out, err := migrate.CombinedOutput(); err != nil || !strings.Contains(string(out), "up to date") {
			t.Fatalf("postern migrate: %v\n%s", err, out)
		}
	}
	d.exec("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + server)

	h := databaseHome(d.as(server))
	org := initialize(t, h)
	s := serve(t, h)
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

// dead returns nil if the token opens no session.
func (s *server) dead(token string) error {
	status, body, err := s.call("GET", "/v1/customer-portal/customer-session/introspect", token, nil)
	if err != nil {
		return err
	}
	if status != http.StatusUnauthorized || !bytes.Contains(body, []byte(`"invalid_token"`)) {
		return errors.New("the session lives: " + string(body))
	}
	return nil
}

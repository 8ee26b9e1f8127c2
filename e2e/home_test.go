package e2e

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// home is where a server keeps its store: in a data directory of its own, or in a
// database that other servers may share.
type home struct {
	flags []string
	env   []string
}

// onBoth runs a test on either kind of home, in parallel.
func onBoth(t *testing.T, test func(t *testing.T, h home)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, directoryHome(t.TempDir()))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, databaseHome(newDatabase(t).url))
	})
}

func directoryHome(dir string) home {
	return home{flags: []string{"--data", dir}}
}

// databaseHome has a secret of its own: nodes that share a database share the home.
func databaseHome(databaseURL string) home {
	return home{
		flags: []string{"--database-url", databaseURL},
		env:   []string{"POSTERN_SECRETS=" + rand.Text() + rand.Text()},
	}
}

// database is an empty one on the server that POSTERN_TEST_POSTGRES names; the
// role in its URL may do everything there.
type database struct {
	t         *testing.T
	name, url string
}

func newDatabase(t *testing.T) database {
	t.Helper()
	d := database{t: t, name: "e2e_" + strings.ToLower(rand.Text())}
	d.url = d.as("")
	d.onServer("CREATE DATABASE " + d.name + " TEMPLATE template0")
	t.Cleanup(d.drop)
	return d
}

// drop removes the database under whoever uses it.
func (d database) drop() {
	d.t.Helper()
	d.onServer("DROP DATABASE IF EXISTS " + d.name + " WITH (FORCE)")
}

// as is the database's URL for a role; "" stands for the one of the server's URL.
func (d database) as(role string) string {
	d.t.Helper()
	u, err := url.Parse(serverURL(d.t))
	if err != nil {
		d.t.Fatal(err)
	}
	u.Path = "/" + d.name
	if role != "" {
		u.User = url.User(role)
	}
	return u.String()
}

// newRole makes a role that may do nothing yet, and removes it when the test ends.
func (d database) newRole(kind string) string {
	d.t.Helper()
	role := kind + "_" + strings.ToLower(rand.Text())
	d.onServer("CREATE ROLE " + role + " LOGIN")
	d.t.Cleanup(func() { // what it owns or may use is in the database
		d.drop()
		d.onServer("DROP ROLE " + role)
	})
	return role
}

// exec runs statements in the database.
func (d database) exec(statements ...string) {
	d.t.Helper()
	execute(d.t, d.url, statements...)
}

func (d database) onServer(statement string) {
	d.t.Helper()
	execute(d.t, serverURL(d.t), statement)
}

func serverURL(t *testing.T) string {
	t.Helper()
	server := os.Getenv("POSTERN_TEST_POSTGRES")
	if server == "" {
		t.Fatal("no PostgreSQL: make test starts one; or set POSTERN_TEST_POSTGRES to the URL that scripts/postgres prints")
	}
	return server
}

func execute(t *testing.T, databaseURL string, statements ...string) {
	t.Helper()
	ctx := context.Background() // the test's own has ended when it cleans up
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatalf("POSTERN_TEST_POSTGRES: %v", err)
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

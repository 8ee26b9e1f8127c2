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

// config has the flags and environment variables that select the store of a server: a data directory, or a database that several
// servers can share.
type config struct {
	flags []string
	env   []string
}

// onBothEngines runs a test with SQLite and with PostgreSQL, in parallel.
func onBothEngines(t *testing.T, test func(t *testing.T, c config)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, directoryConfig(t.TempDir()))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, databaseConfig(newDatabase(t).url))
	})
}

func directoryConfig(dir string) config {
	return config{flags: []string{"--data", dir}}
}

// databaseConfig has a new secret. Servers that share a database must share the config.
func databaseConfig(databaseURL string) config {
	return config{
		flags: []string{"--database-url", databaseURL},
		env:   []string{"POSTERN_SECRETS=" + rand.Text() + rand.Text()},
	}
}

// database is a new, empty database on the server that POSTERN_TEST_POSTGRES names. The role in that URL must be a superuser.
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

// drop deletes the database, even if it is in use.
func (d database) drop() {
	d.t.Helper()
	d.onServer("DROP DATABASE IF EXISTS " + d.name + " WITH (FORCE)")
}

// as returns the URL of the database for a role. An empty role means the one in POSTERN_TEST_POSTGRES.
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

// newRole creates a role without privileges, and deletes it when the test ends.
func (d database) newRole(kind string) string {
	d.t.Helper()
	role := kind + "_" + strings.ToLower(rand.Text())
	d.onServer("CREATE ROLE " + role + " LOGIN")
	d.t.Cleanup(func() { // a role can be dropped only after the database in which it has objects
		d.drop()
		d.onServer("DROP ROLE " + role)
	})
	return role
}

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
		t.Fatal("POSTERN_TEST_POSTGRES is not set: run make test, which starts PostgreSQL, or set it to the URL that scripts/postgres prints")
	}
	return server
}

func execute(t *testing.T, databaseURL string, statements ...string) {
	t.Helper()
	ctx := context.Background() // the context of the test is already canceled during cleanup
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

// Package pgtest gives each test an empty database on a real PostgreSQL server.
//
//	s, err := store.OpenPostgres(t.Context(), pgtest.URL(t))
//
// The environment variable POSTERN_TEST_POSTGRES is the server's postgres:// URL, with a role that may create databases. make
// test starts a server and sets the variable. Without the variable, the test is skipped.
package pgtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Variable is the name of the environment variable with the server's URL.
const Variable = "POSTERN_TEST_POSTGRES"

// URL creates an empty database and returns its URL. The database is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Variable)
	if server == "" {
		t.Skip(Variable + " is not set; make test starts a PostgreSQL server and sets it")
	}
	name := "test_" + strings.ToLower(rand.Text())
	do(t, server, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { do(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func do(t testing.TB, server, statement string) {
	t.Helper()
	ctx := context.Background() // the test's context ends before the cleanup
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

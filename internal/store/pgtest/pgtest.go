// Package pgtest gives each test an empty database of its own on a real PostgreSQL.
//
//	s, err := store.OpenPostgres(t.Context(), pgtest.URL(t))
//
// The server is the one that POSTERN_TEST_POSTGRES names, as a postgres:// URL of a role that may create databases; make
// test starts one. Without it, the test is skipped.
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

// Variable is the environment variable that names the server.
const Variable = "POSTERN_TEST_POSTGRES"

// URL makes an empty database, which is dropped when the test ends, and returns where it is.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Variable)
	if server == "" {
		t.Skip("no PostgreSQL: set " + Variable + ", or run make test, which starts one")
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
	ctx := context.Background() // the test's own has ended when it is cleaned up
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

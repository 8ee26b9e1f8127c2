package wiretest_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/postern-go/postern/internal/testserver"
)

// lock keeps everybody else from what is in the store, until it is released: from writing on SQLite, from reading too on
// PostgreSQL.
func lockStore(srv *testserver.Server) (release func()) {
	srv.T.Helper()
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			srv.T.Helper()
			srv.T.Fatal(err)
		}
	}
	if srv.Config.DatabaseURL != "" {
		conn, err := pgx.Connect(ctx, srv.Config.DatabaseURL)
		must(err)
		_, err = conn.Exec(ctx, `BEGIN; LOCK TABLE organizations, customers, members, login_codes IN ACCESS EXCLUSIVE MODE`)
		must(err)
		return func() { conn.Close(ctx) }
	}
	db, err := sql.Open("sqlite", filepath.Join(srv.Config.DataDir, "postern.db"))
	must(err)
	conn, err := db.Conn(ctx)
	must(err)
	_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	must(err)
	return func() {
		_, err := conn.ExecContext(ctx, "ROLLBACK")
		must(err)
		must(conn.Close())
		must(db.Close())
	}
}

// Who asks for a login code gets the same answer whoever has the address, before anybody is looked for: it comes even while
// the store is locked. When no more mails can wait, that too is the same for everybody.
func TestLoginRequestsRevealNoCustomers(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	person := srv.Ada()
	request := func(org, email, customer string) testserver.Answer {
		body := `{"organization_id":"` + org + `","email":"` + email + `"}`
		if customer != "" {
			body = body[:len(body)-1] + `,"customer_id":"` + customer + `"}`
		}
		a := srv.Request("POST", requestLogin, body)
		a.Header.Del("Date")
		return a
	}
	all := func() []testserver.Answer {
		return []testserver.Answer{
			request(srv.OrgID, "ada@example.com", ""), request(srv.OrgID, "ADA@example.com", person.ID), request(srv.OrgID, "nobody@example.com", ""),
			request(srv.OrgID, "ada@example.com", unknownID), request(unknownID, "ada@example.com", ""),
		}
	}
	same := func(status int, answers []testserver.Answer) {
		t.Helper()
		for i, a := range answers {
			if a.Status != status || a.Body != answers[0].Body || len(a.Header) != len(answers[0].Header) {
				t.Errorf("%d: %d %s %v, wanted %d and the same as the first: %s %v", i, a.Status, a.Body, a.Header, status, answers[0].Body, answers[0].Header)
			}
		}
	}
	same(http.StatusAccepted, all())
	srv.Mail.Code()
	srv.Mail.Code()

	release := lockStore(srv)
	same(http.StatusAccepted, all()) // what waits for the lock waits in vain, and would be a 503
	for range 10 {                   // the workers of the outbox wait for the lock by now
		request(srv.OrgID, "ada@example.com", "")
	}
	full := testserver.Answer{}
	for n := 0; full.Status != http.StatusServiceUnavailable && n < 1100; n++ {
		full = request(srv.OrgID, "nobody@example.com", "")
	}
	same(http.StatusServiceUnavailable, append([]testserver.Answer{full}, all()...))
	release()
	srv.Mail.Code()
}

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

// lockStore blocks other connections to the store until release is called. SQLite blocks writes; PostgreSQL blocks reads too.
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
	db, err := sql.Open("sqlite", filepath.Join(srv.Config.DataDir, "postern.db")+"?_pragma=busy_timeout(5000)") // the server may be storing that a mail was sent
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

// A request for a login code gets the same answer for known and unknown addresses, and gets it before the server looks up the
// address: even while the store is locked. If the queue of mails is full, the answer is the same for all addresses too.
func TestLoginRequestsRevealNoCustomers(t *testing.T) {
	t.Parallel()
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
				t.Errorf("%d: %d %s %v, want %d and the same as the first: %s %v", i, a.Status, a.Body, a.Header, status, answers[0].Body, answers[0].Header)
			}
		}
	}
	same(http.StatusAccepted, all())
	srv.Mail.Code()
	srv.Mail.Code()

	release := lockStore(srv)
	same(http.StatusAccepted, all()) // a request that waited for the lock would be answered with 503
	for range 10 {                   // by now the mail workers wait for the lock
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

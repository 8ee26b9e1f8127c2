package api_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/postern-go/postern"
)

// lock keeps everybody else from what is in the store, until it is released: from writing on SQLite, from reading too on
// PostgreSQL.
func (h *house) lock(c postern.Config) (release func()) {
	h.t.Helper()
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			h.t.Helper()
			h.t.Fatal(err)
		}
	}
	if c.DatabaseURL != "" {
		conn, err := pgx.Connect(ctx, c.DatabaseURL)
		must(err)
		_, err = conn.Exec(ctx, `BEGIN; LOCK TABLE organizations, customers, members, login_codes IN ACCESS EXCLUSIVE MODE`)
		must(err)
		return func() { conn.Close(ctx) }
	}
	db, err := sql.Open("sqlite", filepath.Join(c.DataDir, "postern.db"))
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
func TestLoginRequestsTellNothing(t *testing.T) {
	var config postern.Config
	h := newHouse(t, false, limited("off"), func(c *postern.Config) { config = *c })
	person := h.customer()
	request := func(org, email, customer string) answer {
		body := `{"organization_id":"` + org + `","email":"` + email + `"}`
		if customer != "" {
			body = body[:len(body)-1] + `,"customer_id":"` + customer + `"}`
		}
		a := h.ask("POST", requestCode, body)
		a.header.Del("Date")
		return a
	}
	all := func() []answer {
		return []answer{
			request(h.org, "ada@example.com", ""), request(h.org, "ADA@example.com", person.ID), request(h.org, "nobody@example.com", ""),
			request(h.org, "ada@example.com", nobody), request(nobody, "ada@example.com", ""),
		}
	}
	same := func(status int, answers []answer) {
		t.Helper()
		for i, a := range answers {
			if a.status != status || a.body != answers[0].body || len(a.header) != len(answers[0].header) {
				t.Errorf("%d: %d %s %v, wanted %d and the same as the first: %s %v", i, a.status, a.body, a.header, status, answers[0].body, answers[0].header)
			}
		}
	}
	same(http.StatusAccepted, all())
	h.mail.code()
	h.mail.code()

	release := h.lock(config)
	same(http.StatusAccepted, all()) // what waits for the lock waits in vain, and would be a 503
	for range 10 {                   // the workers of the outbox wait for the lock by now
		request(h.org, "ada@example.com", "")
	}
	full := answer{}
	for n := 0; full.status != http.StatusServiceUnavailable && n < 1100; n++ {
		full = request(h.org, "nobody@example.com", "")
	}
	same(http.StatusServiceUnavailable, append([]answer{full}, all()...))
	release()
	h.mail.code()
}

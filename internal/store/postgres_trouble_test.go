package store_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/token"
)

// wire leads to a database server, and can be cut.
type wire struct {
	to    string
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

// newWire returns a wire to the server of the URL, and the URL that goes through it.
func newWire(t *testing.T, database string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{to: u.Host}
	t.Cleanup(func() { l.Close(); w.set(true) })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			w.lead(from)
		}
	}()
	u.Host = l.Addr().String()
	return w, u.String()
}

func (w *wire) lead(from net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	to, err := net.Dial("tcp", w.to)
	if err != nil || w.cut {
		from.Close()
		return
	}
	w.conns = append(w.conns, from, to)
	go func() { io.Copy(to, from); to.Close() }()
	go func() { io.Copy(from, to); from.Close() }()
}

// set cuts the wire, with all that goes through it, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut = cut; cut {
		for _, c := range w.conns {
			c.Close()
		}
		w.conns = nil
	}
}

// everything asks for all that a store does, and returns how each went.
func everything(ctx context.Context, s *store.Store, org directory.Organization, c directory.Customer) map[string]error {
	only := func(_ any, _ any, err error) error { return err }
	r := session.Record{Session: session.Session{ID: token.NewID(time.Now()), Kind: token.Customer, Organization: org.ID.Key(), Customer: c.ID.Key()}}
	page := directory.Page{Number: 1, Limit: 10}
	errs := map[string]error{
		"ping":                    s.Ping(ctx),
		"organization":            only(s.Organization(ctx, org.ID.Key())),
		"customer":                only(s.Customer(ctx, c.ID.Key())),
		"customer by external id": only(s.CustomerByExternalID(ctx, org.ID.Key(), "x")),
		"customers":               only(s.Customers(ctx, directory.CustomerQuery{Organization: org.ID.Key(), Page: page})),
		"member":                  only(s.Member(ctx, 1)),
		"owner":                   only(s.Owner(ctx, c.ID.Key())),
		"members":                 only(s.Members(ctx, directory.MemberQuery{Organization: org.ID.Key(), Page: page})),
		"access token":            only(s.AccessToken(ctx, 1)),
		"access tokens":           only(s.AccessTokens(ctx, directory.AccessTokenQuery{Organization: org.ID.Key(), Page: page})),
		"touch":                   s.TouchAccessToken(ctx, 1, time.Now()),
		"session":                 only(s.Session(ctx, 1)),
		"code":                    only(s.Code(ctx, token.Hash{})),
		"email update":            only(s.EmailUpdate(ctx, 1)),
		"change":                  only(s.ChangeCustomer(ctx, c.ID.Key(), func(*directory.Roster) error { return nil })),
	}
	_, errs["holders"] = s.HoldersByEmail(ctx, org.ID.Key(), "x")
	_, errs["log"] = s.Revocations(ctx, 0, 1)
	_, errs["end of the log"] = s.LastRevocation(ctx)
	_, errs["insert session"] = s.InsertSession(ctx, session.Entry{Record: r})
	_, errs["redeem"] = s.RedeemCode(ctx, token.Hash{}, session.Entry{Record: r}, session.InsertOptions{})
	_, errs["insert code"] = s.InsertCode(ctx, login.Code{Hash: token.Hash{31: byte(len(errs))}, Organization: org.ID})
	_, errs["sweep"] = s.Sweep(ctx, time.Now())
	return errs
}

// acme makes an organization with a customer.
func acme(t *testing.T, s *store.Store) (directory.Organization, directory.Customer) {
	t.Helper()
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	d := directory.New(s, secrets, time.Now)
	o, _, err := d.CreateOrganization(t.Context(), directory.NewOrganization{Slug: "acme", MemberModel: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.CreateCustomer(t.Context(), o, directory.NewCustomer{Type: directory.Team})
	if err != nil {
		t.Fatal(err)
	}
	return o, c
}

func wantUnavailable(t *testing.T, when, what string, err error) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Unavailable {
		t.Errorf("%s, %s: %v, wanted fault.Unavailable", when, what, err)
	} else if strings.Contains(f.Message, "SQL") || strings.ContainsAny(f.Message, ":()$") {
		t.Errorf("%s, %s: %q says too much", when, what, f.Message)
	}
}

// A server that cannot be reached is unavailable to every read and write, and afterwards all is well again.
func TestPostgresOutOfReach(t *testing.T) {
	w, url := newWire(t, pgtest.URL(t))
	s := openPostgres(t, url)
	org, c := acme(t, s)
	for range 2 {
		w.set(true)
		for range 2 { // the first meets connections that break, the second finds none
			for what, err := range everything(t.Context(), s, org, c) {
				wantUnavailable(t, "cut off", what, err)
			}
		}
		w.set(false)
		for what, err := range everything(t.Context(), s, org, c) {
			if err != nil {
				t.Errorf("afterwards, %s: %v", what, err)
			}
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range everything(gone, s, org, c) {
		if what != "ping" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s for a caller who is gone: %v", what, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for what, err := range everything(t.Context(), s, org, c) {
		wantUnavailable(t, "closed", what, err)
	}
}

// A server that answers that it cannot, now, is unavailable as well.
func TestPostgresCannotNow(t *testing.T) {
	base := pgtest.URL(t)
	s := openPostgres(t, base)
	org, c := acme(t, s)
	with := func(parameters string) *store.Store { return openPostgres(t, base+"?"+parameters) }
	nothing := func(*directory.Roster) error { return nil }

	_, _, err := with("default_transaction_read_only=on").ChangeCustomer(t.Context(), c.ID.Key(), nothing)
	wantUnavailable(t, "a stand-by", "change", err)

	hasty := with("lock_timeout=50ms&statement_timeout=100ms")
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Exec(t.Context(), `LOCK TABLE customers`); err != nil {
			return err
		}
		_, _, err := hasty.ChangeCustomer(context.Background(), c.ID.Key(), nothing)
		wantUnavailable(t, "a lock that another holds", "change", err)
		_, _, err = hasty.Customers(context.Background(), directory.CustomerQuery{Organization: org.ID.Key(), Page: directory.Page{Number: 1, Limit: 1}})
		wantUnavailable(t, "a lock that another holds", "customers", err)
		return nil
	}); err != nil {
		t.Error(err)
	}
	err = hasty.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), `SELECT pg_sleep(1)`) })
	wantUnavailable(t, "a statement that takes too long", "write", err)

	conn, err := pgx.Connect(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := conn.Exec(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Error(err)
		}
		return tx.Exec(t.Context(), `SELECT 1`)
	})
	wantUnavailable(t, "a server that stops", "write", err)
	if err := tryTwice(func() error { return s.Ping(t.Context()) }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// tryTwice is for what may meet a connection that nobody knows yet to be dead.
func tryTwice(f func() error) error {
	if err := f(); err == nil {
		return nil
	}
	return f()
}

// waiting has writes of sessions wait for one another, so that they go together.
func waiting(t *testing.T, s *store.Store, writes ...func()) {
	t.Helper()
	var wg sync.WaitGroup
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Exec(t.Context(), `LOCK TABLE sessions`); err != nil {
			return err
		}
		for _, write := range writes {
			wg.Go(write)
		}
		time.Sleep(100 * time.Millisecond) // until they have queued up; when some have not, the test only proves less
		return nil
	}); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

// What the server refuses of one session is told to nobody else, and of two with one key one is kept.
func TestPostgresGroupKeepsThemApart(t *testing.T) {
	s := openPostgres(t, pgtest.URL(t))
	org, c := acme(t, s)
	made := func(returnURL string) session.Record {
		return session.Record{Session: session.Session{
			ID: token.NewID(time.Now()), Kind: token.Customer, Organization: org.ID.Key(), Customer: c.ID.Key(), ReturnURL: returnURL,
		}}
	}
	bad, double := made("\x00"), made("")
	var mu sync.Mutex
	doubles := 0
	writes := []func(){func() {
		if inserted, err := s.InsertSession(t.Context(), session.Entry{Record: bad}); err == nil || inserted || fault.Is(err, fault.Unavailable) {
			t.Errorf("what PostgreSQL cannot keep: %v, %v", inserted, err)
		}
	}}
	for range 20 {
		writes = append(writes, func() {
			r := made("")
			if inserted, err := s.InsertSession(t.Context(), session.Entry{Record: r}); err != nil || !inserted {
				t.Errorf("a good one: %v, %v", inserted, err)
			}
			if _, found, err := s.Session(t.Context(), r.ID.Key()); err != nil || !found {
				t.Errorf("a good one is found: %v, %v", found, err)
			}
		}, func() {
			inserted, err := s.InsertSession(t.Context(), session.Entry{Record: double})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if inserted {
				doubles++
			}
		})
	}
	waiting(t, s, writes[1:]...)
	if doubles != 1 {
		t.Errorf("%d were told that they had kept the same key", doubles)
	}
	waiting(t, s, writes...)
	if doubles != 1 {
		t.Errorf("later %d were told that they had kept the same key", doubles)
	}
}

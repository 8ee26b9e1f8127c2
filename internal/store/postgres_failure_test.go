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

// proxy forwards connections to a database server and can interrupt them.
type proxy struct {
	to    string
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

// newProxy returns a proxy to the server of the URL, and the URL of the proxy.
func newProxy(t *testing.T, database string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &proxy{to: u.Host}
	t.Cleanup(func() { l.Close(); w.set(true) })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			w.forward(from)
		}
	}()
	u.Host = l.Addr().String()
	return w, u.String()
}

func (w *proxy) forward(from net.Conn) {
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

// set interrupts all connections and refuses new ones, or accepts connections again.
func (w *proxy) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut = cut; cut {
		for _, c := range w.conns {
			c.Close()
		}
		w.conns = nil
	}
}

// allOperations calls the methods of a store and returns their errors.
func allOperations(ctx context.Context, s *store.Store, org directory.Organization, c directory.Customer) map[string]error {
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
		"change":                  only(s.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(*directory.Roster) error { return nil })),
	}
	_, errs["holders"] = s.HoldersByEmail(ctx, org.ID.Key(), "x")
	_, errs["log"] = s.Revocations(ctx, 0, 1)
	_, errs["end of the log"] = s.LastRevocation(ctx)
	_, errs["insert session"] = s.InsertSession(ctx, session.Entry{Record: r})
	_, errs["redeem"] = s.RedeemCode(ctx, login.Redemption{Session: session.Entry{Record: r}})
	_, errs["insert code"] = s.InsertCode(ctx, login.Code{Hash: token.Hash{31: byte(len(errs))}, Organization: org.ID}, -1, time.Now())
	_, errs["sweep"] = s.Sweep(ctx, time.Now())
	return errs
}

// newAcme creates an organization with a customer.
func newAcme(t *testing.T, s *store.Store) (directory.Organization, directory.Customer) {
	t.Helper()
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	d := directory.New(s, secrets, time.Now, directory.Options{})
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
		t.Errorf("%s, %s: the message %q reveals internals", when, what, f.Message)
	}
}

// While the server is unreachable, every operation returns fault.Unavailable. Afterwards, all operations work again.
func TestPostgresUnreachableIsUnavailable(t *testing.T) {
	w, url := newProxy(t, pgtest.URL(t))
	s := openPostgres(t, url)
	org, c := newAcme(t, s)
	for range 2 {
		w.set(true)
		for range 2 { // the first round uses broken connections, the second has to connect
			for what, err := range allOperations(t.Context(), s, org, c) {
				wantUnavailable(t, "cut off", what, err)
			}
		}
		w.set(false)
		for what, err := range allOperations(t.Context(), s, org, c) {
			if err != nil {
				t.Errorf("afterwards, %s: %v", what, err)
			}
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range allOperations(canceled, s, org, c) {
		if what != "ping" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a canceled context: %v", what, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for what, err := range allOperations(t.Context(), s, org, c) {
		wantUnavailable(t, "closed", what, err)
	}
}

// A temporary error of the server is fault.Unavailable.
func TestPostgresTemporaryErrorIsUnavailable(t *testing.T) {
	base := pgtest.URL(t)
	s := openPostgres(t, base)
	org, c := newAcme(t, s)
	with := func(parameters string) *store.Store { return openPostgres(t, base+"?"+parameters) }
	nothing := func(*directory.Roster) error { return nil }

	_, _, err := with("default_transaction_read_only=on").ChangeCustomer(t.Context(), c.ID.Key(), directory.Need{}, nil, nothing)
	wantUnavailable(t, "a standby server", "change", err)

	impatient := with("lock_timeout=50ms&statement_timeout=100ms")
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Exec(t.Context(), `LOCK TABLE customers`); err != nil {
			return err
		}
		_, _, err := impatient.ChangeCustomer(context.Background(), c.ID.Key(), directory.Need{}, nil, nothing)
		wantUnavailable(t, "a lock that another holds", "change", err)
		_, _, err = impatient.Customers(context.Background(), directory.CustomerQuery{Organization: org.ID.Key(), Page: directory.Page{Number: 1, Limit: 1}})
		wantUnavailable(t, "a lock that another holds", "customers", err)
		return nil
	}); err != nil {
		t.Error(err)
	}
	err = impatient.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), `SELECT pg_sleep(1)`) })
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

// tryTwice calls f again after an error, because the pool may first use a connection that is already broken.
func tryTwice(f func() error) error {
	if err := f(); err == nil {
		return nil
	}
	return f()
}

// insertTogether runs the inserts while a lock delays them, so that they form a group.
func insertTogether(t *testing.T, s *store.Store, writes ...func()) {
	t.Helper()
	var wg sync.WaitGroup
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Exec(t.Context(), `LOCK TABLE sessions`); err != nil {
			return err
		}
		for _, write := range writes {
			wg.Go(write)
		}
		time.Sleep(100 * time.Millisecond) // long enough to queue the inserts; if some are late, the test is only weaker
		return nil
	}); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

// In a group of inserts, an invalid session fails alone, and only one of several sessions with the same key is inserted.
func TestPostgresGroupedInsertsFailSeparately(t *testing.T) {
	s := openPostgres(t, pgtest.URL(t))
	org, c := newAcme(t, s)
	newRecord := func(returnURL string) session.Record {
		return session.Record{Session: session.Session{
			ID: token.NewID(time.Now()), Kind: token.Customer, Organization: org.ID.Key(), Customer: c.ID.Key(), ReturnURL: returnURL,
		}}
	}
	bad, double := newRecord("\x00"), newRecord("")
	var mu sync.Mutex
	insertions := 0
	writes := []func(){func() {
		if inserted, err := s.InsertSession(t.Context(), session.Entry{Record: bad}); err == nil || inserted || fault.Is(err, fault.Unavailable) {
			t.Errorf("an invalid session: %v, %v", inserted, err)
		}
	}}
	for range 20 {
		writes = append(writes, func() {
			r := newRecord("")
			if inserted, err := s.InsertSession(t.Context(), session.Entry{Record: r}); err != nil || !inserted {
				t.Errorf("a valid session: %v, %v", inserted, err)
			}
			if _, found, err := s.Session(t.Context(), r.ID.Key()); err != nil || !found {
				t.Errorf("a valid session is found: %v, %v", found, err)
			}
		}, func() {
			inserted, err := s.InsertSession(t.Context(), session.Entry{Record: double})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if inserted {
				insertions++
			}
		})
	}
	insertTogether(t, s, writes[1:]...)
	if insertions != 1 {
		t.Errorf("%d inserts with the same key succeeded, wanted 1", insertions)
	}
	insertTogether(t, s, writes...)
	if insertions != 1 {
		t.Errorf("after the second round, %d inserts with the same key succeeded, wanted 1", insertions)
	}
}

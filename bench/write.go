package main

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

const (
	writeRounds = 9
	// writes is the number of rows in a round. singleWrites is the number of rows that are inserted one by one, which takes
	// longer.
	writes       = 6400
	singleWrites = writes / 4
)

// creates, logins and posts measure the creation of sessions by concurrent callers, each of which waits until its session is on
// disk. They have two baselines: the same rows in transactions of the same size, and one transaction for each row.
func creates() ([]result, error) { return onEachEngine((*engine).creates) }
func logins() ([]result, error)  { return onEachEngine((*engine).logins) }
func posts() ([]result, error)   { return onEachEngine((*engine).posts) }

// fixture has the services of a server on a new database, and a customer.
type fixture struct {
	store    *store.Store
	secrets  *token.Secrets
	sessions *session.Service
	logins   *login.Service
	org      directory.Organization
	grant    session.Grant
}

func (e *engine) fixture(ctx context.Context) (*fixture, error) {
	s, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		return nil, err
	}
	f := &fixture{store: s, secrets: secrets, sessions: session.New(s, secrets, time.Now, session.Options{})}
	dir := directory.New(s, secrets, time.Now, directory.Options{})
	f.logins = login.New(login.Deps{Store: s, Directory: dir, Sessions: f.sessions, Secrets: secrets, PublicURL: &url.URL{}, Now: time.Now}, login.Options{})
	if f.org, _, err = dir.CreateOrganization(ctx, directory.NewOrganization{Slug: "inside", MemberModel: true}); err != nil {
		return nil, err
	}
	email := address
	c, err := dir.CreateCustomer(ctx, f.org, directory.NewCustomer{Email: &email})
	if err != nil {
		return nil, err
	}
	holder, err := dir.Holder(ctx, f.org, directory.HolderRef{Customer: c.ID})
	f.grant = login.Grant(f.org, holder, returnURL)
	return f, err
}

const (
	address   = "ada@example.com"
	returnURL = "https://example.com/account"
)

// creates measures session.Service.Create, without HTTP.
func (e *engine) creates(ctx context.Context) ([]result, error) {
	f, err := e.fixture(ctx)
	if err != nil {
		return nil, err
	}
	defer f.store.Close()
	return e.measure(ctx, "session creates", target{0.6, 4}, f.rows, func([]string) (float64, error) {
		return perSecond(writes, func(int) error {
			_, err := f.sessions.Create(ctx, f.grant)
			return err
		})
	})
}

// logins measures login.Service.Authenticate. Each call uses up a login code.
func (e *engine) logins(ctx context.Context) ([]result, error) {
	f, err := e.fixture(ctx)
	if err != nil {
		return nil, err
	}
	defer f.store.Close()
	return e.measure(ctx, "logins", target{}, f.codes, func(codes []string) (float64, error) {
		return perSecond(writes, func(i int) error {
			issued, _, err := f.logins.Authenticate(ctx, login.Attempt{Code: codes[i]})
			if err == nil && issued.ID.IsZero() {
				return errors.New("a valid login code created no session")
			}
			return err
		})
	})
}

// prepare returns n rows that are not yet in the store, and the login codes that they use up, if any.
type prepare func(ctx context.Context, n int) (rows []row, codes []string, err error)

// target holds the target ratios to the two baselines. 0 means no target.
type target struct{ grouped, single float64 }

// measure runs value, which writes with all callers, and then writes the same number of rows with both baselines. The grouped
// baseline writes as many rows per transaction as value does on average.
func (e *engine) measure(ctx context.Context, what string, want target, prepare prepare,
	value func(codes []string) (perSecond float64, err error)) ([]result, error) {
	var values, groups, singles, toGrouped, toSingle, sizes []float64
	for range writeRounds {
		_, codes, err := prepare(ctx, writes)
		if err != nil {
			return nil, err
		}
		before, err := e.baseline.commits(ctx)
		if err != nil {
			return nil, err
		}
		v, err := value(codes)
		if err != nil {
			return nil, err
		}
		after, err := e.baseline.commits(ctx)
		if err != nil {
			return nil, err
		}
		size := max(1, int(float64(writes)/float64(after-before)+0.5))
		grouped, single, err := e.runBaselines(ctx, size, prepare)
		if err != nil {
			return nil, err
		}
		values, groups, singles, sizes = append(values, v), append(groups, grouped), append(singles, single), append(sizes, float64(size))
		toGrouped, toSingle = append(toGrouped, v/grouped), append(toSingle, v/single)
	}
	name := fmt.Sprintf("%s, %s per second by %d callers", e.name, what, callers)
	return []result{
		{Name: fmt.Sprintf("%s; baseline: the same groups of %.0f", name, median(sizes)), Value: median(values), Baseline: median(groups),
			Ratio: median(toGrouped), Target: want.grouped, Better: "higher"},
		{Name: name + "; baseline: one commit for each", Value: median(values), Baseline: median(singles),
			Ratio: median(toSingle), Target: want.single, Better: "higher"},
	}, nil
}

// runBaselines returns the rows per second of both baselines: for rows committed in groups of size, one group after another, and
// for rows committed one by one by all callers at once.
func (e *engine) runBaselines(ctx context.Context, size int, prepare prepare) (grouped, single float64, err error) {
	rows, _, err := prepare(ctx, writes+singleWrites)
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	for group := range slices.Chunk(rows[:writes], size) {
		if err := e.baseline.insertGroup(ctx, group); err != nil {
			return 0, 0, err
		}
	}
	grouped = writes / time.Since(began).Seconds()
	single, err = perSecond(singleWrites, func(i int) error { return e.baseline.insertOne(ctx, rows[writes+i]) })
	return grouped, single, err
}

// perSecond runs inParallel and returns the calls per second.
func perSecond(n int, do func(i int) error) (float64, error) {
	began := time.Now()
	err := inParallel(n, do)
	return float64(n) / time.Since(began).Seconds(), err
}

// rows returns sessions that are not yet in the store.
func (f *fixture) rows(_ context.Context, n int) ([]row, []string, error) {
	rows := make([]row, n)
	for i := range rows {
		_, rows[i].Entry = f.sessions.Prepare(f.grant)
	}
	return rows, nil, nil
}

// codes returns valid login codes and, for each, the session that it creates.
func (f *fixture) codes(ctx context.Context, n int) ([]row, []string, error) {
	rows, _, err := f.rows(ctx, n)
	texts := make([]string, n)
	if err == nil {
		err = inParallel(n, func(i int) error {
			code := token.MintCode(token.ClearAlphabet, 12)
			hash := f.secrets.CodeHashes(code)[0]
			texts[i], rows[i].code = code.Reveal(), hash[:]
			now := time.Now()
			_, err := f.store.InsertCode(ctx, login.Code{Hash: hash, Organization: f.org.ID, Email: address, ExpiresAt: now.Add(time.Hour)}, -1, now)
			return err
		})
	}
	return rows, texts, err
}

// posts measures the route that creates sessions over HTTP, with the server in the same process.
func (e *engine) posts(ctx context.Context) ([]result, error) {
	f, err := e.fixture(ctx) // prepares the rows of the baselines
	if err != nil {
		return nil, err
	}
	if err := f.store.Close(); err != nil { // only one process can open a data directory
		return nil, err
	}
	p, err := postern.Open(ctx, e.config)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	org, err := p.CreateOrganization(ctx, postern.NewOrganization{Slug: "outside"})
	if err != nil {
		return nil, err
	}
	if _, err := post(p.Handler(), org.AccessToken, "/v1/customers/", `{"email":"`+address+`","external_id":"user_1"}`); err != nil {
		return nil, err
	}
	server := httptest.NewServer(p.Handler())
	defer server.Close()
	body := `{"external_customer_id":"user_1","return_url":"` + returnURL + `"}`
	l := loader{callers, func(b []byte, _ int64) []byte {
		b = append(b, "POST /v1/customer-sessions/ HTTP/1.1\r\nHost: postern\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
		b = append(b, org.AccessToken...)
		return fmt.Appendf(b, "\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}}
	return e.measure(ctx, "POST /v1/customer-sessions/", target{}, f.rows, func([]string) (float64, error) {
		return l.send(server.Listener.Addr().String(), writes)
	})
}

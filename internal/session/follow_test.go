package session_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// database is shared by several stores. It holds sessions with their current generations and the revocation log.
type database struct {
	mu     sync.Mutex
	rows   map[token.Key]session.Record
	ended  map[[2]token.Key]uint32
	log    []session.Revocation
	broken error
	// slow is how long a lookup waits after reading.
	slow time.Duration
}

// node is the store of one process.
type node struct {
	session.Store // nil; the tests do not call the other methods
	*database
	alone   bool
	notify  func([]session.Revocation)
	lookups int
	logFail error
	// hangs makes reading the log block until the context ends.
	hangs bool
}

func newDatabase() *database {
	return &database{rows: map[token.Key]session.Record{}, ended: map[[2]token.Key]uint32{}}
}

func (n *node) InsertSession(_ context.Context, e session.Entry) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows[e.ID.Key()] = e.Record
	return true, nil
}

func (n *node) Session(_ context.Context, key token.Key) (session.Record, bool, error) {
	n.mu.Lock()
	n.lookups++
	r, found := n.rows[key]
	found = found && r.Generations.Customer >= n.ended[[2]token.Key{r.Customer}] &&
		(r.Member == 0 || r.Generations.Member >= n.ended[[2]token.Key{r.Customer, r.Member}])
	slow, err := n.slow, n.broken
	n.mu.Unlock()
	time.Sleep(slow)
	return r, found, err
}

func (n *node) Revocations(ctx context.Context, after int64, limit int) ([]session.Revocation, error) {
	if err := n.wait(ctx); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]session.Revocation(nil), n.log[after:min(after+int64(limit), int64(len(n.log)))]...), nil
}

func (n *node) LastRevocation(ctx context.Context) (int64, error) {
	if err := n.wait(ctx); err != nil {
		return 0, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return int64(len(n.log)), nil
}

func (n *node) wait(ctx context.Context) error {
	n.mu.Lock()
	hangs, err := n.hangs, n.logFail
	n.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (n *node) OnRevocation(f func([]session.Revocation)) { n.notify = f }

func (n *node) Shared() bool { return !n.alone }

// end ends sessions like a real store: it commits the log row and notifies this process before it returns.
func (n *node) end(customer, member token.Key) {
	n.mu.Lock()
	holder := [2]token.Key{customer, member}
	n.ended[holder]++
	row := session.Revocation{Seq: int64(len(n.log) + 1), Customer: customer, Member: member, Generation: n.ended[holder], At: noon}
	n.log = append(n.log, row)
	n.mu.Unlock()
	n.notify([]session.Revocation{row})
}

func (n *node) fail(err error, hangs bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.logFail, n.hangs = err, hangs
}

func (n *node) lookedUp() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lookups
}

// process is the session service of one process.
type process struct {
	*session.Service
	*node
	now time.Time
}

func (d *database) process(t *testing.T, secrets *token.Secrets, alone bool) *process {
	p := &process{node: &node{database: d, alone: alone}, now: noon}
	p.Service = session.New(p.node, secrets, func() time.Time { return p.now }, session.Options{})
	return p
}

// follow runs Follow until the test ends. The result returns the number of reported errors.
func (p *process) follow(t *testing.T) func() int {
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var reports int
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Follow(ctx, func(error) { mu.Lock(); reports++; mu.Unlock() })
	}()
	t.Cleanup(func() { stop(); <-done })
	synctest.Wait()
	return func() int { mu.Lock(); defer mu.Unlock(); return reports }
}

func secrets(t *testing.T) *token.Secrets {
	t.Helper()
	s, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (p *process) make(t *testing.T, g session.Grant) session.Issued {
	t.Helper()
	made, err := p.Create(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

var ada = session.Grant{Kind: token.Member, Organization: 1, Customer: 2, Member: 3}

func (p *process) verify(t *testing.T, live bool, issued session.Issued, when string) {
	t.Helper()
	_, err := p.Verify(t.Context(), issued.Token)
	if live && err != nil || !live && !fault.Is(err, fault.InvalidToken) {
		t.Errorf("%s: %v, wanted live: %v", when, err, live)
	}
}

// A process refuses a cached session one poll interval after another process ended it.
func TestFollowRefusesSessionsEndedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := newDatabase(), secrets(t)
		here, there := d.process(t, s, false), d.process(t, s, false)
		here.follow(t)
		there.follow(t)
		made := here.make(t, ada)
		other := here.make(t, session.Grant{Kind: token.Member, Organization: 1, Customer: 2, Member: 4})
		for range 2 {
			there.verify(t, true, made, "before")
			there.verify(t, true, other, "before")
		}
		if n := there.lookedUp(); n != 2 {
			t.Errorf("%d lookups, wanted 2: the cache must answer", n)
		}
		here.end(2, 3)
		here.verify(t, false, made, "in the process that ended the session")
		there.verify(t, true, made, "in the other process, before the next poll")
		time.Sleep(session.PollInterval)
		synctest.Wait()
		there.verify(t, false, made, "in the other process, after the next poll")
		there.verify(t, true, other, "another member")
		if n := there.lookedUp(); n != 2 {
			t.Errorf("%d lookups, wanted 2: the log is sufficient", n)
		}
		here.end(2, 0)
		time.Sleep(session.PollInterval)
		synctest.Wait()
		there.verify(t, false, other, "after all sessions of the customer ended")
		again := here.make(t, session.Grant{Kind: token.Member, Organization: 1, Customer: 2, Member: 3, Generations: session.Generations{Customer: 1, Member: 1}})
		there.verify(t, true, again, "a session with the new generations")
	})
}

// One poll reads more rows than fit into a page.
func TestFollowReadsPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := newDatabase(), secrets(t)
		here, there := d.process(t, s, false), d.process(t, s, false)
		there.follow(t)
		made := here.make(t, ada)
		there.verify(t, true, made, "before")
		for i := range token.Key(2500) {
			here.end(1000+i, 0)
		}
		here.end(2, 3)
		time.Sleep(session.PollInterval)
		synctest.Wait()
		there.verify(t, false, made, "after 2,500 other rows of the log")
	})
}

func TestSharedCacheIsUnusedBeforeFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := newDatabase(), secrets(t)
		here, there := d.process(t, s, false), d.process(t, s, false)
		made := here.make(t, ada)
		for range 3 {
			there.verify(t, true, made, "before Follow")
		}
		if n := there.lookedUp(); n != 3 {
			t.Errorf("%d lookups of 3 requests before Follow, wanted 3", n)
		}
		here.end(2, 3)
		there.follow(t)
		there.verify(t, false, made, "a session that was cached before Follow and ended since")
	})
}

// If the log cannot be read, because reads fail or hang, the cache is used for MaxStaleness; after that every call reads the
// store.
func TestUnreadableLogDisablesTheCache(t *testing.T) {
	for name, hangs := range map[string]bool{"fails": false, "hangs": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, s := newDatabase(), secrets(t)
				here, there := d.process(t, s, false), d.process(t, s, false)
				reports := there.follow(t)
				made, fresh := here.make(t, ada), here.make(t, ada)
				there.verify(t, true, made, "at first")
				there.fail(errors.New("log failure"), hangs)
				here.end(2, 3)
				time.Sleep(session.MaxStaleness)
				there.verify(t, true, made, "within MaxStaleness")
				time.Sleep(time.Millisecond)
				there.verify(t, false, made, "after MaxStaleness")
				there.verify(t, false, fresh, "after MaxStaleness")
				time.Sleep(10 * time.Second)
				if reports() == 0 {
					t.Error("no error was reported")
				}
				there.fail(nil, false)
				time.Sleep(10 * time.Second)
				there.verify(t, false, made, "after the log can be read again")
				again := here.make(t, session.Grant{Kind: token.Member, Customer: 2, Member: 3, Generations: session.Generations{Member: 1}})
				before := there.lookedUp()
				for range 3 {
					there.verify(t, true, again, "after the log can be read again")
				}
				if n := there.lookedUp() - before; n != 1 {
					t.Errorf("%d lookups, wanted 1: the cache must answer again", n)
				}
			})
		})
	}
}

// Follow returns at once if the store is not shared.
func TestFollowReturnsForUnsharedStore(t *testing.T) {
	d := newDatabase()
	p := d.process(t, secrets(t), true)
	p.Follow(t.Context(), func(err error) { t.Error(err) })
	made := p.make(t, ada)
	for range 3 {
		p.verify(t, true, made, "before")
	}
	p.end(2, 3)
	p.verify(t, false, made, "after")
	if n := p.lookedUp(); n != 1 {
		t.Errorf("%d lookups, wanted 1", n)
	}
}

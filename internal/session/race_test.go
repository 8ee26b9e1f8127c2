package session_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// crowd ends the sessions of more holders than the follower keeps in memory.
func (p *process) crowd() {
	rows := make([]session.Revocation, 1<<16+1)
	for i := range rows {
		rows[i] = session.Revocation{Seq: int64(i), Customer: token.Key(1<<20 + i), Generation: 1, At: noon}
	}
	p.notify(rows)
}

// A lookup reads a session before its end and returns after it. Every later caller is refused: while the lookup runs, after
// it returned, and after many other sessions ended.
func TestSessionEndedDuringLookupIsRefused(t *testing.T) {
	for name, crowded := range map[string]bool{"one end": false, "many ends": true} {
		for who, member := range map[string]token.Key{"member": 3, "customer": 0} {
			t.Run(name+", "+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDatabase()
					p := d.process(t, secrets(t), true)
					made := p.make(t, ada)
					d.slow = time.Second
					var wg sync.WaitGroup
					wg.Go(func() { _, _ = p.Verify(t.Context(), made.Token) }) // began before the end, so either result is correct
					time.Sleep(500 * time.Millisecond)
					p.end(2, member)
					if crowded {
						p.crowd()
					}
					wg.Go(func() { p.verify(t, false, made, "a caller that shares the lookup") })
					wg.Wait()
					p.verify(t, false, made, "a later caller")
				})
			})
		}
	}
}

// A process cannot read the log. No caller shares a lookup that is older than MaxStaleness.
func TestStaleLookupIsNotShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := newDatabase(), secrets(t)
		here, there := d.process(t, s, false), d.process(t, s, false)
		made := here.make(t, ada)
		d.slow = 4 * time.Second
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = there.Verify(t.Context(), made.Token) })
		time.Sleep(time.Millisecond)
		here.end(2, 3)
		time.Sleep(session.MaxStaleness)
		wg.Go(func() { there.verify(t, false, made, "one second after its end") })
		wg.Wait()
	})
}

// If more sessions end than the follower keeps in memory, the cache is cleared and filled again.
func TestFollowerOverflowClearsTheCache(t *testing.T) {
	d := newDatabase()
	p := d.process(t, secrets(t), true)
	live, over := p.make(t, ada), p.make(t, session.Grant{Kind: token.Customer, Customer: 5})
	p.verify(t, true, live, "before")
	p.verify(t, true, over, "before")
	p.end(5, 0)
	p.crowd()
	p.verify(t, false, over, "after")
	before := p.lookedUp()
	for range 3 {
		p.verify(t, true, live, "after")
	}
	if n := p.lookedUp() - before; n != 1 {
		t.Errorf("%d lookups, wanted 1: cleared once, then cached again", n)
	}
	p.end(2, 3)
	p.verify(t, false, live, "ended after the overflow")
}

// Rows can arrive twice and in any order. The highest generation counts.
func TestRepeatedLogRowsAreHarmless(t *testing.T) {
	d := newDatabase()
	p := d.process(t, secrets(t), true)
	old, new := p.make(t, ada), p.make(t, session.Grant{Kind: token.Member, Customer: 2, Member: 3, Generations: session.Generations{Member: 2}})
	p.verify(t, true, old, "before")
	p.verify(t, true, new, "before")
	second, first := session.Revocation{Customer: 2, Member: 3, Generation: 2}, session.Revocation{Customer: 2, Member: 3, Generation: 1}
	for range 3 {
		p.notify([]session.Revocation{second, first})
		p.notify(nil)
		p.verify(t, false, old, "after")
		p.verify(t, true, new, "after")
	}
}

// Setting the clock forward or back does not revive an ended session.
func TestClockChangesDoNotReviveSessions(t *testing.T) {
	d := newDatabase()
	p := d.process(t, secrets(t), true)
	made, live := p.make(t, ada), p.make(t, session.Grant{Kind: token.Customer, Customer: 5})
	p.verify(t, true, made, "before")
	p.verify(t, true, live, "before")
	p.end(2, 3)
	for _, jump := range []time.Duration{0, 48 * time.Hour, -48 * time.Hour, time.Minute} {
		p.now = noon.Add(jump)
		for i := range token.Key(1 << 15) { // enough to fill the follower
			p.notify([]session.Revocation{{Customer: 1<<30 + i, Generation: 1, At: p.now}})
		}
		p.verify(t, false, made, jump.String()+" later")
		p.verify(t, jump < session.DefaultLifetime, live, jump.String()+" later")
	}
	p.now = noon
	p.verify(t, false, made, "back at noon")
}

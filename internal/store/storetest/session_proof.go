package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// sessionProofs checks that a proof works once, only in its session, for its address and in time, and not after too many wrong
// codes.
func sessionProofs(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	insertSession := func() token.Key {
		r := record(token.NewID(noon), c)
		r.ExpiresAt = noon.Add(time.Hour)
		succeeds(t)(b.InsertSession(ctx, session.Entry{Record: r}))
		return r.ID.Key()
	}
	proof := func(of token.Key, n byte) login.Proof {
		return login.Proof{Session: of, Hash: token.Hash{n}, Email: "a@example.com", ExpiresAt: noon.Add(10 * time.Minute)}
	}
	attempt := func(of token.Key, n byte) login.ProofAttempt {
		return login.ProofAttempt{Session: of, Hashes: []token.Hash{{255}, {n}}, Email: "a@example.com", At: noon.Add(time.Minute)}
	}
	refused := func(what string, a login.ProofAttempt) {
		t.Helper()
		if proven, err := b.UseProof(ctx, a, 5); err != nil || proven {
			t.Errorf("%s: %v, %v", what, proven, err)
		}
	}
	provenAt := func(of token.Key) time.Time {
		t.Helper()
		e, found, err := b.Entry(ctx, of)
		if err != nil || !found {
			t.Fatalf("the session: %v, %v", found, err)
		}
		return e.ProvenAt
	}

	own, other := insertSession(), insertSession()
	succeeds(t)(b.InsertProof(ctx, proof(own, 1), 2, noon))
	for what, change := range map[string]func(a *login.ProofAttempt){
		"another code":    func(a *login.ProofAttempt) { a.Hashes = []token.Hash{{2}} },
		"no code":         func(a *login.ProofAttempt) { a.Hashes = nil },
		"another session": func(a *login.ProofAttempt) { a.Session = other },
		"another address": func(a *login.ProofAttempt) { a.Email = "b@example.com" },
		"too late":        func(a *login.ProofAttempt) { a.At = noon.Add(10 * time.Minute) },
	} {
		a := attempt(own, 1)
		change(&a)
		refused(what, a)
	}
	if !provenAt(own).IsZero() || !provenAt(other).IsZero() {
		t.Error("a refused attempt proved something")
	}
	var winners atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			proven, err := b.UseProof(ctx, attempt(own, 1), 100)
			if err != nil {
				t.Error(err)
			}
			if proven {
				winners.Add(1)
			}
		})
	}
	wg.Wait()
	if got := provenAt(own); winners.Load() != 1 || !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("a proof was used %d times, at %v", winners.Load(), got)
	}

	// A session has a maximum number of proofs. A proof counts wrong codes; a later one starts at zero.
	succeeds(t)(b.InsertProof(ctx, proof(other, 1), 2, noon))
	for range 5 {
		refused("a wrong code", attempt(other, 9))
	}
	refused("the right code after 5 wrong ones", attempt(other, 1))
	succeeds(t)(b.InsertProof(ctx, proof(other, 2), 2, noon))
	if inserted, err := b.InsertProof(ctx, proof(other, 3), 2, noon); err != nil || inserted {
		t.Errorf("a proof beyond the maximum: %v, %v", inserted, err)
	}
	succeeds(t)(b.CountProof(ctx, other, token.Hash{1}, -1, noon, noon)) // its mail was not sent
	succeeds(t)(b.InsertProof(ctx, proof(other, 3), 2, noon))
	if counts, err := b.CountProof(ctx, other, token.Hash{1}, 2, noon, noon.Add(time.Minute)); err != nil || counts {
		t.Errorf("a proof that counts again beyond the maximum: %v, %v", counts, err)
	}
	succeeds(t)(b.UseProof(ctx, attempt(other, 2), 5))

	// A session that has ended, and a blocked organization, have no proofs.
	ended := insertSession()
	succeeds(t)(b.InsertProof(ctx, proof(ended, 1), 2, noon))
	succeeds(t)(b.ChangeSession(ctx, ended, func(e *session.Entry) error {
		e.EndedAt, e.EndReason = ptr(noon), session.SignedOut
		return nil
	}))
	refused("an ended session", attempt(ended, 1))
	if inserted, err := b.InsertProof(ctx, proof(ended, 2), 2, noon); err != nil || inserted {
		t.Errorf("a proof for an ended session: %v, %v", inserted, err)
	}
	kept := insertSession()
	succeeds(t)(b.InsertProof(ctx, proof(kept, 1), 9, noon))
	change := func(f func(o *directory.Organization)) {
		succeeds(t)(b.ChangeOrganization(ctx, o.ID.Key(), func(o *directory.Organization) *directory.SessionEnd { f(o); return nil }))
	}
	change(func(o *directory.Organization) { o.BlockedAt = ptr(noon); o.PendingGeneration++ })
	refused("a blocked organization", attempt(kept, 1))
	if inserted, err := b.InsertProof(ctx, proof(kept, 2), 9, noon); err != nil || inserted {
		t.Errorf("a proof for a blocked organization: %v, %v", inserted, err)
	}
	change(func(o *directory.Organization) { o.BlockedAt = nil })
	refused("an organization that was blocked meanwhile", attempt(kept, 1))
	succeeds(t)(b.InsertProof(ctx, proof(kept, 2), 9, noon))
	if n, err := b.Sweep(ctx, noon.Add(3*time.Hour)); err != nil || n == 0 {
		t.Errorf("swept %d rows: %v", n, err)
	}
}

// provenSessions checks that the time of the proof is stored with a new session.
func provenSessions(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	for _, at := range []time.Time{{}, noon} {
		e := session.Entry{Record: record(token.NewID(noon), c), ProvenAt: at}
		succeeds(t)(b.InsertSession(ctx, e))
		if got, found, err := b.Entry(ctx, e.ID.Key()); err != nil || !found || !got.ProvenAt.Equal(at) {
			t.Errorf("proven at %v, want %v: %v, %v", got.ProvenAt, at, found, err)
		}
	}
}

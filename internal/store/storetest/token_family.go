package storetest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// tokenFamilies checks that parents and creators of access tokens are stored, and that a change sees which tokens were made with a
// token, even if some of them are revoked.
func tokenFamilies(t *testing.T, b Backend) {
	ctx := t.Context()
	o, root := organization(t, b, "acme")
	insert := func(parent, creator token.ID) directory.AccessToken {
		t.Helper()
		a := directory.AccessToken{ID: token.NewID(noon), Organization: o.ID, Parent: parent, Creator: creator.Key(), Scopes: []directory.Scope{directory.CustomersRead}, CreatedAt: noon}
		check(t, insertAccessToken(ctx, b, a, nil))
		same(t, a)(b.AccessToken(ctx, a.ID.Key()))
		return a
	}
	child := insert(root.ID, root.ID)
	grandchild := insert(child.ID, child.ID)
	replaced := insert(token.ID{}, root.ID) // a successor has the creator, but not the parent
	other := insert(token.ID{}, token.ID{})
	check(t, changeAccessToken(ctx, b, o.ID, child.ID, func(a *directory.AccessToken) error { a.RevokedAt = ptr(noon); return nil }))
	check(t, changeAccessToken(ctx, b, o.ID, other.ID, func(a *directory.AccessToken) error { a.Parent = root.ID; return nil }))
	other.Parent = root.ID
	same(t, other)(b.AccessToken(ctx, other.ID.Key()))
	for made, want := range map[token.ID][]token.ID{
		root.ID: {child.ID, grandchild.ID, replaced.ID}, child.ID: {grandchild.ID}, grandchild.ID: nil, other.ID: nil, token.NewID(noon): nil, {}: nil,
	} {
		check(t, b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{Target: made, Made: true, Now: noon}, func(s *directory.TokenSet) error {
			if len(s.Tokens) != 4 {
				t.Errorf("a change sees %d tokens, wanted the 4 that are not revoked", len(s.Tokens))
			}
			var keys []token.Key
			for _, id := range want {
				keys = append(keys, id.Key())
			}
			slices.Sort(keys)
			slices.Sort(s.Made)
			if !slices.Equal(s.Made, keys) {
				t.Errorf("made with %s: %d, wanted %d", made, s.Made, keys)
			}
			return nil
		}))
	}
	none[directory.AccessToken](t)(b.AccessToken(ctx, child.ID.Key()))

	// A change sees an expired token only if it is about that token.
	check(t, changeAccessToken(ctx, b, o.ID, other.ID, func(a *directory.AccessToken) error { a.ExpiresAt = ptr(noon.Add(time.Hour)); return nil }))
	for _, tt := range []struct {
		at     time.Time
		target token.ID
		want   int
	}{{noon.Add(time.Hour - 1), token.ID{}, 4}, {noon.Add(time.Hour), token.ID{}, 3}, {noon.Add(time.Hour), other.ID, 4}, {noon.Add(time.Hour), child.ID, 3}} {
		check(t, b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{Target: tt.target, Now: tt.at}, func(s *directory.TokenSet) error {
			if len(s.Tokens) != tt.want {
				t.Errorf("at %v about %s: %d tokens, wanted %d", tt.at, tt.target, len(s.Tokens), tt.want)
			}
			return nil
		}))
	}
}

// endsByCreator checks that the live sessions that were created with a marked token end, in chunks, and only these.
func endsByCreator(t *testing.T, b Backend) {
	ctx := t.Context()
	o, a := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	later := noon.Add(time.Minute)
	var own []session.Entry
	add := func(creator token.ID, lifetime time.Duration) session.Entry {
		t.Helper()
		e := session.Entry{Record: record(token.NewID(noon), c), CustomerID: c.ID, CreatorID: creator, Metadata: map[string]any{}}
		if e.ExpiresAt = noon.Add(lifetime); !creator.IsZero() {
			e.Creator = creator.Key()
		}
		succeeds(t)(b.InsertSession(ctx, e))
		return e
	}
	for range 5 {
		own = append(own, add(a.ID, time.Hour))
	}
	expired, login := add(a.ID, time.Second), add(token.ID{}, time.Hour)

	pass := func() (counts []int) {
		t.Helper()
		for after := token.Key(-1); ; {
			last, n, err := b.EndCreatedSessions(ctx, a.ID.Key(), after, later, 2)
			check(t, err)
			if counts = append(counts, n); n == 0 {
				return counts
			}
			after = last
		}
	}
	if got := pass(); !slices.Equal(got, []int{0}) {
		t.Errorf("without a mark, the passes ended %d", got)
	}
	check(t, b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{}, func(s *directory.TokenSet) error {
		s.Ending, s.EndReason, s.EndedAt = []token.Key{a.ID.Key(), 42}, session.AccessTokenLeaked, later
		return nil
	}))
	marked, err := b.EndingTokens(ctx)
	check(t, err)
	if want := (directory.EndingToken{Key: a.ID.Key(), Since: later}); !slices.Equal(marked, []directory.EndingToken{want}) {
		t.Fatalf("marked: %+v", marked)
	}
	if got := pass(); !slices.Equal(got, []int{2, 2, 1, 0}) {
		t.Errorf("the passes ended %d", got)
	}
	for _, e := range own {
		e.EndedAt, e.EndReason = &later, session.AccessTokenLeaked
		same(t, e)(b.Entry(ctx, e.ID.Key()))
		none[session.Record](t)(b.Session(ctx, e.ID.Key()))
	}
	same(t, expired)(b.Entry(ctx, expired.ID.Key()))
	same(t, login)(b.Entry(ctx, login.ID.Key()))
	log, err := b.Revocations(ctx, 0, 100)
	check(t, err)
	if len(log) != len(own) {
		t.Errorf("log %+v", log)
	}
	for _, row := range log {
		if row.Reason != session.AccessTokenLeaked || !slices.ContainsFunc(own, func(e session.Entry) bool { return e.ID.Key() == row.Session }) {
			t.Errorf("the log has %+v", row)
		}
	}
	check(t, b.SettleEndingToken(ctx, directory.EndingToken{Key: a.ID.Key(), Since: noon})) // the mark is newer
	if marked, err := b.EndingTokens(ctx); err != nil || len(marked) != 1 {
		t.Errorf("%+v, %v", marked, err)
	}
	check(t, b.SettleEndingToken(ctx, marked[0]))
	if marked, err := b.EndingTokens(ctx); err != nil || len(marked) != 0 {
		t.Errorf("%+v, %v", marked, err)
	}
}

// concurrentTokenChanges revokes a token while children of it are inserted. Every change sees the result of the one before, so no
// child is inserted after the revocation and none is left.
func concurrentTokenChanges(t *testing.T, b Backend) {
	ctx := t.Context()
	o, root := organization(t, b, "acme")
	ended := errors.New("the parent is revoked")
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			err := b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{}, func(s *directory.TokenSet) error {
				if !slices.ContainsFunc(s.Tokens, func(a directory.AccessToken) bool { return a.ID == root.ID }) {
					return ended
				}
				s.Tokens = append(s.Tokens, directory.AccessToken{ID: token.NewID(noon), Organization: o.ID, Parent: root.ID, CreatedAt: noon})
				return nil
			})
			if err != nil && !errors.Is(err, ended) {
				t.Error(err)
			}
		})
		if i == 16 {
			wg.Go(func() {
				check(t, b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{}, func(s *directory.TokenSet) error {
					for i := range s.Tokens {
						s.Tokens[i].RevokedAt = ptr(noon)
					}
					return nil
				}))
			})
		}
	}
	wg.Wait()
	check(t, b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{}, func(s *directory.TokenSet) error {
		if len(s.Tokens) != 0 {
			t.Errorf("%d tokens outlive their parent", len(s.Tokens))
		}
		return nil
	}))
}

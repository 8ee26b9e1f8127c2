package session_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// counted is a store of counts that several services share.
type counted struct {
	memory
	rows map[session.StoredCount]session.Count // by the row without its counts
	fail error
}

func (c *counted) AddActivity(_ context.Context, counts []session.StoredCount) error {
	if c.fail != nil {
		return c.fail
	}
	for _, row := range counts {
		key := session.StoredCount{Organization: row.Organization, Span: row.Span, Count: session.Count{At: row.At}}
		sum := c.rows[key]
		sum.Created, sum.LoggedIn, sum.Verified = sum.Created+row.Created, sum.LoggedIn+row.LoggedIn, sum.Verified+row.Verified
		sum.Ended, sum.Refused = sum.Ended+row.Ended, sum.Refused+row.Refused
		c.rows[key] = sum
	}
	return nil
}

func (c *counted) Activity(_ context.Context, organizations []token.Key, since time.Time) (rows []session.StoredCount, err error) {
	for key := range maps.Keys(c.rows) {
		if slices.Contains(organizations, key.Organization) && !key.At.Before(since) {
			row := session.StoredCount{Organization: key.Organization, Span: key.Span, Count: c.rows[key]}
			row.At = key.At
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// The counts are those of all processes, whether they are in the store already or not, and no event counts twice.
func TestActivityOfAllProcesses(t *testing.T) {
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	store, now := &counted{memory: memory{rows: map[token.Key]session.Record{}}, rows: map[session.StoredCount]session.Count{}}, noon
	clock := func() time.Time { return now }
	one, two := session.New(store, secrets, clock, session.Options{}), session.New(store, secrets, clock, session.Options{})
	grant := session.Grant{Kind: token.Member, Organization: 1, Customer: 2, Member: 3}
	made, err := one.Create(t.Context(), grant) // without a creator: a login
	if err != nil {
		t.Fatal(err)
	}
	wants := func(s *session.Service, org token.Key, want session.Count) {
		t.Helper()
		a, err := s.Activity(t.Context(), org)
		if err != nil || len(a.Minutes) != session.ActivityLength || len(a.Hours) != session.ActivityHours {
			t.Fatalf("%d minutes, %d hours, %v", len(a.Minutes), len(a.Hours), err)
		}
		for _, counts := range [][]session.Count{a.Minutes, a.Hours} {
			got := counts[len(counts)-1]
			want.At = got.At
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	}
	flush := func(s *session.Service) {
		t.Helper()
		if err := s.FlushActivity(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wants(one, 1, session.Count{Created: 1, LoggedIn: 1})
	wants(two, 1, session.Count{})
	flush(one)
	flush(one)
	wants(one, 1, session.Count{Created: 1, LoggedIn: 1})
	wants(two, 1, session.Count{Created: 1, LoggedIn: 1})
	_, _ = two.Verify(t.Context(), made.Token)
	_, _ = two.Verify(t.Context(), token.Mint(token.Member, 1))
	store.fail = errors.New("away")
	if err := two.FlushActivity(t.Context()); !errors.Is(err, store.fail) {
		t.Errorf("%v", err)
	}
	store.fail = nil
	grant.Creator = 9
	if _, err := two.Create(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		wants(two, 1, session.Count{Created: 2, LoggedIn: 1, Verified: 1, Refused: 1})
		wants(two, 7, session.Count{Refused: 1})
		flush(two)
	}
	wants(one, 1, session.Count{Created: 2, LoggedIn: 1, Verified: 1, Refused: 1})
	now = now.Add(time.Minute)
	a, err := one.Activity(t.Context(), 1)
	if err != nil || a.Minutes[session.ActivityLength-1].Created != 0 || a.Minutes[session.ActivityLength-2].Created != 2 || a.Hours[session.ActivityHours-1].Created != 2 {
		t.Errorf("after a minute: %+v, %v", a.Minutes[session.ActivityLength-2:], err)
	}
}

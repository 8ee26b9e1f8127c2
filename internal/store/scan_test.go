package store

import (
	"context"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// While lists of one organization hold their connections, its further lists wait. Lists of other organizations and short reads do
// not wait.
func TestListsOfOneOrganizationLeaveConnections(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) *Store{
		"sqlite": func(t *testing.T) *Store {
			s, err := OpenSQLite(t.Context(), t.TempDir(), SQLiteOptions{Unsynced: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		},
		"postgres": func(t *testing.T) *Store { return openTest(t, pgtest.URL(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			end, held := make(chan struct{}), make(chan struct{})
			_, slots := s.scanner()
			for range max(1, slots/2) {
				go func() {
					_ = s.scan(t.Context(), 1, func(q querier) error {
						r, err := q.query(t.Context(), `SELECT 1 UNION ALL SELECT 2`) // holds a connection until it is read
						if err != nil || !r.Next() {
							t.Errorf("holding a connection: %v", err)
						}
						held <- struct{}{}
						<-end
						r.Close()
						return nil
					})
				}()
				<-held
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			for name, list := range map[string]func(ctx context.Context, org int64) error{
				"customers": func(ctx context.Context, org int64) error {
					_, _, err := s.Customers(ctx, directory.CustomerQuery{Organization: token.Key(org), Page: directory.Page{Number: 1, Limit: 1}})
					return err
				},
				"an export": func(ctx context.Context, org int64) error {
					_, err := s.CustomersAfter(ctx, token.Key(org), 1, 1)
					return err
				},
				"members": func(ctx context.Context, org int64) error {
					_, _, err := s.Members(ctx, directory.MemberQuery{Organization: token.Key(org), Page: directory.Page{Number: 1, Limit: 1}})
					return err
				},
				"access tokens": func(ctx context.Context, org int64) error {
					_, _, err := s.AccessTokens(ctx, directory.AccessTokenQuery{Organization: token.Key(org), Page: directory.Page{Number: 1, Limit: 1}})
					return err
				},
				"sessions": func(ctx context.Context, org int64) error {
					_, _, err := s.Entries(ctx, session.Query{Organization: token.Key(org), State: session.Live, Page: 1, Limit: 1})
					return err
				},
				"deliveries": func(ctx context.Context, org int64) error {
					_, _, err := s.Deliveries(ctx, webhook.DeliveryQuery{Organization: token.Key(org), Page: webhook.Page{Number: 1, Limit: 1}})
					return err
				},
			} {
				if err := list(ctx, 1); err != context.DeadlineExceeded {
					t.Errorf("%s of the organization with many lists: %v", name, err)
				}
				if err := list(t.Context(), 2); err != nil {
					t.Errorf("%s of another organization: %v", name, err)
				}
			}
			if _, _, err := s.Session(t.Context(), 1); err != nil {
				t.Errorf("a short read: %v", err)
			}
			close(end)
		})
	}
}

// The result of a slow count is used again, and that of a fast one is not.
func TestSlowCountsAreUsedAgain(t *testing.T) {
	var known totals
	known.put("fast", 1, slowCount-1)
	known.put("slow", 2, slowCount)
	if n, found := known.get("fast"); found {
		t.Errorf("the result %d of a fast count is kept", n)
	}
	if n, found := known.get("slow"); !found || n != 2 {
		t.Errorf("the result of a slow count is %d, %v", n, found)
	}
	known.known["slow"] = total{2, time.Now()}
	if _, found := known.get("slow"); found {
		t.Error("an old result is used")
	}
	for i := range 3 * maxTotals {
		known.put(countKey("q", []any{i}), i, time.Second)
	}
	if len(known.known) > maxTotals {
		t.Errorf("%d results are kept", len(known.known))
	}
}

// A page is complete although the number of rows is old.
func TestPagesWithAnOldTotal(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir(), SQLiteOptions{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) SELECT i FROM n`)
	text := "example"
	q := directory.CustomerQuery{Organization: 1, Sort: []directory.Sort{{By: "created_at"}}, Page: directory.Page{Number: 3, Limit: 10}, Email: nil, Text: &text}
	if _, err := s.affect(t.Context(), `UPDATE customers SET search = email`); err != nil {
		t.Fatal(err)
	}
	s.scans.totals.known = map[string]total{}
	before, n, err := s.Customers(t.Context(), q)
	if err != nil || n != 30 || len(before) != 10 {
		t.Fatalf("%d of %d, %v", len(before), n, err)
	}
	old := &recorder{engine: s.engine}
	watched := &Store{engine: old}
	if _, _, err := watched.Customers(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	s.scans.totals.known[countKey(old.queries[0].query, old.queries[0].args)] = total{7, time.Now().Add(time.Hour)}
	after, n, err := s.Customers(t.Context(), q)
	if err != nil || n != 7 || len(after) != 10 || after[0].ID != before[0].ID {
		t.Errorf("with an old total: %d of %d, %v", len(after), n, err)
	}
	if _, err := s.affect(t.Context(), `UPDATE customers SET deleted_at = 1 WHERE key > 27`); err != nil {
		t.Fatal(err)
	}
	if last, n, err := s.Customers(t.Context(), q); err != nil || n != 27 || len(last) != 7 {
		t.Errorf("the last page, which is not full: %d of %d, %v", len(last), n, err)
	}
}

func TestCorrectedTotal(t *testing.T) {
	for _, tt := range []struct{ total, skip, rows, limit, want int }{
		{9, 0, 3, 10, 3}, {9, 20, 3, 10, 23}, {9, 0, 0, 10, 0}, {9, 0, 10, 10, 9}, {9, 20, 0, 10, 9},
	} {
		if got := corrected(tt.total, tt.skip, tt.rows, tt.limit); got != tt.want {
			t.Errorf("%+v: %d", tt, got)
		}
	}
}

func TestScansRefuseACrowd(t *testing.T) {
	s := newScans(2, nil)
	s.slots.Wait = time.Millisecond
	release, err := s.slots.Take(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := s.slots.Take(t.Context(), 1); !fault.Is(err, fault.Busy) {
		t.Errorf("a list beyond the share: %v", err)
	}
}

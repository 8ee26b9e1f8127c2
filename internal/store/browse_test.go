package store

import (
	"slices"
	"testing"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/token"
)

// A page reads a bounded number of rows. If few of them match, the following pages have the other matches, in both directions.
func TestPagesReadABoundedNumberOfRows(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		s, err := OpenSQLite(t.Context(), t.TempDir(), SQLiteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		fill(t, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n`)
		checkBounded(t, s)
	})
	t.Run("postgres", func(t *testing.T) {
		s := openTest(t, pgtest.URL(t))
		fill(t, s, `SELECT generate_series(1, 200) AS i`)
		checkBounded(t, s)
	})
}

func checkBounded(t *testing.T, s *Store) {
	evens := func(w *where) { w.add(`s.key % 2 = `, 0) }
	odds := func(w *where) { w.add(`s.key % 2 = `, 1) }
	var want []token.Key
	for key := token.Key(30); key <= 200; key += 30 {
		want = append(want, key)
	}
	for _, b := range []browsed{
		{sources: []func(*where){func(w *where) { w.add(`s.organization = `, 1) }}},
		{sources: []func(*where){evens, odds}},
		{sources: []func(*where){evens, odds}, descending: true},
	} {
		b.from, b.key, b.rows = `sessions s`, `s.key`, 14
		b.filter = func(w *where) { w.add(`s.key % 30 = `, 0) }
		inOrder := slices.Clone(want)
		if b.descending {
			slices.Reverse(inOrder)
		}
		for _, r := range []keyset.Range{{Limit: 2}, {Limit: 2, Last: true}, {Limit: 1}, {Limit: 100, Last: true}} {
			var got []token.Key
			backward, pages := r.Last, 0
			for ; pages < 100; pages++ {
				keys, previous, next, err := b.page(t.Context(), s.engine, r)
				if err != nil {
					t.Fatal(err)
				}
				if got = append(got, keys...); backward {
					got = append(keys, got[:len(got)-len(keys)]...)
				}
				if r.After, r.Before = next, 0; backward {
					r.After, r.Before = 0, previous
				}
				if r.Key() == 0 {
					break
				}
			}
			if !slices.Equal(got, inOrder) || pages < 10 {
				t.Errorf("descending %t, backward %t: %d pages have %v, want %v", b.descending, backward, pages, got, inOrder)
			}
		}
		if c, err := b.count(t.Context(), s.engine); err != nil || !c.More || c.N > 1 {
			t.Errorf("the count is %+v, %v", c, err)
		}
	}
	b := browsed{from: `sessions s`, key: `s.key`, sources: []func(*where){evens, odds}, rows: 1000}
	if c, err := b.count(t.Context(), s.engine); err != nil || c != (keyset.Count{N: 200}) {
		t.Errorf("the count of all is %+v, %v", c, err)
	}
}

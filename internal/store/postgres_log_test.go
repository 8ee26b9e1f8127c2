package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store/pgtest"
)

// A transaction gets its seq before it commits. A reader that continues after the last row it has seen must still see every
// committed row, once and in order, and no row that was rolled back.
func TestPostgresLogIsReadInOrder(t *testing.T) {
	url := pgtest.URL(t)
	writing, reading := openTest(t, url), openTest(t, url)
	const writers, each = 12, 25
	var wg sync.WaitGroup
	var mu sync.Mutex
	var committed []session.Reason
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				row := session.Revocation{Customer: 1, Reason: session.Reason(fmt.Sprintf("%d of writer %d", i, w)), At: time.Now()}
				undo := errors.New("roll back")
				err := writing.Write(t.Context(), func(tx *Tx) error {
					if err := appendRevocation(t.Context(), tx, writing.dialect(), &row); err != nil {
						return err
					}
					time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
					if rand.IntN(5) == 0 {
						return undo
					}
					return nil
				})
				if err == nil {
					mu.Lock()
					committed = append(committed, row.Reason)
					mu.Unlock()
				} else if err != undo {
					t.Error(err)
				}
			}
		})
	}
	written := make(chan struct{})
	go func() { wg.Wait(); close(written) }()
	seen := followLog(t, reading, written)
	slices.Sort(seen)
	slices.Sort(committed)
	if !slices.Equal(seen, committed) {
		t.Errorf("the reader saw %d rows, and %d were committed", len(seen), len(committed))
	}
}

// followLog reads the log in pages until all rows are written, and then once more.
func followLog(t *testing.T, s *Store, written <-chan struct{}) (seen []session.Reason) {
	after := int64(0)
	for last := false; ; {
		rows, err := s.Revocations(context.Background(), after, 7)
		if err != nil {
			t.Error(err)
			return seen
		}
		for _, r := range rows {
			if r.Seq <= after {
				t.Errorf("row %d came after row %d", r.Seq, after)
			}
			after, seen = r.Seq, append(seen, r.Reason)
		}
		if len(rows) > 0 {
			continue
		}
		if last {
			return seen
		}
		select {
		case <-written:
			last = true
		default:
		}
	}
}

func openTest(t *testing.T, url string) *Store {
	t.Helper()
	s, err := OpenPostgres(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/store/pgtest"
)

var serverEvent = audit.Event{Action: audit.SecretRetired, Target: audit.Target{Kind: audit.OnServer}}

// TestAuditLogIsAppendOnly checks that the database refuses to change or delete entries, whether they are chained or not.
func TestAuditLogIsAppendOnly(t *testing.T) {
	onBothEngines(t, func(t *testing.T, s *store.Store) {
		for range 2 {
			if err := s.RecordAudit(t.Context(), serverEvent); err != nil {
				t.Fatal(err)
			}
			for _, statement := range []string{
				`UPDATE audit_log SET action = 'x'`, `UPDATE audit_log SET created_at = 1, seq = 7, hash = 'x'`, `DELETE FROM audit_log`,
			} {
				err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), statement) })
				if err == nil || !strings.Contains(err.Error(), "entries of the audit log cannot be") {
					t.Errorf("%s: error %v", statement, err)
				}
			}
			if _, err := s.ChainAudit(t.Context(), 100); err != nil {
				t.Fatal(err)
			}
		}
		report, err := audit.New(s, time.Now, audit.Options{}).Verify(t.Context(), nil)
		if err != nil || report.Chained != 2 {
			t.Errorf("%+v, error %v", report, err)
		}
	})
}

// TestLateCommitsAreChained chains entries while the transaction of an older entry is open.
func TestLateCommitsAreChained(t *testing.T) {
	s, err := store.OpenPostgres(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	began, finish, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.Write(t.Context(), func(tx *store.Tx) error {
			if err := s.RecordAuditIn(t.Context(), tx, serverEvent); err != nil {
				return err
			}
			close(began)
			<-finish
			return nil
		})
	}()
	<-began
	chained := func() (n int) {
		t.Helper()
		if err := s.RecordAudit(t.Context(), serverEvent); err != nil {
			t.Fatal(err)
		}
		if n, err = s.ChainAudit(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := chained(); n != 1 {
		t.Errorf("%d entries were chained while the transaction was open, want 1", n)
	}
	close(finish)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := chained(); n != 2 {
		t.Errorf("%d entries were chained after the commit, want 2", n)
	}
}

// TestServersChainTogether lets several servers record and chain at the same time.
func TestServersChainTogether(t *testing.T) {
	onBothLocations(t, func(t *testing.T, open func() (*store.Store, error)) {
		first, err := open()
		if err != nil {
			t.Fatal(err)
		}
		defer first.Close()
		servers := []*store.Store{first, first}
		if first.Shared() {
			second, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer second.Close()
			servers[1] = second
		}
		const writers, entries = 4, 40
		var recording, chaining sync.WaitGroup
		stop := make(chan struct{})
		for _, s := range servers {
			for range writers {
				recording.Go(func() {
					for range entries {
						if err := s.RecordAudit(t.Context(), serverEvent); err != nil {
							t.Error(err)
						}
					}
				})
			}
			chaining.Go(func() {
				for {
					if _, err := s.ChainAudit(t.Context(), 7); err != nil {
						t.Error(err)
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		recording.Wait()
		close(stop)
		chaining.Wait()
		log := audit.New(first, time.Now, audit.Options{})
		if err := log.Chain(t.Context()); err != nil {
			t.Fatal(err)
		}
		report, err := log.Verify(t.Context(), nil)
		if err != nil || report.Chained != len(servers)*writers*entries || report.Unchained != 0 {
			t.Errorf("%+v, error %v", report, err)
		}
	})
}

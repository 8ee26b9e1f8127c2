package storetest

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
)

// signIns checks that only the first sign-in of an account is reported as the first.
func signIns(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	m, err := ensureOwner(ctx, b, directory.Member{
		ID: token.NewID(noon), Customer: c.ID, Organization: o.ID, Role: directory.Owner, CreatedAt: noon,
	})
	check(t, err)
	for _, a := range []login.Account{{Customer: c.ID.Key()}, {Customer: c.ID.Key(), Member: m.ID.Key()}} {
		if before, err := b.HasSignedIn(ctx, a); err != nil || before {
			t.Errorf("%v has signed in before: %v, %v", a, before, err)
		}
		var firsts atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				first, err := b.NoteSignIn(ctx, a, noon)
				if err != nil {
					t.Error(err)
				}
				if first {
					firsts.Add(1)
				}
			})
		}
		wg.Wait()
		if after, err := b.HasSignedIn(ctx, a); err != nil || !after || firsts.Load() != 1 {
			t.Errorf("%v has signed in: %v, first %d times, %v", a, after, firsts.Load(), err)
		}
	}
	if first, err := b.NoteSignIn(ctx, login.Account{Customer: 42}, noon); err != nil || first {
		t.Errorf("an unknown account: %v, %v", first, err)
	}
}

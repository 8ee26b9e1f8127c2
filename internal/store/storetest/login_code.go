package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// code returns a login code that is not stored yet.
func code(o directory.Organization, n byte, expires time.Time) login.Code {
	c := login.Code{Organization: o.ID, Email: "Äda@example.com", Customer: 1<<63 - 1, ExpiresAt: expires}
	c.Hash[0], c.Hash[31] = n, 255
	return c
}

// loginCodes checks that a login code can be used for one session only.
func loginCodes(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	first := code(o, 1, noon)
	none[login.Code](t)(b.Code(ctx, first.Hash))
	succeeds(t)(b.InsertCode(ctx, first))
	double := first
	double.Email, double.Customer, double.ExpiresAt = "other@example.com", 0, noon.Add(time.Hour)
	if inserted, err := b.InsertCode(ctx, double); err != nil || inserted {
		t.Errorf("a code was inserted twice: %v, %v", inserted, err)
	}
	same(t, first)(b.Code(ctx, first.Hash))
	second := code(o, 2, noon.Add(time.Hour))
	second.Customer = 0
	succeeds(t)(b.InsertCode(ctx, second))

	taken := record(token.NewID(noon), c)
	succeeds(t)(b.InsertSession(ctx, session.Entry{Record: taken}))
	for range 2 {
		if redeemed, err := b.RedeemCode(ctx, first.Hash, session.Entry{Record: taken}, session.InsertOptions{}); err == nil || redeemed {
			t.Errorf("redeeming a code for an existing session key: %v, %v", redeemed, err)
		}
		same(t, first)(b.Code(ctx, first.Hash)) // the code remains valid
	}

	const many = 64
	records := make([]session.Record, many)
	redeemed := make([]bool, many)
	var wg sync.WaitGroup
	for i := range many {
		records[i] = record(token.NewID(noon), c)
		wg.Go(func() {
			var err error
			if redeemed[i], err = b.RedeemCode(ctx, first.Hash, session.Entry{Record: records[i]}, session.InsertOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	winners := 0
	for i, r := range records {
		if redeemed[i] {
			winners++
			same(t, r)(b.Session(ctx, r.ID.Key()))
		} else {
			none[session.Record](t)(b.Session(ctx, r.ID.Key()))
		}
	}
	if winners != 1 {
		t.Errorf("a code was redeemed %d times", winners)
	}
	none[login.Code](t)(b.Code(ctx, first.Hash))
	same(t, second)(b.Code(ctx, second.Hash))
	succeeds(t)(b.InsertCode(ctx, first)) // the hash of a used code can be used again
}

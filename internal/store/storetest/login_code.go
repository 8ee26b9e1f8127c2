package storetest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
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

func insertCode(t *testing.T, b Backend, c login.Code) {
	t.Helper()
	if result, err := b.InsertCode(t.Context(), c, -1, noon); err != nil || result != login.CodeInserted {
		t.Fatalf("inserting a code: %v, %v", result, err)
	}
}

// loginCodes checks that a login code can be used for one session only.
func loginCodes(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	first := code(o, 1, noon)
	none[login.Code](t)(b.Code(ctx, first.Hash))
	insertCode(t, b, first)
	double := first
	double.Email, double.Customer, double.ExpiresAt = "other@example.com", 0, noon.Add(time.Hour)
	if inserted, err := b.InsertCode(ctx, double, -1, noon); err != nil || inserted != login.CodeExists {
		t.Errorf("a code was inserted twice: %v, %v", inserted, err)
	}
	same(t, first)(b.Code(ctx, first.Hash))
	second := code(o, 2, noon.Add(time.Hour))
	second.Customer = 0
	insertCode(t, b, second)

	taken := record(token.NewID(noon), c)
	succeeds(t)(b.InsertSession(ctx, session.Entry{Record: taken}))
	for range 2 {
		if redeemed, err := b.RedeemCode(ctx, login.Redemption{Hash: first.Hash, Session: session.Entry{Record: taken}}); err == nil || redeemed {
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
			if redeemed[i], err = b.RedeemCode(ctx, login.Redemption{Hash: first.Hash, Session: session.Entry{Record: records[i]}, KeepSiblings: true}); err != nil {
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
	insertCode(t, b, first) // the hash of a used code can be used again
}

// liveCodes checks that concurrent requests get at most the maximum number of live codes for an address.
func liveCodes(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	const most, many = 3, 32
	old := code(o, 100, noon)
	old.Email = "äda@EXAMPLE.com" // another address, because only letters of ASCII are compared without case
	insertCode(t, b, old)
	expired := code(o, 101, noon)
	insertCode(t, b, expired)
	results := make([]login.Inserted, many)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			var err error
			if results[i], err = b.InsertCode(ctx, code(o, byte(i), noon.Add(time.Hour)), most, noon); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	inserted := 0
	for i, result := range results {
		_, found, err := b.Code(ctx, code(o, byte(i), noon).Hash)
		if err != nil || found != (result == login.CodeInserted) || result == login.CodeExists {
			t.Errorf("code %d: %v, %v, %v", i, result, found, err)
		}
		if found {
			inserted++
		}
	}
	if inserted != most {
		t.Errorf("%d codes are live", inserted)
	}
	upper := code(o, 200, noon.Add(time.Hour))
	upper.Email = "ÄDA@Example.com"
	if result, err := b.InsertCode(ctx, upper, most, noon); err != nil || result != login.CodeRefused {
		t.Errorf("the address in upper case: %v, %v", result, err)
	}
	if result, err := b.InsertCode(ctx, upper, most, noon.Add(time.Hour)); err != nil || result != login.CodeInserted {
		t.Errorf("after the codes expired: %v, %v", result, err)
	}
}

// countedCodes checks until when a code counts toward the maximum of its address.
func countedCodes(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	insert := func(name string, n byte, now time.Time, want login.Inserted) login.Code {
		t.Helper()
		c := code(o, n, at(600))
		c.CountsUntil = now.Add(90 * time.Second)
		if got, err := b.InsertCode(ctx, c, 2, now); err != nil || got != want {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		return c
	}
	count := func(name string, c login.Code, most int, now, until time.Time, want bool) {
		t.Helper()
		if got, err := b.CountCode(ctx, c.Hash, most, now, until); err != nil || got != want {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
	}
	first := insert("the first code", 1, noon, login.CodeInserted)
	insert("the second code", 2, noon, login.CodeInserted)
	insert("a third code", 3, at(1), login.CodeRefused)
	count("a failed attempt", first, -1, at(2), at(2), true)
	if _, found, err := b.Code(ctx, first.Hash); err != nil || !found {
		t.Errorf("a code that does not count: %v, %v", found, err)
	}
	third := insert("a code after the failed attempt", 3, at(3), login.CodeInserted)
	count("a retry after the code was replaced", first, 2, at(4), at(94), false)
	count("an accepted mail", third, -1, at(5), third.ExpiresAt, true)
	insert("a code while the second one is being sent", 4, at(89), login.CodeRefused)
	insert("a code after the second one was lost", 4, at(91), login.CodeInserted)
	insert("a code while two codes count", 5, at(92), login.CodeRefused)
	insert("a code after the fourth one was lost", 5, at(182), login.CodeInserted)
	count("a code that was never stored", code(o, 9, at(600)), -1, at(5), at(6), false)
	if _, found, err := b.Code(ctx, first.Hash); err != nil || found {
		t.Errorf("a code that did not count when a later one was inserted: %v, %v", found, err)
	}
}

// siblingCodes checks that redeeming a code deletes the other codes of the address, and no others.
func siblingCodes(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	other, _ := organization(t, b, "other")
	c := customer(t, b, o, "a@example.com")
	later := noon.Add(time.Hour)
	const many = 8
	for i := range byte(many) {
		insertCode(t, b, code(o, i, later))
	}
	elsewhere, another := code(other, 50, later), code(o, 51, later)
	another.Email = "b@example.com"
	insertCode(t, b, elsewhere)
	insertCode(t, b, another)
	var redeemed atomic.Int32
	var wg sync.WaitGroup
	for i := range byte(many) {
		wg.Go(func() {
			done, err := b.RedeemCode(ctx, login.Redemption{Hash: code(o, i, later).Hash, Session: session.Entry{Record: record(token.NewID(noon), c)}})
			if err != nil {
				t.Error(err)
			}
			if done {
				redeemed.Add(1)
			}
		})
	}
	wg.Wait()
	if n := redeemed.Load(); n != 1 {
		t.Errorf("%d codes of one address were redeemed", n)
	}
	for i := range byte(many) {
		none[login.Code](t)(b.Code(ctx, code(o, i, later).Hash))
	}
	same(t, elsewhere)(b.Code(ctx, elsewhere.Hash))
	same(t, another)(b.Code(ctx, another.Hash))
}

// holderCodes checks that ending all sessions of a holder and changing its address delete the holder's codes, and no others.
func holderCodes(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	later := noon.Add(time.Hour)
	for i, tt := range []struct {
		name   string
		change func(r *directory.Roster)
		// keeps lists the codes that remain: of the customer, of its member, and of the member for another customer.
		keeps [3]bool
	}{
		{"name", func(r *directory.Roster) { r.Customer.Name = ptr("Ada") }, [3]bool{true, true, true}},
		{"customer ended", func(r *directory.Roster) { r.Ended = []directory.SessionEnd{{At: noon}} }, [3]bool{false, false, true}},
		{"member ended", func(r *directory.Roster) {
			r.Ended = []directory.SessionEnd{{Member: r.Members[1].ID.Key(), At: noon}}
		}, [3]bool{true, false, true}},
		{"address", func(r *directory.Roster) { r.Customer.Email = ptr("new" + *r.Customer.Email) }, [3]bool{false, false, true}},
		{"case of the address", func(r *directory.Roster) { r.Customer.Email = ptr(strings.ToUpper(*r.Customer.Email)) }, [3]bool{true, true, true}},
		{"pending member's address", func(r *directory.Roster) { r.Members[1].Pending = true }, [3]bool{true, true, true}},
		{"member's address", func(r *directory.Roster) { r.Members[1].Email = ptr("new" + *r.Members[1].Email) }, [3]bool{true, false, true}},
		{"deleted member", func(r *directory.Roster) {
			r.Members[1].DeletedAt = ptr(noon)
			r.Ended = []directory.SessionEnd{{Member: r.Members[1].ID.Key(), At: noon}}
		}, [3]bool{true, false, true}},
	} {
		mine, members := fmt.Sprintf("c%d@example.com", i), fmt.Sprintf("m%d@example.com", i)
		c := customer(t, b, o, mine)
		ids := []token.ID{token.NewID(noon), token.NewID(noon)}
		if _, found, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
			for n, email := range []string{mine, members} {
				r.Members = append(r.Members, directory.Member{
					ID: ids[n], Customer: c.ID, Organization: o.ID, Email: &email, Role: directory.OrdinaryMember, CreatedAt: noon.Add(time.Duration(len(r.Members)) * time.Second),
				})
			}
			return nil
		}); err != nil || !found {
			t.Fatal(found, err)
		}
		var codes [3]login.Code
		for n, email := range []string{mine, members, members} {
			codes[n] = code(o, byte(10*i+n), later)
			codes[n].Email, codes[n].Customer = email, 0
			if n == 2 {
				codes[n].Customer = c.ID.Key() + 1
			}
			insertCode(t, b, codes[n])
		}
		if _, found, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{Members: ids}, nil, func(r *directory.Roster) error { tt.change(r); return nil }); err != nil || !found {
			t.Fatal(found, err)
		}
		for n, keep := range tt.keeps {
			if _, found, err := b.Code(ctx, codes[n].Hash); err != nil || found != keep {
				t.Errorf("%s: code %d: %v, %v", tt.name, n, found, err)
			}
		}
	}
}

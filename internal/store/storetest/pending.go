package storetest

import (
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// pending checks that login codes, tickets and email updates are void while their organization is blocked, after it is
// unblocked, and after all its sessions have ended. Those of another organization stay valid.
func pending(t *testing.T, b Backend) {
	ctx := t.Context()
	for name, change := range map[string][]func(o *directory.Organization){
		"blocked":            {func(o *directory.Organization) { o.BlockedAt = ptr(noon) }},
		"unblocked":          {func(o *directory.Organization) { o.PendingGeneration++; o.BlockedAt = ptr(noon) }, func(o *directory.Organization) { o.BlockedAt = nil }},
		"all sessions ended": {func(o *directory.Organization) { o.PendingGeneration++ }},
	} {
		slug := name[:1] + "1"
		o, _ := organization(t, b, slug)
		other, _ := organization(t, b, slug+"-other")
		mine, theirs := insertPending(t, b, o), insertPending(t, b, other)
		mine.isThere(t, b)
		for _, change := range change {
			succeeds(t)(b.ChangeOrganization(ctx, o.ID.Key(), func(o *directory.Organization) *directory.SessionEnd { change(o); return nil }))
		}
		none[login.Code](t)(b.Code(ctx, mine.code.Hash))
		none[session.Ticket](t)(b.Ticket(ctx, mine.ticket.Key))
		none[directory.EmailUpdate](t)(b.EmailUpdate(ctx, mine.update.Key))
		e := session.Entry{Record: record(token.NewID(noon), mine.customer)}
		if redeemed, err := b.RedeemCode(ctx, login.Redemption{Hash: mine.code.Hash, Session: e}); err != nil || redeemed {
			t.Errorf("%s: redeeming a code: %v, %v", name, redeemed, err)
		}
		none[session.Record](t)(b.Session(ctx, e.ID.Key()))
		if _, found, err := b.ChangeCustomer(ctx, mine.customer.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { r.UsedEmailUpdate = mine.update.Key; return nil }); err != nil || found {
			t.Errorf("%s: using an email update: %v, %v", name, found, err)
		}
		theirs.isThere(t, b)

		blocked := name == "blocked"
		fresh := mine
		fresh.code.Hash[1], fresh.update.Key = 1, token.NewID(noon).Key()
		if inserted, err := b.InsertCode(ctx, fresh.code, -1, noon); err != nil || (inserted == login.CodeInserted) == blocked {
			t.Errorf("%s: inserting a code: %v, %v", name, inserted, err)
		}
		if inserted, err := b.InsertEmailUpdate(ctx, fresh.update); err != nil || inserted == blocked {
			t.Errorf("%s: inserting an email update: %v, %v", name, inserted, err)
		}
	}
}

// pendingRows are a customer with one pending row of each kind.
type pendingRows struct {
	customer directory.Customer
	code     login.Code
	ticket   session.Ticket
	update   directory.EmailUpdate
}

func insertPending(t *testing.T, b Backend, o directory.Organization) pendingRows {
	t.Helper()
	c := customer(t, b, o, "a@example.com")
	later := noon.Add(time.Hour)
	p := pendingRows{customer: c, code: code(o, 7, later), ticket: ticket(later)}
	copy(p.code.Hash[2:], o.Slug)
	insertCode(t, b, p.code)
	succeeds(t)(insertTicket(t, b, c, p.ticket))
	p.update = emailUpdate(t, b, c, "new@example.com", later)
	return p
}

func (p pendingRows) isThere(t *testing.T, b Backend) {
	t.Helper()
	ctx := t.Context()
	same(t, p.code)(b.Code(ctx, p.code.Hash))
	same(t, p.ticket)(b.Ticket(ctx, p.ticket.Key))
	same(t, p.update)(b.EmailUpdate(ctx, p.update.Key))
}

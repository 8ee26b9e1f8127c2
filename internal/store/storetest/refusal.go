package storetest

import (
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// refusals are writes that fail half way: nothing of them stays, and what was there before does.
func refusals(t *testing.T, b Backend) {
	ctx := t.Context()
	o, a := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	owner, err := ensureOwner(ctx, b, directory.Member{ID: token.NewID(noon), Customer: c.ID, Organization: o.ID, Role: directory.Owner, CreatedAt: noon})
	check(t, err)
	nowhere := token.NewID(noon)

	half := o
	half.ID, half.Slug = token.NewID(noon), "half"
	if inserted, err := b.InsertOrganization(ctx, half, a); err == nil || inserted {
		t.Errorf("an organization whose access token has a key that is there: %v, %v", inserted, err)
	}
	none[directory.Organization](t)(b.OrganizationBySlug(ctx, "half"))
	none[directory.Organization](t)(b.Organization(ctx, half.ID.Key()))

	stray := a
	stray.ID, stray.Organization = token.NewID(noon), nowhere
	if err := b.InsertAccessToken(ctx, stray); err == nil {
		t.Error("an access token of no organization was kept")
	}
	none[directory.AccessToken](t)(b.AccessToken(ctx, stray.ID.Key()))

	second := c
	second.ID, second.Email = token.NewID(noon), ptr("b@example.com")
	mine := owner
	mine.Customer = second.ID // and the key of another member
	if _, err := b.InsertCustomer(ctx, second, &mine); err == nil {
		t.Error("a customer whose owner has a key that is there was kept")
	}
	none[directory.Customer](t)(b.Customer(ctx, second.ID.Key()))
	same(t, owner)(b.Member(ctx, owner.ID.Key()))

	second.Organization = nowhere
	if _, err := b.InsertCustomer(ctx, second, nil); err == nil {
		t.Error("a customer of no organization was kept")
	}
	none[directory.Customer](t)(b.Customer(ctx, second.ID.Key()))

	nobodys := owner
	nobodys.ID, nobodys.Customer = token.NewID(noon), nowhere
	if _, err := ensureOwner(ctx, b, nobodys); err == nil {
		t.Error("an owner of no customer was kept")
	}
	none[directory.Member](t)(b.Member(ctx, nobodys.ID.Key()))

	// A session may name whom it likes; it stands only while they do.
	lost := record(token.NewID(noon), c)
	lost.Customer = nowhere.Key()
	kept(t)(b.InsertSession(ctx, session.Entry{Record: lost}))
	none[session.Record](t)(b.Session(ctx, lost.ID.Key()))

	same(t, o)(b.Organization(ctx, o.ID.Key()))
	same(t, c)(b.Customer(ctx, c.ID.Key()))
}

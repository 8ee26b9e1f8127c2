package storetest

import (
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// refusals checks that a write that fails halfway changes nothing.
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
		t.Errorf("inserting an organization with an existing token key: inserted %v, error %v", inserted, err)
	}
	none[directory.Organization](t)(b.OrganizationBySlug(ctx, "half"))
	none[directory.Organization](t)(b.Organization(ctx, half.ID.Key()))

	stray := a
	stray.ID, stray.Organization = token.NewID(noon), nowhere
	if err := insertAccessToken(ctx, b, stray, nil); err == nil {
		t.Error("an access token without an organization was inserted")
	}
	none[directory.AccessToken](t)(b.AccessToken(ctx, stray.ID.Key()))

	second := c
	second.ID, second.Email = token.NewID(noon), ptr("b@example.com")
	duplicate := owner
	duplicate.Customer = second.ID // the key is that of another member
	if _, err := b.InsertCustomer(ctx, second, &duplicate, nil); err == nil {
		t.Error("a customer with an existing member key was inserted")
	}
	none[directory.Customer](t)(b.Customer(ctx, second.ID.Key()))
	same(t, owner)(b.Member(ctx, owner.ID.Key()))

	second.Organization = nowhere
	if _, err := b.InsertCustomer(ctx, second, nil, nil); err == nil {
		t.Error("a customer without an organization was inserted")
	}
	none[directory.Customer](t)(b.Customer(ctx, second.ID.Key()))

	orphan := owner
	orphan.ID, orphan.Customer = token.NewID(noon), nowhere
	if _, err := ensureOwner(ctx, b, orphan); err == nil {
		t.Error("an owner without a customer was inserted")
	}
	none[directory.Member](t)(b.Member(ctx, orphan.ID.Key()))

	// The store inserts a session without checking its customer, but does not find the session if the customer does not exist.
	lost := record(token.NewID(noon), c)
	lost.Customer = nowhere.Key()
	succeeds(t)(b.InsertSession(ctx, session.Entry{Record: lost}))
	none[session.Record](t)(b.Session(ctx, lost.ID.Key()))

	same(t, o)(b.Organization(ctx, o.ID.Key()))
	same(t, c)(b.Customer(ctx, c.ID.Key()))
}

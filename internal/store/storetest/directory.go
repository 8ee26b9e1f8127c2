package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// same returns a check that a lookup has found exactly want.
func same[T any](t *testing.T, want T) func(got T, found bool, err error) {
	return func(got T, found bool, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		} else if !found {
			t.Errorf("%+v is not found", want)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the stored value differs:\n%s", diff)
		}
	}
}

// none returns a check that a lookup found nothing.
func none[T any](t *testing.T) func(got T, found bool, err error) {
	return func(got T, found bool, err error) {
		t.Helper()
		if err != nil || found {
			t.Errorf("got %+v, error %v, wanted nothing", got, err)
		}
	}
}

func organizations(t *testing.T, b Backend) {
	ctx := t.Context()
	none[directory.Organization](t)(b.Organization(ctx, 1))
	none[directory.Organization](t)(b.OrganizationBySlug(ctx, "acme"))
	o, a := organization(t, b, "acme")
	same(t, o)(b.Organization(ctx, o.ID.Key()))
	same(t, o)(b.OrganizationBySlug(ctx, "acme"))
	same(t, a)(b.AccessToken(ctx, a.ID.Key()))

	other := o
	other.ID = token.NewID(noon)
	rejected := a
	rejected.ID, rejected.Organization = token.NewID(noon), other.ID
	inserted, err := b.InsertOrganization(ctx, other, rejected)
	check(t, err)
	if inserted {
		t.Error("a slug was inserted twice")
	}
	none[directory.AccessToken](t)(b.AccessToken(ctx, rejected.ID.Key()))

	second := a
	second.ID, second.ExpiresAt, second.Scopes = token.NewID(noon), ptr(noon.Add(time.Hour)), []directory.Scope{directory.CustomersRead}
	check(t, insertAccessToken(ctx, b, second, nil))
	same(t, second)(b.AccessToken(ctx, second.ID.Key()))
}

func customers(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	full := directory.Customer{
		ID: token.NewID(noon), Organization: o.ID, Type: directory.Individual, ExternalID: ptr("ext"), Email: ptr("Änne@example.com"),
		EmailVerified: true, Name: ptr("Änne \"😀\""), Locale: ptr("de"),
		BillingAddress: &directory.Address{Line1: ptr("Straße 1"), Country: "DE"},
		Metadata:       map[string]any{"int": int64(1), "whole": 1.0, "big": int64(1 << 62), "float": 0.1, "bool": true, "string": "1"},
		CreatedAt:      noon, ModifiedAt: ptr(noon.Add(time.Microsecond)),
	}
	taken, err := b.InsertCustomer(ctx, full, nil, nil)
	check(t, err)
	if taken != (directory.Conflict{}) {
		t.Fatalf("conflict in an empty store: %+v", taken)
	}
	same(t, full)(b.Customer(ctx, full.ID.Key()))
	same(t, full)(b.CustomerByExternalID(ctx, o.ID.Key(), "ext"))
	none[directory.Customer](t)(b.CustomerByExternalID(ctx, o.ID.Key(), "EXT"))

	again := full
	again.ID, again.Email = token.NewID(noon), ptr("ÄNNE@EXAMPLE.com")
	for _, tt := range []struct {
		external *string
		email    *string
		want     directory.Conflict
	}{
		{full.ExternalID, again.Email, directory.Conflict{Email: true, ExternalID: true}},
		{nil, again.Email, directory.Conflict{Email: true}},
		{full.ExternalID, ptr("b@example.com"), directory.Conflict{ExternalID: true}},
	} {
		again.ExternalID, again.Email = tt.external, tt.email
		taken, err := b.InsertCustomer(ctx, again, nil, nil)
		check(t, err)
		if taken != tt.want {
			t.Errorf("the conflict is %+v, wanted %+v", taken, tt.want)
		}
		none[directory.Customer](t)(b.Customer(ctx, again.ID.Key()))
	}

	elsewhere, _ := organization(t, b, "other")
	again.Organization, again.ExternalID, again.Email = elsewhere.ID, full.ExternalID, full.Email
	if taken, err := b.InsertCustomer(ctx, again, nil, nil); err != nil || taken != (directory.Conflict{}) {
		t.Errorf("the same names in another organization: %+v, %v", taken, err)
	}
	for range 2 { // customers without names do not conflict
		bare := directory.Customer{ID: token.NewID(noon), Organization: o.ID, Type: directory.Team, Metadata: map[string]any{}, CreatedAt: noon}
		if taken, err := b.InsertCustomer(ctx, bare, nil, nil); err != nil || taken != (directory.Conflict{}) {
			t.Errorf("a team without names: %+v, %v", taken, err)
		}
		same(t, bare)(b.Customer(ctx, bare.ID.Key()))
	}
}

func members(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	owner := directory.Member{
		ID: token.NewID(noon), Customer: c.ID, Organization: o.ID, Email: c.Email, Name: ptr("Ada"), ExternalID: ptr("ext"),
		Role: directory.Owner, CreatedAt: noon,
	}
	none[directory.Member](t)(b.Member(ctx, owner.ID.Key()))
	got, err := ensureOwner(ctx, b, owner)
	same(t, owner)(got, true, err)
	later := owner
	later.ID = token.NewID(noon)
	got, err = ensureOwner(ctx, b, later)
	same(t, owner)(got, true, err)
	same(t, owner)(b.Member(ctx, owner.ID.Key()))
	same(t, owner)(b.MemberByExternalID(ctx, c.ID.Key(), "ext"))
	none[directory.Member](t)(b.MemberByExternalID(ctx, c.ID.Key(), "other"))
	none[directory.Member](t)(b.Member(ctx, later.ID.Key()))
}

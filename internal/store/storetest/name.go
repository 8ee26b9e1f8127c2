package storetest

import (
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// emails checks which email addresses count as equal: those that differ only in the case of letters of ASCII. Others can belong to different mailboxes.
func emails(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	for _, tt := range []struct {
		first, second string
		taken         bool
	}{
		{"ada@example.com", "ADA@Example.COM", true},
		{"Ärger@example.com", "ÄRGER@example.com", true},
		{"Österreich@example.com", "österreich@example.com", false},
		{"ЖЕНЯ@example.com", "женя@example.com", false},
		{"kim@example.com", "\u212Aim@example.com", false}, // the Kelvin sign
		{"sam@example.com", "\u017Fam@example.com", false}, // the long s
		{"\u0130da@example.com", "ida@example.com", false}, // the Turkish I with a dot
		{"stra\u00DFe@example.com", "strasse@example.com", false},
		{"resume@example.com", "résumé@example.com", false},
		{"eve@example.com", "eve+1@example.com", false},
		{"bob_@example.com", "bobx@example.com", false}, // an underscore is not a wildcard
		{"%@example.com", "percent@example.com", false},
	} {
		customer(t, b, o, tt.first)
		c := directory.Customer{
			ID: token.NewID(noon), Organization: o.ID, Type: directory.Individual, Email: &tt.second, Metadata: map[string]any{}, CreatedAt: noon,
		}
		taken, err := b.InsertCustomer(t.Context(), c, nil, nil)
		check(t, err)
		if taken.Email != tt.taken || taken.ExternalID {
			t.Errorf("inserting %s next to %s: conflict %+v, wanted %v", tt.second, tt.first, taken, tt.taken)
		}
		if tt.taken {
			none[directory.Customer](t)(b.Customer(t.Context(), c.ID.Key()))
		} else {
			same(t, c)(b.Customer(t.Context(), c.ID.Key()))
		}
	}
}

// memberNames checks that external ids of members are unique within their customer only.
func memberNames(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	var owners []directory.Member
	for _, email := range []string{"a@example.com", "b@example.com"} {
		id := token.NewID(noon)
		c := directory.Customer{ID: id, Organization: o.ID, Type: directory.Team, Email: &email, Metadata: map[string]any{}, CreatedAt: noon}
		m := directory.Member{
			ID: token.NewID(noon), Customer: id, Organization: o.ID, Email: &email, ExternalID: ptr("ext"), Role: directory.Owner, CreatedAt: noon,
		}
		if taken, err := b.InsertCustomer(ctx, c, &m, nil); err != nil || taken != (directory.Conflict{}) {
			t.Fatalf("a customer with its owner: %+v, %v", taken, err)
		}
		owners = append(owners, m)
	}
	for _, m := range owners {
		same(t, m)(b.Member(ctx, m.ID.Key()))
		same(t, m)(b.MemberByExternalID(ctx, m.Customer.Key(), "ext"))
		none[directory.Member](t)(b.MemberByExternalID(ctx, m.Customer.Key(), "Ext"))
		other := m
		other.ID = token.NewID(noon)
		got, err := ensureOwner(ctx, b, other)
		same(t, m)(got, true, err)
	}
}

package storetest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// values checks that extreme values survive the conversion to the engine and back.
func values(t *testing.T, b Backend) {
	ctx := t.Context()
	lowest, highest := token.IDOf(0, 0), token.IDOf(1<<63-1, 1<<59-1)
	for i, id := range []token.ID{lowest, highest} {
		slug := string("az"[i])
		o := directory.Organization{ID: id, Slug: slug, Name: slug, CreatedAt: noon}
		a := directory.AccessToken{ID: id, Organization: id, CreatedAt: noon}
		if inserted, err := b.InsertOrganization(ctx, o, a); err != nil || !inserted {
			t.Fatalf("organization %s: %v, %v", id, inserted, err)
		}
		same(t, o)(b.Organization(ctx, id.Key()))
		same(t, o)(b.OrganizationBySlug(ctx, slug))
		same(t, a)(b.AccessToken(ctx, id.Key()))
		c := directory.Customer{ID: id, Organization: id, Type: directory.Team, Metadata: map[string]any{}, CreatedAt: noon}
		m := directory.Member{ID: id, Customer: id, Organization: id, Role: directory.Owner, CreatedAt: noon}
		_, err := b.InsertCustomer(ctx, c, &m, nil)
		check(t, err)
		same(t, c)(b.Customer(ctx, id.Key()))
		same(t, m)(b.Member(ctx, id.Key()))
	}

	insert := func(change func(*directory.Customer)) directory.Customer {
		t.Helper()
		c := directory.Customer{ID: token.NewID(noon), Organization: highest, Type: directory.Team, Metadata: map[string]any{}, CreatedAt: noon}
		change(&c)
		_, err := b.InsertCustomer(ctx, c, nil, nil)
		check(t, err)
		return c
	}
	for _, at := range []time.Time{
		time.UnixMicro(0), time.UnixMicro(-1), time.UnixMicro(1), noon.Add(999 * time.Microsecond),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	} {
		at = at.UTC()
		c := insert(func(c *directory.Customer) { c.CreatedAt, c.ModifiedAt = at, &at })
		same(t, c)(b.Customer(ctx, c.ID.Key()))
	}
	for _, v := range []any{
		int64(0), int64(math.MaxInt64), int64(math.MinInt64), int64(1<<53 + 1),
		0.0, 1.0, -1.0, 0.1, 1e15, 1e16, 1e19, 1e21, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, float64(1 << 53),
		true, false, "", "1", "1.0", "null", "\"\\\n\t\x01\x7f", "\u2028<>&", "😀", strings.Repeat("ä", 500),
	} {
		c := insert(func(c *directory.Customer) { c.Metadata = map[string]any{"a \"name\"": v} })
		same(t, c)(b.Customer(ctx, c.ID.Key()))
	}
	for _, text := range []string{"", " ", "'; DROP TABLE customers; --", "$1", "ä", "a\nb", strings.Repeat("x", 5000)} {
		c := insert(func(c *directory.Customer) { c.Name, c.ExternalID, c.Locale = &text, &text, &text })
		same(t, c)(b.Customer(ctx, c.ID.Key()))
		same(t, c)(b.CustomerByExternalID(ctx, highest.Key(), text))
	}

	c := insert(func(c *directory.Customer) { c.Metadata = nil })
	c.Metadata = map[string]any{} // nil is stored as empty
	same(t, c)(b.Customer(ctx, c.ID.Key()))
}

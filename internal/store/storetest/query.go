package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

// longQueries runs the largest queries that internal/body accepts. Engines limit the depth of an expression, the length of a
// pattern and the size of an index entry.
func longQueries(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	c.ExternalID, c.Metadata = ptr(strings.Repeat("\U0001f600", 511)+"x"), map[string]any{}
	names := map[string][]string{}
	for n := range 100 {
		name := fmt.Sprintf("name %d", n)
		c.Metadata[name], names[name] = "value", []string{"value"}
	}
	if _, _, err := b.ChangeCustomer(t.Context(), c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { r.Customer = c; return nil }); err != nil {
		t.Fatal(err)
	}
	var values []string
	for n := range 99 {
		values = append(values, fmt.Sprint(n))
	}
	for name, tt := range map[string]struct {
		q    directory.CustomerQuery
		want int
	}{
		"many names":  {directory.CustomerQuery{Metadata: names}, 1},
		"many values": {directory.CustomerQuery{Metadata: map[string][]string{"name 1": append(values, "value")}}, 1},
		"no value":    {directory.CustomerQuery{Metadata: map[string][]string{"name 1": values}}, 0},
		"a long text": {directory.CustomerQuery{Text: ptr(strings.Repeat("%\U0001f600", 500))}, 0},
	} {
		tt.q.Organization, tt.q.Page = o.ID.Key(), directory.Page{Number: 1, Limit: 10}
		if page, total, err := b.Customers(t.Context(), tt.q); err != nil || total != tt.want || len(page) != tt.want {
			t.Errorf("%s: %d of %d, %v, wanted %d", name, len(page), total, err, tt.want)
		}
	}
	same(t, c)(b.CustomerByExternalID(t.Context(), o.ID.Key(), *c.ExternalID))
}

package storetest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	difference "github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// insertListed inserts a customer that was created n seconds after noon. If the name or email is empty, the customer has none.
// If f is not nil, it can change the customer before the insert.
func insertListed(t *testing.T, b Backend, o directory.Organization, n int, name, email string, f func(c *directory.Customer)) directory.Customer {
	t.Helper()
	at := noon.Add(time.Duration(n) * time.Second)
	c := directory.Customer{ID: token.NewID(at), Organization: o.ID, Type: directory.Team, Metadata: map[string]any{}, CreatedAt: at}
	if name != "" {
		c.Name = &name
	}
	if email != "" {
		c.Email = &email
	}
	if f != nil {
		f(&c)
	}
	if taken, err := b.InsertCustomer(t.Context(), c, nil, nil); err != nil || taken != (directory.Conflict{}) {
		t.Fatalf("%s, %s: %+v, %v", name, email, taken, err)
	}
	return c
}

// wantCustomers checks that the query returns exactly the customers with the names, in order, and their number as the total.
func wantCustomers(t *testing.T, b Backend, q directory.CustomerQuery, what string, want ...string) {
	t.Helper()
	if q.Page == (directory.Page{}) {
		q.Page = directory.Page{Number: 1, Limit: 100}
	}
	if q.Sort == nil {
		q.Sort = []directory.Sort{{By: "created_at"}}
	}
	page, total, err := b.Customers(t.Context(), q)
	check(t, err)
	got := []string{}
	for _, c := range page {
		name := "-"
		if c.Name != nil {
			name = *c.Name
		}
		got = append(got, name)
	}
	if diff := difference.Diff(append([]string{}, want...), got); diff != "" || total != len(want) {
		t.Errorf("%s: total %d, and the names differ:\n%s", what, total, diff)
	}
}

// customerPages checks that the pages of a list contain each customer exactly once.
func customerPages(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	var want []directory.Customer
	for i := range 23 {
		c := insertListed(t, b, o, i/4, "", "", func(c *directory.Customer) { // groups of four have the same creation time
			c.Metadata, c.BillingAddress = map[string]any{"n": int64(i)}, &directory.Address{Country: "DE"}
		})
		want = append(want, c)
		insertListed(t, b, elsewhere, i, "another organization's", "", nil)
		gone := insertListed(t, b, o, i, "deleted", "", nil)
		change(t, b, gone.ID, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) })
	}
	slices.SortFunc(want, func(a, b directory.Customer) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID.Key(), b.ID.Key()))
	})
	for _, limit := range []int{1, 5, 22, 23, 24, 1000} {
		for _, descending := range []bool{false, true} {
			q := directory.CustomerQuery{Organization: o.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: descending}}}
			got := []directory.Customer{}
			for n := 1; n <= len(want)+2; n++ {
				q.Page = directory.Page{Number: n, Limit: limit}
				page, total, err := b.Customers(ctx, q)
				check(t, err)
				if total != len(want) || len(page) != max(0, min(limit, len(want)-(n-1)*limit)) {
					t.Fatalf("page %d of %d has %d of %d", n, limit, len(page), total)
				}
				got = append(got, page...)
			}
			if descending {
				slices.Reverse(got)
			}
			if diff := difference.Diff(want, got); diff != "" {
				t.Errorf("pages of %d, descending %v:\n%s", limit, descending, diff)
			}
		}
	}
	for _, page := range []directory.Page{
		{Number: math.MaxInt, Limit: 10}, {Number: math.MaxInt, Limit: math.MaxInt}, {Number: 1<<62 + 1, Limit: 4}, {Number: 1<<60 + 1, Limit: 16},
		{Number: 0, Limit: 10}, {Number: -1, Limit: 10}, {Number: math.MinInt, Limit: 2}, {Number: 1, Limit: 0}, {Number: 1, Limit: -1},
	} {
		got, total, err := b.Customers(ctx, directory.CustomerQuery{Organization: o.ID.Key(), Sort: []directory.Sort{{By: "created_at"}}, Page: page})
		if err != nil || got == nil || len(got) > 0 || total != len(want) {
			t.Errorf("page %+v: %d of %d, %v, wanted an empty slice that is not nil", page, len(got), total, err)
		}
	}
	wantCustomers(t, b, directory.CustomerQuery{Organization: 42}, "an organization that does not exist")
}

// customerOrder checks that all engines sort in the same way: text by its bytes, and missing values last, or first in
// descending order.
func customerOrder(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	for i, row := range []struct{ name, email string }{
		{"b", "3@example.com"}, {"a", "1@example.com"}, {"", "9@example.com"}, {"B", ""}, {"a", "2@example.com"}, {"ä", "B@example.com"},
		{"a", ""}, {"", ""}, {"a b", "a@example.com"},
	} {
		insertListed(t, b, o, i, row.name, row.email, func(c *directory.Customer) { c.ExternalID = ptr(fmt.Sprint(i)) })
	}
	for _, tt := range []struct{ sort, want string }{
		{"created_at", "012345678"},
		{"-created_at", "876543210"},
		{"name", "314680527"},
		{"-name", "725086413"},
		{"email", "140258367"},
		{"-email", "763852041"},
		{"name email", "314680527"},
		{"name -email", "364180572"},
		{"-name email", "275081463"},
		{"name created_at", "314680527"},
		{"name -created_at", "364180572"},
		{"created_at name", "012345678"},
	} {
		q := directory.CustomerQuery{Organization: o.ID.Key(), Page: directory.Page{Number: 1, Limit: 100}}
		for by := range strings.FieldsSeq(tt.sort) {
			name, descending := strings.CutPrefix(by, "-")
			q.Sort = append(q.Sort, directory.Sort{By: name, Descending: descending})
		}
		page, _, err := b.Customers(t.Context(), q)
		check(t, err)
		var got strings.Builder
		for _, c := range page {
			got.WriteString(*c.ExternalID)
		}
		if got.String() != tt.want {
			t.Errorf("by %s: %s, wanted %s", tt.sort, got.String(), tt.want)
		}
	}
}

// customerSearch checks that a search ignores case and has no wildcards.
func customerSearch(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	insertListed(t, b, elsewhere, 0, "Ada Größe", "ada@example.com", nil)
	insertListed(t, b, o, 1, "Ada Größe", "ADA@Example.com", func(c *directory.Customer) { c.ExternalID = ptr("Ext_1") })
	insertListed(t, b, o, 2, "ÄRGER 100%", "b_b@example.com", func(c *directory.Customer) { c.ExternalID = ptr("extx1") })
	insertListed(t, b, o, 3, `wow! \o/ 'quoted'`, "bxb@example.com", func(c *directory.Customer) { c.BillingName = ptr("BILLING Öl") })
	insertListed(t, b, o, 4, "ЖЕНЯ", "", func(c *directory.Customer) { c.ExternalID = ptr("100%") })
	insertListed(t, b, o, 5, strings.Repeat("x", 5000), "", nil)
	change(t, b, insertListed(t, b, o, 6, "Ada too", "c@example.com", nil).ID, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) })
	for text, want := range map[string][]string{
		"ada":                       {"Ada Größe"},
		"ADA GRÖSSE":                {},
		"gRÖß":                      {"Ada Größe"},
		"ärger":                     {"ÄRGER 100%"},
		"Ärger":                     {"ÄRGER 100%"},
		"женя":                      {"ЖЕНЯ"},
		"100%":                      {"ÄRGER 100%", "ЖЕНЯ"},
		"0%":                        {"ÄRGER 100%"},
		"1%0":                       {},
		"b_b":                       {"ÄRGER 100%"},
		"wow!":                      {`wow! \o/ 'quoted'`},
		`\O/ '`:                     {`wow! \o/ 'quoted'`},
		"ext_":                      {"Ada Größe"},
		"EXT":                       {"Ada Größe", "ÄRGER 100%"},
		"_1":                        {}, // only a prefix of the external id matches
		"billing ö":                 {`wow! \o/ 'quoted'`},
		"example.com":               {"Ada Größe", "ÄRGER 100%", `wow! \o/ 'quoted'`},
		"!":                         {`wow! \o/ 'quoted'`},
		strings.Repeat("X", 5000):   {strings.Repeat("x", 5000)},
		strings.Repeat("x", 5001):   {},
		strings.Repeat("%", 60_000): {},
		"nobody":                    {},
	} {
		wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Text: &text}, fmt.Sprintf("text %.20q", text), want...)
	}
	for email, want := range map[string][]string{
		"ada@example.COM": {"Ada Größe"},
		"B_B@example.com": {"ÄRGER 100%"},
		"a@example.com":   {},
		"%@example.com":   {},
		"c@example.com":   {},
		"":                {},
	} {
		wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Email: &email}, "email "+email, want...)
	}
	wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Email: ptr("ada@example.com"), Text: ptr("ärger")}, "both must hold")
	wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Email: ptr("ada@example.com"), Text: ptr("größe")}, "both hold", "Ada Größe")
}

// customerMetadata checks that metadata filters compare values as they are written in JSON, and that all field names work.
func customerMetadata(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	odd := []string{"a.b", "$.a", `"quoted"`, "it's", `back\slash`, "[0]", "ä ö", "", "0", "-1", "\n", "*", "a", "😀"}
	all := map[string]any{}
	for _, name := range odd {
		all[name] = "of " + name
	}
	insertListed(t, b, elsewhere, 0, "another's", "", func(c *directory.Customer) { c.Metadata = all })
	insertListed(t, b, o, 1, "odd", "", func(c *directory.Customer) { c.Metadata = all })
	values := map[string]any{
		"1": int64(1), "1.0": 1.0, "0.1": 0.1, "0.30000000000000004": 0.30000000000000004, "1e+21": 1e21, "1e-7": 1e-7, "-0.0": math.Copysign(0, -1),
		"9223372036854775807": int64(math.MaxInt64), "-5": int64(-5), "true": true, "false": false, "": "", "One": "One", `"`: `"`, "ä\n": "ä\n", "null": "null",
	}
	for text, value := range values {
		insertListed(t, b, o, 2, text, "", func(c *directory.Customer) { c.Metadata = map[string]any{"v": value, "both": true}; c.Name = &text })
	}
	for _, name := range odd {
		insertListed(t, b, o, 3, "number "+name, "", func(c *directory.Customer) { c.Metadata = map[string]any{name: 1e21} })
	}
	insertListed(t, b, o, 3, "text", "", func(c *directory.Customer) { c.Metadata = map[string]any{"w": "1", "x": "true"} })
	insertListed(t, b, o, 4, "none", "", nil)
	for text := range values {
		wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Metadata: map[string][]string{"v": {text}}}, "value "+text, text)
	}
	for _, name := range odd {
		wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Metadata: map[string][]string{name: {"of " + name}}}, "name "+name, "odd")
		wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Metadata: map[string][]string{name: {"1e+21"}}}, "number under "+name, "number "+name)
	}
	for _, tt := range []struct {
		what     string
		metadata map[string][]string
		want     []string
	}{
		{"a text like an integer", map[string][]string{"w": {"1"}}, []string{"text"}},
		{"a text like a boolean", map[string][]string{"x": {"true"}}, []string{"text"}},
		{"several names", map[string][]string{"w": {"1"}, "x": {"true"}}, []string{"text"}},
		{"several names, of which one is wrong", map[string][]string{"w": {"1"}, "x": {"false"}}, nil},
		{"several values, of which one is right", map[string][]string{"w": {"0", "1"}}, []string{"text"}},
		{"another case", map[string][]string{"v": {"one"}}, nil},
		{"another way to write a number", map[string][]string{"v": {"1.00"}}, nil},
		{"a part", map[string][]string{"v": {"On"}}, nil},
		{"a name that nobody has", map[string][]string{"nobody": {"null"}}, nil},
		{"no name, and nothing", map[string][]string{"nobody": {""}}, nil},
		{"a path", map[string][]string{"$": {"odd"}}, nil},
	} {
		wantCustomers(t, b, directory.CustomerQuery{Organization: o.ID.Key(), Metadata: tt.metadata}, tt.what, tt.want...)
	}
}

package polar

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// List is one page of a list.
type List[T any] struct {
	Items      []T        `json:"items"`
	Pagination Pagination `json:"pagination"`
}

func (l *List[T]) check() error {
	if l.Items == nil {
		return errors.New("items is missing or null")
	}
	for i := range l.Items {
		if item, ok := any(&l.Items[i]).(checker); ok {
			if err := item.check(); err != nil {
				return fmt.Errorf("items.%d: %w", i, err)
			}
		}
	}
	return nil
}

// Pagination describes the size of a list.
type Pagination struct {
	// TotalCount is the number of entries on all pages.
	TotalCount int `json:"total_count"`
	// MaxPage is the number of the last page, counted from 1. Zero means that the list is empty.
	MaxPage int `json:"max_page"`
}

// Page selects a page of a list. The zero value is the first page. An iterator continues from this page to the last, and
// may use other page sizes.
//
// An iterator yields each entry that exists during the whole iteration once, although other entries are created, deleted
// or revoked meanwhile, by the loop itself or by others. It may also yield entries that are created meanwhile. So a loop
// in ascending order that creates an entry in each step does not end.
//
// On a Postern server, this holds for lists in the order [SortCreatedAt] or its reverse, and for lists without a choice of
// orders. The server then finds the next page by the ID of the last entry. On Polar, and in other orders, pages have
// numbers, and every request overlaps the entries that were read before. If it contains none of them, the iterator reads
// backward until one reappears, and it remembers the IDs of all entries that it has yielded. An entry can be skipped only
// if its position among the others changes, or if others change the list while the server reads one page.
type Page struct {
	// Number is counted from 1. Default: 1.
	Number int
	// Size is the number of entries on a page, from 1 to 100. Default: 100.
	Size int
}

// maxPageSize is the largest page size that the API accepts.
const maxPageSize = 100

func (p Page) query() url.Values {
	return url.Values{
		"page":  {strconv.Itoa(orDefault(p.Number, 1))},
		"limit": {strconv.Itoa(orDefault(p.Size, maxPageSize))},
	}
}

// Sort is a field to sort a list by, in ascending order. A leading "-", which [Sort.Desc] adds, means descending order.
type Sort string

// Fields to sort by. The parameters of each list name the fields that the list accepts.
const (
	SortCreatedAt  Sort = "created_at"
	SortEmail      Sort = "email"
	SortName       Sort = "name"
	SortSlug       Sort = "slug"
	SortRole       Sort = "role"
	SortExpiresAt  Sort = "expires_at"
	SortComment    Sort = "comment"
	SortLastUsedAt Sort = "last_used_at"
)

// Desc returns the reverse order.
func (s Sort) Desc() Sort {
	if len(s) > 0 && s[0] == '-' {
		return s[1:]
	}
	return "-" + s
}

// filters is the query of a list request.
type filters url.Values

// addText adds a filter unless value is empty.
func (f filters) addText(name, value string) {
	if value != "" {
		f[name] = []string{value}
	}
}

// addTime adds a time, unless it is zero.
func (f filters) addTime(name string, t time.Time) {
	if !t.IsZero() {
		f[name] = []string{t.UTC().Format(time.RFC3339Nano)}
	}
}

// addSort adds the sort orders.
func (f filters) addSort(orders []Sort) {
	for _, s := range orders {
		f["sorting"] = append(f["sorting"], string(s))
	}
}

// entry is a pointer to an entry of a list that an iterator reads.
type entry[T any] interface {
	*T
	entryID() string
}

func (s *CustomerSessionInfo) entryID() string     { return string(s.ID) }
func (s *CustomerPortalSession) entryID() string   { return string(s.ID) }
func (c *Customer) entryID() string                { return string(c.ID) }
func (m *Member) entryID() string                  { return string(m.ID) }
func (m *CustomerPortalMember) entryID() string    { return string(m.ID) }
func (o *Organization) entryID() string            { return string(o.ID) }
func (t *OrganizationAccessToken) entryID() string { return string(t.ID) }
func (e *WebhookEndpoint) entryID() string         { return string(e.ID) }
func (d *WebhookDelivery) entryID() string         { return string(d.ID) }
func (e *AuditLogEntry) entryID() string           { return string(e.ID) }

// iterate returns an iterator over the entries from page to the end of the list. It copies its arguments and sends no
// request before the first step. It yields an error once, with a nil entry, and then stops. Each range statement starts
// at the first page again.
func iterate[T any, P entry[T]](ctx context.Context, core *Core, c call, page Page, opts []Option) iter.Seq2[*T, error] {
	opts = slices.Clone(opts)
	return func(yield func(*T, error) bool) {
		w := walk[T, P]{ctx: ctx, core: core, call: c, opts: opts, yield: yield}
		if err := w.run(page); err != nil {
			yield(nil, err)
		}
	}
}

// fetchPage returns one page.
func fetchPage[T any](ctx context.Context, core *Core, c call, page Page, opts []Option) (*List[T], error) {
	query := page.query()
	for name, values := range c.query {
		query[name] = values
	}
	c.query = query
	return fetch[List[T]](ctx, core, c, opts)
}

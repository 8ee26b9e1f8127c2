package polar

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
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

// Page selects a page of a list. The zero value is the first page. An iterator continues from this page to the last.
//
// The server computes pages for each request. If entries are added or removed while an iterator runs, it may yield an
// entry twice or skip one.
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

// addSort adds the sort orders.
func (f filters) addSort(orders []Sort) {
	for _, s := range orders {
		f["sorting"] = append(f["sorting"], string(s))
	}
}

// iterate returns an iterator over the entries of all pages. It copies its arguments and sends no request before the
// first step. It yields an error once, with a nil entry, and then stops. Each range statement starts at the first page
// again.
func iterate[T any](ctx context.Context, core *Core, c call, page Page, opts []Option) iter.Seq2[*T, error] {
	opts = slices.Clone(opts)
	return func(yield func(*T, error) bool) {
		for number := orDefault(page.Number, 1); ; number++ {
			list, err := fetchPage[T](ctx, core, c, Page{number, page.Size}, opts)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range list.Items {
				if !yield(&list.Items[i], nil) {
					return
				}
			}
			if number >= list.Pagination.MaxPage || len(list.Items) == 0 {
				return
			}
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

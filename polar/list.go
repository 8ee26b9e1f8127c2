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

// List is one page of a list, as every list route answers.
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

// Pagination says how long a list is.
type Pagination struct {
	// TotalCount is how many entries there are on all pages.
	TotalCount int `json:"total_count"`
	// MaxPage is the number of the last page, counted from 1; 0 for an empty list.
	MaxPage int `json:"max_page"`
}

// Page says which part of a list to fetch. The zero value is the first page; an iterator goes on from there to the last.
//
// Pages are counted anew at each request: of entries that come or go meanwhile, an iterator may see one twice, or not at all.
type Page struct {
	// Number is counted from 1; 0 stands for 1.
	Number int
	// Size is how many entries a page has, 1 to 100; 0 stands for 100.
	Size int
}

// maxPageSize is what the API serves on a page at most.
const maxPageSize = 100

func (p Page) query() url.Values {
	return url.Values{
		"page":  {strconv.Itoa(orDefault(p.Number, 1))},
		"limit": {strconv.Itoa(orDefault(p.Size, maxPageSize))},
	}
}

// Sort is an order of a list: by a field, ascending, or descending if it begins with "-", which [Sort.Desc] does.
type Sort string

// What lists can be sorted by; which of them a list knows, its parameters say.
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

// Desc is the same order from the other end.
func (s Sort) Desc() Sort {
	if len(s) > 0 && s[0] == '-' {
		return s[1:]
	}
	return "-" + s
}

// filters are the query of a list.
type filters url.Values

// text adds a filter, unless it is empty.
func (f filters) addText(name, value string) {
	if value != "" {
		f[name] = []string{value}
	}
}

// sort adds the orders.
func (f filters) addSort(orders []Sort) {
	for _, s := range orders {
		f["sorting"] = append(f["sorting"], string(s))
	}
}

// pages makes a list into an iterator. It keeps what it is given as it is now, fetches nothing before the first step, and ends
// with the first error, with which it yields nil. Each range begins anew.
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

// onePage fetches one page.
func fetchPage[T any](ctx context.Context, core *Core, c call, page Page, opts []Option) (*List[T], error) {
	query := page.query()
	for name, values := range c.query {
		query[name] = values
	}
	c.query = query
	return fetch[List[T]](ctx, core, c, opts)
}

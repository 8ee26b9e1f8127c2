package polar

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// walk is one iteration over a list.
type walk[T any, P entry[T]] struct {
	ctx   context.Context
	core  *Core
	call  call
	opts  []Option
	yield func(*T, error) bool
	size  int             // of pages
	seen  map[string]bool // the IDs of the entries that were yielded by number
}

// pagingHeader is a header of the response to a list request with the parameter after, if the server honors the parameter.
const pagingHeader, pagingByKey = "Postern-Paging", "key"

// run yields the entries from page to the end of the list. It returns an error of a request.
//
// If the caller gave no order, the entries come in ascending order of creation, because new entries then do not move the
// others.
func (w *walk[T, P]) run(page Page) error {
	if page.Number < 0 || page.Size < 0 {
		_, err := w.fetch(page.query())
		return err // the server refuses the page
	}
	number := orDefault(page.Number, 1)
	w.size = min(orDefault(page.Size, maxPageSize), maxPageSize)
	first := pageQuery(number, w.size)
	sorting := w.call.query["sorting"]
	if w.call.op.sortable && len(sorting) == 0 {
		sorting = []string{string(SortCreatedAt)}
		first["sorting"] = sorting
	}
	if len(sorting) == 0 || sorting[0] == string(SortCreatedAt) || sorting[0] == string(SortCreatedAt.Desc()) {
		first["after"] = []string{""}
	}
	list, err := w.fetch(first)
	if err != nil {
		return err
	}
	if list.byKey {
		return w.byKey(list, sorting)
	}
	return w.byNumber(list, (number-1)*w.size, number, sorting)
}

func pageQuery(number, size int) url.Values {
	return url.Values{"page": {strconv.Itoa(number)}, "limit": {strconv.Itoa(size)}}
}

// keyedList is a page of a list.
type keyedList[T any] struct {
	List[T]
	byKey bool // the server honors the parameter after
}

func (w *walk[T, P]) fetch(query url.Values) (*keyedList[T], error) {
	c := w.call
	maps.Copy(query, c.query)
	c.query = query
	list, header, err := fetchResponse[List[T]](w.ctx, w.core, c, w.opts)
	if err != nil {
		return nil, err
	}
	return &keyedList[T]{*list, header.Get(pagingHeader) == pagingByKey}, nil
}

// byKey yields list and the pages that follow it. Each request asks for the entries after the last one.
func (w *walk[T, P]) byKey(list *keyedList[T], sorting []string) error {
	for {
		for i := range list.Items {
			if !w.yield(&list.Items[i], nil) {
				return nil
			}
		}
		if len(list.Items) < w.size {
			return nil
		}
		query := url.Values{"limit": {strconv.Itoa(w.size)}, "after": {P(&list.Items[len(list.Items)-1]).entryID()}}
		if len(sorting) > 0 {
			query["sorting"] = sorting
		}
		var err error
		if list, err = w.fetch(query); err != nil {
			return err
		}
		if !list.byKey { // the pages could repeat for ever
			return fmt.Errorf("polar: %s: the server no longer pages by key", w.call.op.name)
		}
	}
}

// byNumber yields list, which is the page with that number and begins at offset, and the pages that follow it.
//
// In a stable order, whatever precedes a yielded entry was yielded before, unless it is new. So the entries to yield are
// those that follow the last yielded entry. Deleted entries move them to lower positions. If a page contains no yielded
// entry, byNumber therefore goes back, at most to the offset of the first page.
func (w *walk[T, P]) byNumber(list *keyedList[T], offset, number int, sorting []string) error {
	start, size := offset, w.size
	w.seen = map[string]bool{}
	for {
		from := slices.IndexFunc(list.Items, func(item T) bool { return w.seen[P(&item).entryID()] })
		if from < 0 && offset > start {
			size = maxPageSize
			number = (offset-1)/size + 1
		} else {
			if from < 0 {
				from = min(start-offset, len(list.Items))
			}
			if !w.yieldNew(list.Items[from:]) {
				return nil
			}
			if len(list.Items) < size || number >= list.Pagination.MaxPage {
				return nil
			}
			number, size = overlap(offset+len(list.Items)-1, max(w.size, minOverlap))
		}
		offset = (number - 1) * size
		query := pageQuery(number, size)
		if len(sorting) > 0 {
			query["sorting"] = sorting
		}
		var err error
		if list, err = w.fetch(query); err != nil {
			return err
		}
	}
}

// yieldNew yields the entries that were not yielded before. It reports false if the loop has ended.
func (w *walk[T, P]) yieldNew(items []T) bool {
	for i := range items {
		id := P(&items[i]).entryID()
		if w.seen[id] {
			continue
		}
		w.seen[id] = true
		if !w.yield(&items[i], nil) {
			return false
		}
	}
	return true
}

// minOverlap is the least page size with which pages overlap, since two entries of each page are known.
const minOverlap = 10

// overlap returns a page that contains the entry at the index last, the entry before it, and as many entries after it as
// possible. The page is not larger than most, unless such a page would contain no entry after last.
func overlap(last, most int) (number, size int) {
	before, furthest := max(last-1, 0), 0
	for n := 1; n <= maxPageSize && (n <= most || furthest <= last+1); n++ {
		if page := before / n; (page+1)*n > furthest {
			number, size, furthest = page+1, n, (page+1)*n
		}
	}
	return number, size
}

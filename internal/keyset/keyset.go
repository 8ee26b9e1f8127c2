// Package keyset describes pages of a list by the row next to them, and not by their number. Reading such a page costs the same
// at the start and at the end of a list of a million rows.
//
//	first, err := store.BrowseSessions(ctx, session.BrowseQuery{Range: keyset.Range{Limit: 50}, …})
//	second, err := store.BrowseSessions(ctx, session.BrowseQuery{Range: keyset.Range{Limit: 50, After: first.Next}, …})
package keyset

import "github.com/postern-go/postern/internal/token"

// Range selects a page: the first one, the rows after or before the row with a key, or the last page. The row with the key may be
// deleted.
type Range struct {
	// After and Before are the key of the row before the page, and of the row after it. At most one of them is not 0.
	After, Before token.Key
	// Last selects the last page, if After and Before are 0.
	Last bool
	// Limit is the number of rows of a page.
	Limit int
	// Uncounted leaves out the count.
	Uncounted bool
}

// Backward reports whether the page is read from its end.
func (r Range) Backward() bool { return r.After == 0 && (r.Before != 0 || r.Last) }

// Key returns the key next to the page. It returns 0 for the first and the last page.
func (r Range) Key() token.Key {
	if r.After != 0 {
		return r.After
	}
	return r.Before
}

// Page is a page of a list.
type Page[T any] struct {
	Rows []T
	// Previous is the key for [Range].Before of the previous page, and Next the key for [Range].After of the next page. They are 0
	// if there is no such page. A page can have fewer rows than the limit, or none, and still have a next page: the store reads a
	// bounded number of rows for a page, and few of them may match.
	Previous, Next token.Key
	Count          Count
}

// Count is the number of rows of a list.
type Count struct {
	N int
	// More reports whether the list may have more than N rows, because counting has stopped at a bound.
	More bool
}

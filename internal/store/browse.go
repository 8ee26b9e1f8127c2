package store

import (
	"context"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

const (
	// browseCount is the highest number of rows that counts for pages by key return.
	browseCount = 10_000
	// browseRows is how many rows such a page and its count read at most, whether the rows match or not.
	browseRows = 20_000
)

// browsed is a list in the order of its keys, in which few rows may match. Its pages and its count read a bounded number of rows, so
// they take about the same time everywhere in a list of any length.
type browsed struct {
	// from is the table with its alias, and key the column of the key.
	from, key  string
	descending bool
	// sources are conditions that select disjoint parts of the list. An index has the rows of each part in the order of their keys.
	sources []func(w *where)
	// filter adds the conditions of matching rows. It may be nil.
	filter func(w *where)
	// rows is the maximum number of rows to read. 0 means browseRows.
	rows int
}

func (b browsed) each() int {
	rows := b.rows
	if rows == 0 {
		rows = browseRows
	}
	return max(1, rows/max(1, len(b.sources)))
}

// downward reports whether keys descend in the direction in which a page is read.
func (b browsed) downward(backward bool) bool { return b.descending != backward }

func orderByKey(key string, downward bool) string {
	if downward {
		return ` ORDER BY ` + key + ` DESC`
	}
	return ` ORDER BY ` + key
}

// part returns the conditions of a source for the rows beyond the key at. It also returns the key at which the part ends, because it
// has as many rows as may be read. The end is 0 if the part has all rows of the source.
func (b browsed) part(ctx context.Context, q querier, source func(w *where), at token.Key, backward bool) (w where, end token.Key, err error) {
	down := b.downward(backward)
	source(&w)
	beyond, upTo := b.key+` > `, b.key+` <= `
	if down {
		beyond, upTo = b.key+` < `, b.key+` >= `
	}
	if at != 0 {
		w.add(beyond, at)
	}
	last := `SELECT ` + b.key + ` FROM ` + b.from + w.String() + orderByKey(b.key, down) + ` LIMIT 1 OFFSET ` + w.arg(b.each()-1)
	end, found, err := find(q.queryRow(ctx, last, w.args...), scanKey)
	if err != nil {
		return w, 0, err
	}
	w.args = w.args[:len(w.args)-1]
	if found {
		w.add(upTo, end)
	}
	if b.filter != nil {
		b.filter(&w)
	}
	return w, end, nil
}

// page returns the keys of a page, in the order of the list, and the keys for the pages before and after it.
func (b browsed) page(ctx context.Context, q querier, r keyset.Range) (keys []token.Key, previous, next token.Key, err error) {
	down := b.downward(r.Backward())
	compare := func(a, b token.Key) int {
		if (a < b) != down {
			return -1
		}
		return 1
	}
	var end token.Key // the nearest end of a part; rows beyond it are not complete
	for _, source := range b.sources {
		w, ends, err := b.part(ctx, q, source, r.Key(), r.Backward())
		if err != nil {
			return nil, 0, 0, err
		}
		found, err := all(scanKey)(q.query(ctx, `SELECT `+b.key+` FROM `+b.from+w.String()+orderByKey(b.key, down)+` LIMIT `+w.arg(r.Limit+1), w.args...))
		if err != nil {
			return nil, 0, 0, err
		}
		keys = append(keys, found...)
		if ends != 0 && (end == 0 || compare(ends, end) < 0) {
			end = ends
		}
	}
	slices.SortFunc(keys, compare)
	if end != 0 {
		keys = slices.DeleteFunc(keys, func(k token.Key) bool { return k != end && compare(k, end) > 0 })
	}
	var beyond token.Key // where reading continues in its direction
	switch {
	case len(keys) > r.Limit:
		keys = keys[:r.Limit]
		beyond = keys[r.Limit-1]
	case end != 0:
		beyond = end
	}
	return b.oriented(r, keys, beyond)
}

// oriented puts the keys of a page into the order of the list. beyond is the key at which reading continues in its direction, or 0.
func (b browsed) oriented(r keyset.Range, keys []token.Key, beyond token.Key) ([]token.Key, token.Key, token.Key, error) {
	behind := r.Key() // where reading continues in the other direction
	if behind != 0 && len(keys) > 0 {
		behind = keys[0]
	} else if behind != 0 { // the row with the key belongs to the page before
		if b.downward(r.Backward()) {
			behind--
		} else {
			behind++
		}
	}
	if !r.Backward() {
		return keys, behind, beyond, nil
	}
	slices.Reverse(keys)
	return keys, beyond, behind, nil
}

// count counts the matching rows from the start of the list.
func (b browsed) count(ctx context.Context, q querier) (keyset.Count, error) {
	var c keyset.Count
	for _, source := range b.sources {
		w, end, err := b.part(ctx, q, source, 0, false)
		if err != nil {
			return c, err
		}
		var n int
		counted := `SELECT count(*) FROM (SELECT ` + b.key + ` FROM ` + b.from + w.String() + ` LIMIT ` + w.arg(browseCount+1) + `) counted`
		if err := q.queryRow(ctx, counted, w.args...).Scan(&n); err != nil {
			return c, err
		}
		c.N += n
		c.More = c.More || end != 0
	}
	if c.N > browseCount {
		c = keyset.Count{N: browseCount, More: true}
	}
	return c, nil
}

// browse reads a page of a list and its count. read returns the rows with the keys, in their order.
func browse[T any](ctx context.Context, q querier, b browsed, r keyset.Range, read func(w *where, in string) ([]T, error)) (p keyset.Page[T], err error) {
	keys, previous, next, err := b.page(ctx, q, r)
	if err != nil {
		return p, err
	}
	p.Previous, p.Next = previous, next
	if !r.Uncounted {
		if p.Count, err = b.count(ctx, q); err != nil {
			return p, err
		}
	}
	if len(keys) == 0 {
		return p, nil
	}
	p.Rows, err = readKeys(keys, b.key, orderByKey(b.key, b.descending), read)
	return p, err
}

// readKeys calls read with the conditions and the order that select the rows with the keys.
func readKeys[T any](keys []token.Key, column, order string, read func(w *where, tail string) ([]T, error)) ([]T, error) {
	var w where
	w.addKeys(column, keys)
	return read(&w, w.String()+order)
}

// addKeys adds a condition for the rows with one of the keys.
func (w *where) addKeys(column string, keys []token.Key) {
	in := make([]string, len(keys))
	for i, key := range keys {
		in[i] = w.arg(key)
	}
	w.add(column + ` IN (` + strings.Join(in, `, `) + `)`)
}

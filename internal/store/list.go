package store

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// where collects the conditions of a WHERE clause and their arguments.
type where struct {
	conditions []string
	args       []any
	// countQuery returns the number of matching rows, with the same arguments. If it is empty, list counts the rows.
	countQuery string
}

// arg adds an argument and returns its placeholder.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// add adds a condition. The placeholder of arg, if given, is appended to the condition.
func (w *where) add(condition string, arg ...any) {
	for _, v := range arg {
		condition += w.arg(v)
	}
	w.conditions = append(w.conditions, condition)
}

// addID adds a condition for the rows that refer to the row of table with the ID. If there is no such row, no row matches. A condition
// for the key alone would also match the ID of a row that has the same key and another tail.
func (w *where) addID(column, table string, id token.ID) {
	w.add(column + ` = (SELECT key FROM ` + table + ` WHERE key = ` + w.arg(id.Key()) + ` AND tail = ` + w.arg(id.Tail()) + `)`)
}

func (w *where) String() string { return " WHERE " + strings.Join(w.conditions, " AND ") }

// list returns a page of an organization's rows and the number of rows on all pages. from is the table with its alias, which the
// conditions use. The number can be up to [longestReuse] old if counting the rows takes long.
//
// If page.After is set, list reads the rows that follow the row with that key in an index range. The row may be deleted. sort must be
// by created_at.
//
// A subquery finds the keys of the page, if possible in an index alone, so that skipped rows are not read. For a page in the
// second half of the list, the subquery counts from the end.
func list[T any](ctx context.Context, s *Store, org token.Key, scan func(row) (T, error), selectRows string, w where, from, alias string,
	sort []directory.Sort, page directory.Page) (rows []T, total int, err error) {
	err = s.scan(ctx, org, func(q querier) error {
		rows, total, err = listWith(ctx, s, q, scan, selectRows, w, from, alias, sort, page)
		return err
	})
	return rows, total, err
}

func listWith[T any](ctx context.Context, s *Store, q querier, scan func(row) (T, error), selectRows string, w where, from, alias string,
	sort []directory.Sort, page directory.Page) ([]T, int, error) {
	if w.countQuery == "" {
		w.countQuery = `SELECT count(*) FROM ` + from + w.String()
	}
	total, exact, err := s.count(ctx, q, countKey(w.countQuery, w.args), w.countQuery, w.args)
	if err != nil {
		return nil, 0, err
	}
	if page.After != 0 {
		rows, err := listAfter(ctx, q, scan, selectRows, w, from, alias, sort, page)
		return rows, total, err
	}
	skip, ok := skipped(page)
	if !ok || exact && skip >= total {
		return []T{}, total, nil
	}
	limit, order := page.Limit, orderBy(alias, sort, false)
	keyOrder := order
	if exact {
		limit = min(limit, total-skip)
		if behind := total - skip - limit; behind < skip {
			skip, keyOrder = behind, orderBy(alias, sort, true)
		}
	}
	keys := `SELECT ` + alias + `.key FROM ` + from + w.String() + keyOrder + ` LIMIT ` + w.arg(limit) + ` OFFSET ` + w.arg(skip)
	rows, err := all(scan)(q.query(ctx, selectRows+` WHERE `+alias+`.key IN (`+keys+`)`+order, w.args...))
	if !exact {
		total = corrected(total, skip, len(rows), limit)
	}
	return rows, total, err
}

// skipped returns the number of rows before a page. It reports false for a page with a number that is too large for
// any list.
func skipped(page directory.Page) (rows int, ok bool) {
	if page.Number < 1 || page.Limit < 1 || page.Number-1 > math.MaxInt/page.Limit {
		return 0, false
	}
	return (page.Number - 1) * page.Limit, true
}

// listAfter returns the rows that follow the row with the key page.After.
func listAfter[T any](ctx context.Context, q querier, scan func(row) (T, error), selectRows string, w where, from, alias string,
	sort []directory.Sort, page directory.Page) ([]T, error) {
	at, found, err := find(q.queryRow(ctx, `SELECT created_at FROM `+from+` WHERE key = $1`, page.After), scanMicros)
	if err != nil {
		return nil, err
	}
	if !found { // an id from elsewhere: its position is the time in its key
		at = micros(page.After.Time())
	}
	follows := ` > (`
	if len(sort) > 0 && sort[0].Descending {
		follows = ` < (`
	}
	w.add(`(` + alias + `.created_at, ` + alias + `.key)` + follows + w.arg(at) + `, ` + w.arg(page.After) + `)`)
	order := orderBy(alias, sort, false)
	keys := `SELECT ` + alias + `.key FROM ` + from + w.String() + order + ` LIMIT ` + w.arg(page.Limit)
	return all(scan)(q.query(ctx, selectRows+` WHERE `+alias+`.key IN (`+keys+`)`+order, w.args...))
}

func scanMicros(r row) (at int64, err error) {
	err = r.Scan(&at)
	return at, err
}

// orderBy returns an ORDER BY clause for the columns of sort. Rows that are equal in all columns are ordered by their creation
// time, in the direction of the last column. backwards reverses the whole order. The column names become part of the SQL, so
// callers must pass only known names.
func orderBy(alias string, sort []directory.Sort, backwards bool) string {
	direction := map[bool]string{false: ``, true: ` DESC`}
	nulls := map[bool]string{false: ` NULLS LAST`, true: ` NULLS FIRST`}
	var b strings.Builder
	b.WriteString(` ORDER BY `)
	descending, byAge := backwards, false
	for _, s := range sort {
		descending = s.Descending != backwards
		b.WriteString(alias + `.` + s.By + direction[descending])
		if s.By == "created_at" {
			byAge = true
			break // creation times are practically unique, so further columns have no effect
		}
		b.WriteString(nulls[descending] + `, `)
	}
	if !byAge {
		b.WriteString(alias + `.created_at` + direction[descending])
	}
	b.WriteString(`, ` + alias + `.key` + direction[descending])
	return b.String()
}

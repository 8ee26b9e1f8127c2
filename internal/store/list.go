package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/directory"
)

// where collects conditions and their arguments.
type where struct {
	conditions []string
	args       []any
	// counted is a query for how many rows there are, with the same arguments; "" counts them.
	counted string
}

// arg adds an argument and returns its placeholder.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// add adds a condition that ends with its argument, if it has one.
func (w *where) add(condition string, arg ...any) {
	for _, v := range arg {
		condition += w.arg(v)
	}
	w.conditions = append(w.conditions, condition)
}

func (w *where) String() string { return " WHERE " + strings.Join(w.conditions, " AND ") }

// list returns a page, and how many rows there are on all pages. from is the table and its alias, which the conditions use.
//
// The page is found by keys alone, where an index has all that is asked for, and only then are its rows read: what is
// skipped costs an index entry, not a row. A page of the second half is looked for from the end.
func list[T any](ctx context.Context, s *Store, scan func(row) (T, error), selectRows string, w where, from, alias string,
	sort []directory.Sort, page directory.Page) ([]T, int, error) {
	if w.counted == "" {
		w.counted = `SELECT count(*) FROM ` + from + w.String()
	}
	var total int
	if err := s.queryRow(ctx, w.counted, w.args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	if page.Number < 1 || page.Limit < 1 || page.Number > (total-1)/page.Limit+1 {
		return []T{}, total, nil
	}
	skip := (page.Number - 1) * page.Limit
	limit, order := min(page.Limit, total-skip), orderBy(alias, sort, false)
	near := order
	if behind := total - skip - limit; behind < skip {
		skip, near = behind, orderBy(alias, sort, true)
	}
	keys := `SELECT ` + alias + `.key FROM ` + from + w.String() + near + ` LIMIT ` + w.arg(limit) + ` OFFSET ` + w.arg(skip)
	rows, err := all(scan)(s.query(ctx, selectRows+` WHERE `+alias+`.key IN (`+keys+`)`+order, w.args...))
	return rows, total, err
}

// orderBy orders by the columns, and by age where they are equal, in the direction of the last; or all of it backwards. The
// names of columns come from those whom the readers of queries let through.
func orderBy(alias string, sort []directory.Sort, backwards bool) string {
	direction := map[bool]string{false: ``, true: ` DESC`}
	nulls := map[bool]string{false: ` NULLS LAST`, true: ` NULLS FIRST`}
	var b strings.Builder
	b.WriteString(` ORDER BY `)
	descending, aged := backwards, false
	for _, s := range sort {
		descending = s.Descending != backwards
		b.WriteString(alias + `.` + s.By + direction[descending])
		if s.By == "created_at" {
			aged = true
			break // no two rows that are left differ but by chance
		}
		b.WriteString(nulls[descending] + `, `)
	}
	if !aged {
		b.WriteString(alias + `.created_at` + direction[descending])
	}
	b.WriteString(`, ` + alias + `.key` + direction[descending])
	return b.String()
}

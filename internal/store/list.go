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
// skipped costs an index entry, not a row.
func list[T any](ctx context.Context, s *Store, scan func(row) (T, error), selectRows string, w where, from, alias string,
	sort []directory.Sort, page directory.Page) ([]T, int, error) {
	var total int
	if err := s.queryRow(ctx, `SELECT count(*) FROM `+from+w.String(), w.args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	if page.Number < 1 || page.Limit < 1 || page.Number > (total-1)/page.Limit+1 {
		return []T{}, total, nil
	}
	offset := (page.Number - 1) * page.Limit
	order := orderBy(alias, sort)
	keys := `SELECT ` + alias + `.key FROM ` + from + w.String() + order + ` LIMIT ` + w.arg(page.Limit) + ` OFFSET ` + w.arg(offset)
	rows, err := all(scan)(s.query(ctx, selectRows+` WHERE `+alias+`.key IN (`+keys+`)`+order, w.args...))
	return rows, total, err
}

// orderBy orders by the columns, and by age where they are equal, in the direction of the last. The names of columns come
// from those whom the readers of queries let through.
func orderBy(alias string, sort []directory.Sort) string {
	var b strings.Builder
	b.WriteString(` ORDER BY `)
	direction := ``
	aged := false
	for _, s := range sort {
		direction = ``
		if s.Descending {
			direction = ` DESC`
		}
		b.WriteString(alias + `.` + s.By + direction)
		if s.By == "created_at" {
			aged = true
			break // no two rows that are left differ but by chance
		}
		if s.Descending {
			b.WriteString(` NULLS FIRST`)
		} else {
			b.WriteString(` NULLS LAST`)
		}
		b.WriteString(`, `)
	}
	if !aged {
		b.WriteString(alias + `.created_at` + direction)
	}
	b.WriteString(`, ` + alias + `.key` + direction)
	return b.String()
}

package store

import (
	"context"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

// maxFolded is the maximum length of a value in the column folded, in bytes. An index of PostgreSQL refuses rows of more than 2,704
// bytes, and a folded text has up to four values.
const maxFolded = 600

// foldedText returns the text in which the operators' searches look for a match, and by which they order customers by name. Its first
// line is the name, the email address or the external id: the first that is set.
func foldedText(c directory.Customer) string {
	var lines []string
	for _, value := range []*string{c.Name, c.Email, c.BillingName, c.ExternalID} {
		if value == nil {
			continue
		}
		line := directory.FoldText(*value)
		if len(line) > maxFolded {
			line = strings.ToValidUTF8(line[:maxFolded], "")
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// fewMatches is how many matches of a search are counted and sorted. If there are more, the order of an index finds a page among few
// rows.
const fewMatches = 5000

// BrowseCustomers implements directory.Store.
func (s *Store) BrowseCustomers(ctx context.Context, q directory.BrowseQuery) (p keyset.Page[directory.Customer], err error) {
	err = s.scan(ctx, q.Organization, func(lists querier) error {
		p, err = s.browseCustomers(ctx, lists, q)
		return err
	})
	return p, err
}

func (s *Store) browseCustomers(ctx context.Context, lists querier, q directory.BrowseQuery) (p keyset.Page[directory.Customer], err error) {
	var w where
	w.add(`c.organization = `, q.Organization)
	w.add(`c.deleted_at IS NULL`)
	if p.Count, err = s.countBrowsed(ctx, lists, &w, q); err != nil {
		return p, err
	}
	if p.Count == (keyset.Count{}) {
		return p, nil
	}
	column := `created_at`
	if q.Order == directory.ByName {
		column = `folded`
	}
	down := (q.Order == directory.Newest) != q.Range.Backward()
	if at := q.Range.Key(); at != 0 {
		if err := w.addBeyond(ctx, lists, column, at, down); err != nil {
			return p, err
		}
	}
	order := orderBy(`c`, []directory.Sort{{By: column}}, down)
	if column == `folded` {
		order = map[bool]string{false: ` ORDER BY c.folded, c.key`, true: ` ORDER BY c.folded DESC, c.key DESC`}[down]
	}
	keys, err := all(scanKey)(lists.query(ctx, `SELECT c.key FROM customers c`+w.String()+order+` LIMIT `+w.arg(q.Range.Limit+1), w.args...))
	if err != nil || len(keys) == 0 {
		return p, err
	}
	var beyond token.Key
	if len(keys) > q.Range.Limit {
		keys = keys[:q.Range.Limit]
		beyond = keys[len(keys)-1]
	}
	keys, p.Previous, p.Next, _ = browsed{}.oriented(q.Range, keys, beyond)
	found, err := readKeys(keys, `c.key`, ``, func(w *where, tail string) ([]directory.Customer, error) {
		return all(scanCustomer)(lists.query(ctx, selectCustomer+tail, w.args...))
	})
	for _, key := range keys { // found has the rows in any order
		if i := slices.IndexFunc(found, func(c directory.Customer) bool { return c.ID.Key() == key }); i >= 0 {
			p.Rows = append(p.Rows, found[i])
		}
	}
	return p, err
}

// countBrowsed counts the customers of a query, and adds the condition of its text to w.
func (s *Store) countBrowsed(ctx context.Context, lists querier, w *where, q directory.BrowseQuery) (c keyset.Count, err error) {
	if q.Text == "" {
		err = lists.queryRow(ctx, countCustomers, q.Organization).Scan(&c.N)
		return c, err
	}
	has := s.dialect().position + `(c.folded, ` + w.arg(directory.FoldText(q.Text)) + `) > 0`
	// An index has the texts, so this query reads no row.
	matching := where{conditions: append(slices.Clone(w.conditions), has), args: slices.Clone(w.args)}
	keys, err := all(scanKey)(lists.query(ctx, `SELECT c.key FROM customers c`+matching.String()+` LIMIT `+matching.arg(fewMatches+1), matching.args...))
	if err != nil {
		return c, err
	}
	if len(keys) > fewMatches {
		w.add(has)
		return keyset.Count{N: fewMatches, More: true}, nil
	}
	*w = where{}
	w.addKeys(`c.key`, keys)
	return keyset.Count{N: len(keys)}, nil
}

// addBeyond adds a condition for the customers after the customer with the key, in the order of a column.
func (w *where) addBeyond(ctx context.Context, q querier, column string, at token.Key, down bool) error {
	p, found, err := find(q.queryRow(ctx, `SELECT created_at, folded FROM customers WHERE key = $1`, at), scanPosition)
	if err != nil {
		return err
	}
	if !found { // a customer that was deleted long ago: its position is the time in its key
		p.created = micros(at.Time())
	}
	var value any = p.created
	if column == `folded` {
		value = p.name
	}
	beyond := ` > (`
	if down {
		beyond = ` < (`
	}
	w.add(`(c.` + column + `, c.key)` + beyond + w.arg(value) + `, ` + w.arg(at) + `)`)
	return nil
}

// position is the position of a customer in lists.
type position struct {
	created int64
	name    string
}

func scanPosition(r row) (p position, err error) {
	err = r.Scan(&p.created, &p.name)
	return p, err
}

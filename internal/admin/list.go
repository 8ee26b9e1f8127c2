package admin

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// maxQuery is the maximum length of a search text, in bytes. The rest is ignored.
const maxQuery = 500

// keyPager links to the pages of a list by the rows next to them. A link is "" if there is no such page. Rest reports whether the
// page has no row, although the list has more rows to search.
type keyPager struct {
	First, Previous, Next, Last string
	Rest                        bool
}

// keyRange returns the page that the query parameters select. It returns the first page if they are not valid.
func (r *request) keyRange() keyset.Range {
	q := r.URL.Query()
	key := func(name string) token.Key {
		n, err := strconv.ParseInt(q.Get(name), 10, 64)
		if err != nil || n < 1 {
			return 0
		}
		return token.Key(n)
	}
	k := keyset.Range{Limit: listed, After: key("after"), Last: q.Get("last") == "1"}
	if k.After == 0 {
		k.Before = key("before")
	}
	return k
}

// newKeyPager returns the links of a page with a number of rows. It returns nil if the list fits on one page.
func (r *request) newKeyPager(k keyset.Range, previous, next token.Key, rows int) *keyPager {
	if previous == 0 && next == 0 && k.Key() == 0 {
		return nil
	}
	link := func(name, value string) string {
		q := r.URL.Query()
		for _, other := range []string{"after", "before", "last"} {
			q.Del(other)
		}
		if name != "" {
			q.Set(name, value)
		}
		return withQuery(r.Base+"/"+r.Path, q)
	}
	p := &keyPager{Rest: rows == 0 && (next != 0 || previous != 0)}
	if previous != 0 || k.Key() != 0 || k.Last {
		p.First = link("", "")
	}
	if previous != 0 {
		p.Previous = link("before", strconv.FormatInt(int64(previous), 10))
	}
	if next != 0 {
		p.Next, p.Last = link("after", strconv.FormatInt(int64(next), 10)), link("last", "1")
	}
	return p
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// queryOf returns the query parameters of an address.
func queryOf(address string) url.Values {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	return u.Query()
}

// countOf formats the number of rows of a list with a noun, such as "at least 10,000 sessions".
func countOf(c keyset.Count, one string) string {
	if c.More {
		return "at least " + count(c.N, one)
	}
	return count(c.N, one)
}

// searched returns the text of a search.
func (r *request) searched() string {
	text := line(r.URL.Query().Get("q"))
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
	}
	return text
}

// address returns the IP address that a text is, as sessions store it, or "".
func address(text string) string {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	return ip.Unmap().WithZone("").String()
}

// selectField returns a select with the options, of which the value in the query is chosen. The first option is the default.
func (r *request) selectField(name, label string, options []page.Option) page.Field {
	f := page.Field{ID: name, Name: name, Label: label}
	f.Options, f.Value = chosen(options, r.URL.Query().Get(name))
	return f
}

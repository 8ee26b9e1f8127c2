package polar_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
)

// pageServer serves a list of IDs in pages and records the queries.
type pageServer struct {
	count   int
	maxPage func(page int) int
	queries []string
}

func (s *pageServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.queries = append(s.queries, r.URL.RawQuery)
	var page, limit int
	fmt.Sscan(r.URL.Query().Get("page"), &page)
	fmt.Sscan(r.URL.Query().Get("limit"), &limit)
	var items []string
	for i := (page - 1) * limit; i < min(page*limit, s.count); i++ {
		items = append(items, fmt.Sprintf(`{"id":"%d"}`, i))
	}
	last := (s.count + limit - 1) / limit
	if s.maxPage != nil {
		last = s.maxPage(page)
	}
	return newResponse(200, fmt.Sprintf(`{"items":[%s],"pagination":{"total_count":%d,"max_page":%d}}`, strings.Join(items, ","), s.count, last), asJSON), nil
}

func (s *pageServer) client(t *testing.T) *polar.Client {
	return must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), polar.WithHTTPClient(&http.Client{Transport: s})))
}

func TestIteratorFetchesEveryPage(t *testing.T) {
	for name, test := range map[string]struct {
		shelf pageServer
		page  polar.Page
		want  int // number of entries
		asks  int
	}{
		"an empty list":        {pageServer{}, polar.Page{}, 0, 1},
		"one page":             {pageServer{count: 100}, polar.Page{}, 100, 1},
		"two pages":            {pageServer{count: 101}, polar.Page{}, 101, 2},
		"small pages":          {pageServer{count: 5}, polar.Page{Size: 2}, 5, 2},
		"from the second page": {pageServer{count: 5}, polar.Page{Number: 2, Size: 2}, 3, 2},
		"after the last page":  {pageServer{count: 5}, polar.Page{Number: 9, Size: 2}, 0, 1},
		"a huge max_page":      {pageServer{count: 3, maxPage: func(int) int { return 1 << 40 }}, polar.Page{Size: 2}, 3, 2},
		"a growing max_page":   {pageServer{count: 3, maxPage: func(page int) int { return page + 1 }}, polar.Page{Size: 2}, 3, 2},
		"max_page 0":           {pageServer{count: 3, maxPage: func(int) int { return 0 }}, polar.Page{Size: 2}, 2, 1},
		"a negative max_page":  {pageServer{count: 3, maxPage: func(int) int { return -1 }}, polar.Page{Size: 2}, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			all := test.shelf.client(t).Customers.List(t.Context(), polar.CustomerListParams{Page: test.page})
			if len(test.shelf.queries) != 0 {
				t.Error("a request was sent before the first step")
			}
			for range 2 { // every range starts again
				test.shelf.queries = nil
				if got := collect(t, all); len(got) != test.want || len(test.shelf.queries) != test.asks {
					t.Errorf("%d entries, want %d; queries %q", len(got), test.want, test.shelf.queries)
				}
			}
		})
	}
}

func TestIteratorStopsAfterBreakOrError(t *testing.T) {
	s := &pageServer{count: 20}
	for range s.client(t).Customers.List(t.Context(), polar.CustomerListParams{Page: polar.Page{Size: 2}}) {
		break
	}
	if len(s.queries) != 1 {
		t.Errorf("queries %q", s.queries)
	}

	// The first error is yielded once, as the last step.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen []string
	for c, err := range s.client(t).Customers.List(ctx, polar.CustomerListParams{Page: polar.Page{Size: 2}}) {
		if err != nil {
			if c != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("%v, %v", c, err)
			}
			seen = append(seen, "error")
			continue // no more steps follow an ignored error
		}
		if seen = append(seen, string(c.ID)); c.ID == "3" {
			cancel()
		}
	}
	if !slices.Equal(seen, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "error"}) {
		t.Error(seen)
	}
	for _, err := range s.client(t).Customers.List(t.Context(), polar.CustomerListParams{}, polar.WithTimeout(-1)) {
		if err == nil {
			t.Error("no error for an invalid option")
		}
	}
	for _, err := range (&polar.Client{}).Customers.List(t.Context(), polar.CustomerListParams{}) {
		if err == nil {
			t.Error("no error without a client")
		}
	}
}

func TestIteratorCopiesItsParameters(t *testing.T) {
	s := &pageServer{count: 3}
	client := s.client(t)
	params := polar.CustomerListParams{
		Query: "a&b", Sorting: []polar.Sort{polar.SortEmail, polar.SortName.Desc()}, Metadata: map[string]string{"plan": "gold"}, Page: polar.Page{Size: 2},
	}
	opts := []polar.Option{polar.WithHeader("X-A", "1")}
	all := client.Customers.List(t.Context(), params, opts...)
	params.Sorting[0], params.Metadata["plan"], params.Metadata["more"], opts[0] = polar.SortCreatedAt, "none", "x", nil
	collect(t, all)
	const query = "limit=2&metadata%5Bplan%5D=gold&page=1&query=a%26b&sorting=email&sorting=-name"
	if want := []string{query, strings.Replace(query, "limit=2", "limit=10", 1)}; !slices.Equal(s.queries, want) {
		t.Errorf("queries %q\nwant %q", s.queries, want)
	}
}

func TestInvalidListsAreDecodeErrors(t *testing.T) {
	for body, text := range map[string]string{
		`{}`: "items is missing", `null`: "items is missing", `{"items":null}`: "items is missing", `{"items":{}}`: "items",
		`{"items":[{"id":"1"},{}]}`: "items.1: id is missing", `{"items":[null]}`: "items.0: id is missing", `{"items":[{"id":"1"}],"pagination":[]}`: "pagination",
	} {
		client := newClient(t, respond(200, body, asJSON), polar.WithAccessToken("polar_oat_x"))
		_, err := client.Customers.ListPage(t.Context(), polar.CustomerListParams{})
		if _, ok := errors.AsType[*polar.DecodeError](err); !ok {
			t.Errorf("%s: %v", body, err)
			continue
		}
		wantText(t, err.Error(), []string{text}, nil)
	}
}

func TestSortDescReversesTheOrder(t *testing.T) {
	for s, want := range map[polar.Sort]polar.Sort{polar.SortName: "-name", polar.SortName.Desc(): "name", "": "-"} {
		if got := s.Desc(); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

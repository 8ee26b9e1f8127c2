package polar_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

// offsetServer is a list that is read by page number and sorted by time of creation, as on Polar.
type offsetServer struct {
	ids      []int // in ascending order of creation
	last     int
	requests int
}

func (s *offsetServer) create() int {
	s.last++
	s.ids = append(s.ids, s.last)
	return s.last
}

func (s *offsetServer) remove(id int) {
	s.ids = slices.DeleteFunc(s.ids, func(other int) bool { return other == id })
}

func (s *offsetServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests++
	q := r.URL.Query()
	page, _ := strconv.Atoi(q.Get("page"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	if page < 1 || limit < 1 || limit > 100 {
		return nil, fmt.Errorf("page %d of %d", page, limit)
	}
	ids := slices.Clone(s.ids)
	switch q.Get("sorting") {
	case "-created_at":
		slices.Reverse(ids)
	case "created_at":
	default:
		return nil, fmt.Errorf("sorting %q", q["sorting"])
	}
	var items []string
	for _, id := range ids[min((page-1)*limit, len(ids)):min(page*limit, len(ids))] {
		items = append(items, fmt.Sprintf(`{"id":"%d"}`, id))
	}
	return newResponse(200, fmt.Sprintf(`{"items":[%s],"pagination":{"total_count":%d,"max_page":%d}}`,
		strings.Join(items, ","), len(ids), (len(ids)+limit-1)/limit), asJSON), nil
}

func (s *offsetServer) client(t *testing.T) *polar.Client {
	return must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), polar.WithHTTPClient(&http.Client{Transport: s})))
}

func number(t *testing.T, c *polar.Customer) int {
	return must[int](t)(strconv.Atoi(string(c.ID)))
}

func TestIteratorReadsBackwardOnPolar(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 7, 50, 99, 100} {
		s := &offsetServer{}
		for range 250 {
			s.create()
		}
		for c, err := range s.client(t).Customers.List(t.Context(), polar.CustomerListParams{Page: polar.Page{Size: size}}) {
			if err != nil {
				t.Fatal(err)
			}
			s.remove(number(t, c))
		}
		if len(s.ids) > 0 {
			t.Errorf("pages of %d: %d of 250 entries are left", size, len(s.ids))
		}
	}
}

func TestIteratorNeedsFewRequestsOnPolar(t *testing.T) {
	s := &offsetServer{}
	for range 10_000 {
		s.create()
	}
	n := len(collect(t, s.client(t).Customers.List(t.Context(), polar.CustomerListParams{})))
	if n != 10_000 || s.requests > 115 {
		t.Errorf("%d entries in %d requests", n, s.requests)
	}
}

// A step of the loop removes random entries and creates some. Whatever lives throughout comes once and in order.
func TestIteratorUnderRandomChangesOnPolar(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 1))
		s := &offsetServer{}
		for range random.IntN(400) {
			s.create()
		}
		start, size := 1+random.IntN(2)*random.IntN(4), 1+random.IntN(100)
		params := polar.CustomerListParams{Page: polar.Page{Number: start, Size: size}}
		if random.IntN(2) == 0 {
			params.Sorting = []polar.Sort{polar.SortCreatedAt.Desc()}
		}
		before := slices.Clone(s.ids)
		if params.Sorting != nil {
			slices.Reverse(before)
		}
		before = before[min(len(before), (start-1)*size):]
		var got []int
		removals, creates := random.IntN(5), random.IntN(200)
		for c, err := range s.client(t).Customers.List(t.Context(), params) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, number(t, c))
			if random.IntN(2) == 0 {
				s.remove(got[len(got)-1])
			}
			for range removals {
				if len(s.ids) > 0 && random.IntN(3) == 0 {
					s.remove(s.ids[random.IntN(len(s.ids))])
				}
			}
			if creates > 0 && random.IntN(3) == 0 {
				creates--
				s.create()
			}
		}
		yielded := map[int]bool{}
		for _, id := range got {
			if yielded[id] {
				t.Errorf("seed %d: %d comes twice", seed, id)
			}
			yielded[id] = true
		}
		var live, kept []int
		for _, id := range before {
			if slices.Contains(s.ids, id) {
				live = append(live, id)
			}
		}
		for _, id := range got {
			if slices.Contains(live, id) {
				kept = append(kept, id)
			}
		}
		if start == 1 && !slices.Equal(live, kept) { // entries move to pages before a later start
			t.Errorf("seed %d: %d entries live throughout, and %d came, or in another order", seed, len(live), len(kept))
		}
	}
}

// removedWhileListed creates entries, and deletes or revokes each as an iterator yields it. More are created meanwhile.
func removedWhileListed[T any](t *testing.T, n int, create func(), list iter.Seq2[*T, error], remove func(*T) error) {
	t.Helper()
	for range n {
		create()
	}
	left := map[string]bool{}
	for _, v := range collect(t, list) {
		left[idOf(t, v)] = true
	}
	wantEqual(t, "the number of entries", len(left), n)
	removed := 0
	for v, err := range list {
		if err != nil {
			t.Fatal(err)
		}
		if err := remove(v); err != nil {
			t.Fatal(err)
		}
		delete(left, idOf(t, v))
		if removed++; removed%50 == 0 {
			create()
		}
	}
	wantEqual(t, "the number of entries that are left", len(left), 0)
}

// idOf returns the field id of the JSON of v.
func idOf(t *testing.T, v any) string {
	var entry struct{ ID string }
	if err := json.Unmarshal(must[[]byte](t)(json.Marshal(v)), &entry); err != nil {
		t.Fatal(err)
	}
	return entry.ID
}

func TestIteratorSkipsNothing(t *testing.T) {
	server := polartest.New(t, polartest.WithRateLimits("off"))
	client, ctx, n := server.Client(), t.Context(), 0
	team := must[*polar.Customer](t)(client.Customers.Create(ctx, polar.CustomerTeamCreate{Email: polar.Set("team@example.com")}))
	t.Run("sessions", func(t *testing.T) {
		person := server.Customer()
		removedWhileListed(t, 250,
			func() { server.Session(polar.CustomerSessionCreate{Customer: person.ID}) },
			client.CustomerSessions.List(ctx, polar.CustomerSessionListParams{State: "live"}),
			func(s *polar.CustomerSessionInfo) error {
				_, err := client.CustomerSessions.Revoke(ctx, s.ID, "")
				return err
			})
	})
	t.Run("own sessions", func(t *testing.T) {
		session := server.Session()
		own := polar.SecurityFor(session.Token)
		seen := 0
		for range 30 {
			server.Session(polar.CustomerSessionCreate{Customer: session.CustomerID})
		}
		for s, err := range client.CustomerPortal.CustomerSessions.List(ctx, own, polar.Page{Size: 4}) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; !s.Current {
				if err := client.CustomerPortal.CustomerSessions.Revoke(ctx, own, s.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		wantEqual(t, "the number of own sessions", seen, 31)
	})
	t.Run("members", func(t *testing.T) {
		removedWhileListed(t, 120,
			func() {
				n++
				in := polar.MemberCreateFromCustomer{Email: fmt.Sprintf("m%d@example.com", n)}
				must[*polar.Member](t)(client.Customers.Members.Create(ctx, team.ID, in))
			},
			client.Members.List(ctx, polar.MemberListParams{Role: polar.RoleMember, Page: polar.Page{Size: 7}}),
			func(m *polar.Member) error {
				return client.Customers.Members.Delete(ctx, m.CustomerID, m.ID)
			})
	})
	t.Run("customers", func(t *testing.T) {
		for i, sorting := range [][]polar.Sort{nil, {polar.SortCreatedAt.Desc()}, {polar.SortEmail}} {
			removedWhileListed(t, 120,
				func() {
					n++
					must[*polar.Customer](t)(client.Customers.Create(ctx, polar.CustomerIndividualCreate{Email: fmt.Sprintf("listed%d-%03d@example.com", i, n)}))
				},
				client.Customers.List(ctx, polar.CustomerListParams{Query: fmt.Sprintf("listed%d", i), Sorting: sorting, Page: polar.Page{Size: 9}}),
				func(c *polar.Customer) error { return client.Customers.Delete(ctx, c.ID) })
		}
	})
	t.Run("access tokens", func(t *testing.T) {
		removedWhileListed(t, 110,
			func() {
				in := polar.OrganizationAccessTokenCreate{Comment: "listed", Scopes: []polar.Scope{polar.ScopeCustomersRead}}
				must[*polar.OrganizationAccessTokenCreated](t)(client.OrganizationAccessTokens.Create(ctx, in))
			},
			only(client.OrganizationAccessTokens.List(ctx, polar.OrganizationAccessTokenListParams{}),
				func(a *polar.OrganizationAccessToken) bool { return a.Comment == "listed" }),
			func(a *polar.OrganizationAccessToken) error {
				return client.OrganizationAccessTokens.Delete(ctx, a.ID)
			})
	})
	t.Run("webhook endpoints", func(t *testing.T) {
		removedWhileListed(t, 10,
			func() {
				in := polar.WebhookEndpointCreate{URL: "https://example.com/", Events: []polar.EventType{polar.EventLoginFailed}}
				must[*polar.WebhookEndpoint](t)(client.Webhooks.CreateEndpoint(ctx, in))
			},
			client.Webhooks.ListEndpoints(ctx, polar.Page{Size: 3}),
			func(e *polar.WebhookEndpoint) error { return client.Webhooks.DeleteEndpoint(ctx, e.ID) })
	})
}

// only filters a list.
func only[T any](list iter.Seq2[*T, error], keep func(*T) bool) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for v, err := range list {
			if (err != nil || keep(v)) && !yield(v, err) {
				return
			}
		}
	}
}

func TestIteratorPagesByKey(t *testing.T) {
	var queries []url.Values
	answers := []string{`{"items":[{"id":"a"},{"id":"b"}],"pagination":{"total_count":9,"max_page":5}}`, `{"items":[{"id":"c"}],"pagination":{"total_count":1,"max_page":1}}`}
	header := []string{asJSON, "Postern-Paging: key"}
	client := must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), withTransport(func(r *http.Request) (*http.Response, error) {
		queries = append(queries, r.URL.Query())
		return newResponse(200, answers[min(len(queries), 2)-1], header[:min(len(header), 4-len(queries))]...), nil
	})))
	params := polar.CustomerListParams{Email: "x", Page: polar.Page{Number: 3, Size: 2}}
	collect(t, client.Customers.List(t.Context(), params))
	want := []url.Values{
		{"after": {""}, "page": {"3"}, "limit": {"2"}, "sorting": {"created_at"}, "email": {"x"}},
		{"after": {"b"}, "limit": {"2"}, "sorting": {"created_at"}, "email": {"x"}},
	}
	if got, want := must[[]byte](t)(json.Marshal(queries)), must[[]byte](t)(json.Marshal(want)); string(got) != string(want) {
		t.Errorf("queries %s\nwant    %s", got, want)
	}
}

// A server that stops honoring the parameter after would send the first page for ever.
func TestIteratorStopsIfTheServerForgetsKeys(t *testing.T) {
	n := 0
	client := must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), withTransport(func(r *http.Request) (*http.Response, error) {
		n++
		header := []string{asJSON, "Postern-Paging: key"}[:3-min(n+0, 2)]
		return newResponse(200, `{"items":[{"id":"a"}],"pagination":{"total_count":9,"max_page":9}}`, header...), nil
	})))
	var got error
	for _, err := range client.Customers.List(t.Context(), polar.CustomerListParams{Page: polar.Page{Size: 1}}) {
		got = errors.Join(got, err)
	}
	if got == nil || !strings.Contains(got.Error(), "no longer pages by key") || n != 2 {
		t.Errorf("%v after %d requests", got, n)
	}
}

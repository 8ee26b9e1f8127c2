package wiretest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// listFilters returns the optional filters of every list of the API that select by an id, from the OpenAPI document. Its keys are
// paths.
func listFilters(t *testing.T, srv *testserver.Server) map[string][]string {
	var document struct {
		Paths map[string]struct {
			Get struct {
				Parameters []struct{ Name, In string }
			}
		}
	}
	if err := json.Unmarshal([]byte(srv.Request("GET", "/openapi.json", "").Body), &document); err != nil {
		t.Fatal(err)
	}
	filters := map[string][]string{}
	for path, item := range document.Paths {
		paged, ids := false, []string{}
		for _, p := range item.Get.Parameters {
			paged = paged || p.Name == "limit"
			if p.In == "query" && strings.HasSuffix(p.Name, "_id") {
				ids = append(ids, p.Name)
			}
		}
		if paged {
			filters[path] = ids
		}
	}
	return filters
}

// sibling returns an id that has the same key as an id, but belongs to no row.
func sibling(id string) string {
	last := "0"
	if strings.HasSuffix(id, last) {
		last = "1"
	}
	return id[:len(id)-1] + last
}

// A filter by an id that belongs to nothing finds nothing. It is never as if the filter were absent. The test walks all lists of the
// API and all of their filters, so a new filter needs an object in the table.
func TestFiltersThatMatchNothingFindNothing(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	s := newFixture(srv, newMailIndex(t, srv.Mail), srv.OrgID, "acme", srv.Token, 0)
	existing := map[string]string{ // an object that each filter can select
		"customer_id": s.team.ID, "external_customer_id": *s.team.ExternalID, "member_id": s.member.ID, "organization_id": s.org,
		"endpoint_id": s.endpoint, "actor_id": s.accessToken.ID, "target_id": s.team.ID,
	}
	place := strings.NewReplacer("{id}", s.team.ID, "{external_id}", *s.team.ExternalID)
	lists := 0
	for path, filters := range listFilters(t, srv) {
		token := s.token
		if strings.HasPrefix(path, "/v1/customer-portal/") {
			token = s.ownerSession
		}
		list := func(query string) testserver.Answer {
			return srv.As(token, "GET", place.Replace(path)+"?limit=100"+query, "")
		}
		all := list("")
		if items, _ := all.At("items").([]any); all.Status != 200 || len(items) == 0 {
			t.Errorf("%s: the fixture has no objects for this list: %d %s", path, all.Status, all.Body)
		}
		lists++
		for _, filter := range append(filters, "after") {
			ids := []string{unknownID, "7d0a6c1e-2f4b-4c83-9d57-1a2b3c4d5e6f"}
			if id, known := existing[filter]; known && !strings.HasPrefix(filter, "external") {
				ids = append(ids, sibling(id))
			} else if !known && filter != "after" {
				t.Errorf("%s: no object for the filter %s", path, filter)
			}
			for _, id := range ids {
				a := list("&" + filter + "=" + id)
				switch items, _ := a.At("items").([]any); {
				case filter == "after" && id != unknownID: // a position between the entries
				case a.Status == 422 && filter == "after": // the order of this list has no positions
				case filter == "after" && strings.Contains(a.Header.Get("Postern-Paging"), "key"):
					if len(items) != 0 && a.Body != all.Body { // everything follows the position, or nothing
						t.Errorf("%s&after=%s: %s", path, id, a.Body)
					}
				case a.Status != 200 || len(items) != 0 || a.At("pagination", "total_count") != 0.0:
					t.Errorf("%s?%s=%s: %d %s", path, filter, id, a.Status, a.Body)
				}
			}
		}
	}
	if lists < 8 {
		t.Errorf("only %d lists were checked", lists)
	}
	newest := srv.As(s.token, "GET", sessions+"?sorting=-created_at&after="+unknownID, "")
	if items, _ := newest.At("items").([]any); len(items) != 0 { // the position is before the oldest session
		t.Errorf("after the oldest session: %s", newest.Body)
	}
}

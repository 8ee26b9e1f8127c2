package openapi

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// differences are all that there may be between our document and Polar's, on Polar's operations.
var differences = []difference{
	{onlyPolar, "GET /v1/customer-portal/organizations/{slug}", "200", `products\[\].*`, "Postern sells nothing: the list is always empty"},
	{onlyPolar, "*", "security", "oidc", "Postern issues no tokens of users"},
	{onlyPolar, "*", "security", "pat", "Postern issues no personal tokens"},
	{onlyOurs, "*", "header", "Polar-Version", "Polar tells of it in prose"},
	{onlyOurs, "*", "header", "Polar-Organization", "Polar's SDKs send it, its document does not have it"},

	// What Postern adds: how long a session lives and what it may do, what is kept with it, and a create that may be repeated.
	{onlyOurs, "POST /v1/customer-sessions/", "header", "Idempotency-Key", "a create may be repeated without making two"},
	{onlyOurs, "POST /v1/customer-sessions/", "409", "*", "a key that was used to ask for something else"},
	{onlyOurs, "POST /v1/customer-sessions/", "request", "expires_in", "on Polar every session lives an hour"},
	{onlyOurs, "POST /v1/customer-sessions/", "request", "idle_timeout", "on Polar a session that is left alone lives on"},
	{onlyOurs, "POST /v1/customer-sessions/", "request", "scopes*", "on Polar every session may write"},
	{onlyOurs, "POST /v1/customer-sessions/", "request", "metadata*", "on Polar a session has none"},
	{onlyOurs, "POST /v1/customer-sessions/", "request", "one_time_link", "on Polar every link holds the token"},

	// What Polar answers on the wire, and its document leaves out.
	{onlyOurs, "*", "40[0134]", "*", "a body that is not text, a bad token, a missing scope, an unknown version"},
	{onlyOurs, "*", "41[13]", "*", "a body that is too long, or does not say how long"},
	{onlyOurs, "*", "422", "*", "a body that is not JSON; and error stands beside detail"},
	{onlyPolar, "*", "422", "detail", "it is always there"},
	{onlyOurs, "*", "429", "-", "any operation can be asked too often"},
	{onlyOurs, "*", "503", "*", "Polar answers 500 when its store is away"},
	{onlyPolar, "POST /v1/customer-portal/customers/me/email-update/request", "202", ".", "the document leaves open what is null"},
	{onlyOurs, "POST /v1/customer-portal/customers/me/email-update/request", "202", ".", "the same"},

	// What Polar's document has, and never happens here.
	{onlyPolar, "POST /v1/customers/external/{external_id}/members", "409", "*", ambiguous},
	{onlyPolar, "GET /v1/customers/external/{external_id}/members/{member_external_id}", "409", "*", ambiguous},
	{onlyPolar, "PATCH /v1/customers/external/{external_id}/members/{member_external_id}", "409", "*", ambiguous},
	{onlyPolar, "DELETE /v1/customers/external/{external_id}/members/{member_external_id}", "409", "*", ambiguous},
	{onlyPolar, "DELETE /v1/customer-portal/members/{id}", "400", "-", "nothing is answered so: a DELETE has no body"},
}

const ambiguous = "an access token sees one organization, in which an external id is unique"

func TestFactsArePolars(t *testing.T) {
	ours, err := flatten(parsed())
	if err != nil {
		t.Fatal(err)
	}
	polars := polarFacts(t)
	served := map[[2]string]bool{}
	for f := range polars {
		served[[2]string{f.method, f.path}] = true
	}
	maps.DeleteFunc(ours, func(f fact, _ bool) bool { return !served[[2]string{f.method, f.path}] })

	used := map[int]bool{}
	compare := func(s side, have, other map[fact]bool) {
		for _, f := range slices.SortedFunc(maps.Keys(have), func(a, b fact) int { return strings.Compare(a.String(), b.String()) }) {
			if other[f] {
				continue
			}
			i := slices.IndexFunc(differences, func(d difference) bool { return d.covers(s, f) })
			if i < 0 {
				t.Errorf("%s: %s", s, f)
			}
			used[i] = true
		}
	}
	compare(onlyPolar, polars, ours)
	compare(onlyOurs, ours, polars)
	for i, d := range differences {
		if !used[i] {
			t.Errorf("there is no such difference any more: %+v", d)
		}
	}
}

package wiretest_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// lists are the paths of an organization's lists.
var lists = []string{customers, "/v1/members/", "/v1/organizations/", accessTokens}

// Bad parameters of lists are refused (docs/wire.md, Lists).
func TestListParameters(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	small := func(name, input string) string {
		return errorItemWithContext("greater_than", `"query","`+name+`"`, "Input should be greater than 0", `"`+input+`"`, `{"gt":0}`)
	}
	const notNumber = "Input should be a valid integer, unable to parse string as an integer"
	for _, list := range lists {
		for query, want := range map[string]string{
			"?page=0":          validationErrors(small("page", "0")),
			"?limit=-1":        validationErrors(small("limit", "-1")),
			"?page=0&limit=0":  validationErrors(small("page", "0"), small("limit", "0")),
			"?limit=x":         validationErrors(errorItem("int_parsing", `"query","limit"`, notNumber, `"x"`)),
			"?page=":           validationErrors(errorItem("int_parsing", `"query","page"`, notNumber, `""`)),
			"?page=1&page=1.5": validationErrors(errorItem("int_parsing", `"query","page"`, notNumber, `"1.5"`)),
		} {
			srv.As(srv.Token, "GET", list+query, "").Exactly(t, 422, want)
		}
		for _, query := range []string{"?page=1.0", "?page=%2B1", "?page=x&page=1", "?limit=101", "?limit=100000000000000000000"} {
			srv.As(srv.Token, "GET", list+query, "").Is(t, 200)
		}
		srv.As(srv.Token, "GET", list+"?sorting=shoes", "").Is(t, 422, `"type":"enum","loc":["query","sorting",0],"msg":"Input should be 'created_at'`)
	}
	const orders = "'created_at', '-created_at', 'email', '-email', 'name' or '-name'"
	srv.As(srv.Token, "GET", customers+"?sorting=name&sorting=x", "").Exactly(t, 422,
		validationErrors(errorItemWithContext("enum", `"query","sorting",1`, "Input should be "+orders, `"x"`, `{"expected":"`+orders+`"}`)))
	for _, yes := range []string{"on", "off", "yes", "no", "1", "0", "t", "f", "True", "FALSE"} {
		srv.As(srv.Token, "GET", customers+"?active="+yes, "").Is(t, 200)
	}
	srv.As(srv.Token, "GET", customers+"?active=maybe", "").Exactly(t, 422,
		validationErrors(errorItem("bool_parsing", `"query","active"`, "Input should be a valid boolean, unable to interpret input", `"maybe"`)))
}

// A list that is read with the parameter after says so in a header (docs/wire.md, Lists). Other answers do not change.
func TestListAfter(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team := srv.Create(customers, `{"type":"team","email":"team@example.com"}`)
	srv.Create(customers+team.ID+"/members", `{"email":"m@example.com"}`)
	srv.Create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+srv.OwnerAs(srv.Token, team.ID)+`"}`)
	owner := srv.Create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+srv.OwnerAs(srv.Token, team.ID)+`"}`).Token
	webhookEndpointID(srv, srv.Token)
	for _, list := range append([]string{sessions, customers + team.ID + "/members", "/v1/webhooks/endpoints", "/v1/webhooks/deliveries"}, lists...) {
		listAfter(t, srv, srv.Token, list)
	}
	listAfter(t, srv, owner, "/v1/customer-portal/customer-sessions")
	listAfter(t, srv, owner, "/v1/customer-portal/members")
	for _, list := range []string{customers + "?sorting=name", accessTokens + "?sorting=-last_used_at", "/v1/organizations/?sorting=slug"} {
		srv.As(srv.Token, "GET", list+"&after=", "").Is(t, 422, `"type":"value_error","loc":["query","after"],"msg":"Value error, after requires the order created_at or -created_at."`)
	}
}

func listAfter(t *testing.T, srv *testserver.Server, token, list string) {
	t.Helper()
	plain := srv.As(token, "GET", list+"?limit=1", "")
	start := srv.As(token, "GET", list+"?limit=1&after=", "")
	start.Exactly(t, 200, plain.Body)
	if plain.Header.Get("Postern-Paging") != "" || start.Header.Get("Postern-Paging") != "key" {
		t.Errorf("%s: %q without after, %q with after", list, plain.Header["Postern-Paging"], start.Header["Postern-Paging"])
	}
	second := srv.As(token, "GET", list+"?limit=1&page=2", "")
	id, _ := start.At("items", 0, "id").(string)
	srv.As(token, "GET", list+"?limit=1&page=9&after="+id, "").Exactly(t, 200, second.Body)
	srv.As(token, "GET", list+"?after=x", "").Is(t, 422, `"type":"uuid_parsing","loc":["query","after"]`)
}

// Every list has the number of all items and of pages. A limit above 100 is lowered without an error.
func TestListEnvelope(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.As(srv.Token, "GET", customers, "").Exactly(t, 200, `{"items":[],"pagination":{"total_count":0,"max_page":0}}`)
	srv.As(srv.Token, "GET", "/v1/members/", "").Exactly(t, 200, `{"items":[],"pagination":{"total_count":0,"max_page":0}}`)
	for i := range 101 {
		srv.Create(customers, `{"email":"c`+strconv.Itoa(i)+`@example.com","external_id":"`+strconv.Itoa(i)+`"}`)
		srv.Advance(time.Microsecond)
	}
	for _, list := range []string{customers, "/v1/members/"} {
		for _, tt := range []struct {
			query                   string
			items, page, first, end int
		}{
			{"", 10, 11, 100, 91}, // the newest first
			{"?page=11", 1, 11, 0, 0},
			{"?page=12", 0, 11, 0, 0},
			{"?limit=1000", 100, 2, 100, 1},
			{"?limit=100&page=2", 1, 2, 0, 0},
			{"?limit=25&page=2&sorting=created_at", 25, 5, 25, 49},
		} {
			a := srv.As(srv.Token, "GET", list+tt.query, "")
			a.Is(t, 200, fmt.Sprintf(`],"pagination":{"total_count":101,"max_page":%d}}`, tt.page))
			got := strings.Fields(a.All("external_id"))
			if len(got) != tt.items || tt.items > 0 && (got[0] != strconv.Itoa(tt.first) || got[tt.items-1] != strconv.Itoa(tt.end)) {
				t.Errorf("%s: %v", a.Request, got)
			}
		}
	}
}

// Customers can be sorted, filtered and searched.
func TestCustomerFilters(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	for _, body := range []string{
		`{"email":"b@example.com","name":"Zoë","external_id":"1","metadata":{"plan":"pro","seats":5,"beta":true}}`,
		`{"email":"c@example.com","name":"Ärne","external_id":"2","metadata":{"plan":"pro","seats":5.0}}`,
		`{"email":"a@example.com","name":"Bob_","external_id":"3","metadata":{"plan":"free","a b":"x"}}`,
		`{"type":"team","owner":{"email":"a@example.com"},"external_id":"ten%"}`,
	} {
		srv.Create(customers, body)
		srv.Advance(time.Second)
	}
	for query, want := range map[string]string{
		"":                                        "ten% 3 2 1",
		"?sorting=created_at":                     "1 2 3 ten%",
		"?sorting=email":                          "3 1 2 ten%",
		"?sorting=-email":                         "ten% 2 1 3",
		"?email=A@EXAMPLE.com":                    "3",
		"?email=a@example":                        "",
		"?query=ZO%C3%8B":                         "1",
		"?query=%C3%A4rn":                         "2",
		"?query=_":                                "3",
		"?query=TEN%25":                           "ten%",
		"?query=example.com&limit=2":              "3 2",
		"?organization_id=" + srv.OrgID:           "ten% 3 2 1",
		"?organization_id=" + unknownID:           "",
		"?metadata[plan]=pro":                     "2 1",
		"?metadata%5Bplan%5D=free":                "3",
		"?metadata[plan]=pro&metadata[plan]=free": "3 2 1",
		"?metadata[plan]=pro&metadata[seats]=5":   "1",
		"?metadata[beta]=true":                    "1",
		"?metadata[a%20b]=x":                      "3",
		"?metadata[plan]=PRO":                     "",
		"?metadata[none]=x":                       "",
	} {
		a := srv.As(srv.Token, "GET", customers+query, "")
		a.Is(t, 200)
		if got := a.All("external_id"); got != want {
			t.Errorf("%s: %q, want %q", a.Request, got, want)
		}
	}
}

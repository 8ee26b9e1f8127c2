package api_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// lists are the lists of an organization.
var lists = []string{customers, "/v1/members/", "/v1/organizations/", accessTokens}

// Section 2.4 of the facts about Polar's wire: the words in which a query is refused.
func TestWire2Queries(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	small := func(name, input string) string {
		return item("greater_than", `"query","`+name+`"`, "Input should be greater than 0", `"`+input+`"`, `{"gt":0}`)
	}
	const notNumber = "Input should be a valid integer, unable to parse string as an integer"
	for _, list := range lists {
		for query, want := range map[string]string{
			"?page=0":          invalid(small("page", "0")),
			"?limit=-1":        invalid(small("limit", "-1")),
			"?page=0&limit=0":  invalid(small("page", "0"), small("limit", "0")),
			"?limit=x":         invalid(ruleItem("int_parsing", `"query","limit"`, notNumber, `"x"`)),
			"?page=":           invalid(ruleItem("int_parsing", `"query","page"`, notNumber, `""`)),
			"?page=1&page=1.5": invalid(ruleItem("int_parsing", `"query","page"`, notNumber, `"1.5"`)),
		} {
			h.as(h.token, "GET", list+query, "").exactly(t, 422, want)
		}
		for _, query := range []string{"?page=1.0", "?page=%2B1", "?page=x&page=1", "?limit=101", "?limit=100000000000000000000"} {
			h.as(h.token, "GET", list+query, "").is(t, 200)
		}
		h.as(h.token, "GET", list+"?sorting=shoes", "").is(t, 422, `"type":"enum","loc":["query","sorting",0],"msg":"Input should be 'created_at'`)
	}
	const orders = "'created_at', '-created_at', 'email', '-email', 'name' or '-name'"
	h.as(h.token, "GET", customers+"?sorting=name&sorting=x", "").exactly(t, 422,
		invalid(item("enum", `"query","sorting",1`, "Input should be "+orders, `"x"`, `{"expected":"`+orders+`"}`)))
	for _, yes := range []string{"on", "off", "yes", "no", "1", "0", "t", "f", "True", "FALSE"} {
		h.as(h.token, "GET", customers+"?active="+yes, "").is(t, 200)
	}
	h.as(h.token, "GET", customers+"?active=maybe", "").exactly(t, 422,
		invalid(ruleItem("bool_parsing", `"query","active"`, "Input should be a valid boolean, unable to interpret input", `"maybe"`)))
}

// Section 11: the envelope of every list. Section 2.4: a limit over 100 is lowered, and nobody is told.
func TestWire11ListEnvelope(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.as(h.token, "GET", customers, "").exactly(t, 200, `{"items":[],"pagination":{"total_count":0,"max_page":0}}`)
	h.as(h.token, "GET", "/v1/members/", "").exactly(t, 200, `{"items":[],"pagination":{"total_count":0,"max_page":0}}`)
	for i := range 101 {
		h.create(customers, `{"email":"c`+strconv.Itoa(i)+`@example.com","external_id":"`+strconv.Itoa(i)+`"}`)
		h.advance(time.Microsecond)
	}
	for _, list := range []string{customers, "/v1/members/"} {
		for _, tt := range []struct {
			query                   string
			items, page, first, end int
		}{
			{"", 10, 11, 100, 91}, // the latest come first
			{"?page=11", 1, 11, 0, 0},
			{"?page=12", 0, 11, 0, 0},
			{"?limit=1000", 100, 2, 100, 1},
			{"?limit=100&page=2", 1, 2, 0, 0},
			{"?limit=25&page=2&sorting=created_at", 25, 5, 25, 49},
		} {
			a := h.as(h.token, "GET", list+tt.query, "")
			a.is(t, 200, fmt.Sprintf(`],"pagination":{"total_count":101,"max_page":%d}}`, tt.page))
			got := strings.Fields(a.all("external_id"))
			if len(got) != tt.items || tt.items > 0 && (got[0] != strconv.Itoa(tt.first) || got[tt.items-1] != strconv.Itoa(tt.end)) {
				t.Errorf("%s: %v", a.asked, got)
			}
		}
	}
}

// Section 11: how customers are looked for.
func TestWire11CustomerFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	for _, body := range []string{
		`{"email":"b@example.com","name":"Zoë","external_id":"1","metadata":{"plan":"pro","seats":5,"beta":true}}`,
		`{"email":"c@example.com","name":"Ärne","external_id":"2","metadata":{"plan":"pro","seats":5.0}}`,
		`{"email":"a@example.com","name":"Bob_","external_id":"3","metadata":{"plan":"free","a b":"x"}}`,
		`{"type":"team","owner":{"email":"a@example.com"},"external_id":"ten%"}`,
	} {
		h.create(customers, body)
		h.advance(time.Second)
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
		"?organization_id=" + h.org:               "ten% 3 2 1",
		"?organization_id=" + nobody:              "",
		"?metadata[plan]=pro":                     "2 1",
		"?metadata%5Bplan%5D=free":                "3",
		"?metadata[plan]=pro&metadata[plan]=free": "3 2 1",
		"?metadata[plan]=pro&metadata[seats]=5":   "1",
		"?metadata[beta]=true":                    "1",
		"?metadata[a%20b]=x":                      "3",
		"?metadata[plan]=PRO":                     "",
		"?metadata[none]=x":                       "",
	} {
		a := h.as(h.token, "GET", customers+query, "")
		a.is(t, 200)
		if got := a.all("external_id"); got != want {
			t.Errorf("%s: %q, wanted %q", a.asked, got, want)
		}
	}
}

package body_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-go/postern/internal/body"
)

// lists holds all functions that read a query, by the name of their result type.
var lists = map[string]func(raw string) (any, error){
	"CustomerList":             func(raw string) (any, error) { return body.ReadCustomerList(body.ParseQuery(raw)) },
	"CustomerDelete":           func(raw string) (any, error) { return body.ReadCustomerDelete(body.ParseQuery(raw)) },
	"MemberList":               func(raw string) (any, error) { return body.ReadMemberList(body.ParseQuery(raw)) },
	"PortalMemberList":         func(raw string) (any, error) { return body.ReadPortalMemberList(body.ParseQuery(raw)) },
	"OrganizationList":         func(raw string) (any, error) { return body.ReadOrganizationList(body.ParseQuery(raw)) },
	"AccessTokenList":          func(raw string) (any, error) { return body.ReadAccessTokenList(body.ParseQuery(raw)) },
	"CustomerEmailUpdateCheck": func(raw string) (any, error) { return body.ReadCustomerEmailUpdateCheck(body.ParseQuery(raw)) },
}

func TestValidQueries(t *testing.T) {
	const latest, oldest = `"Sorting":[{"By":"created_at","Descending":true}]`, `"Sorting":[{"By":"created_at","Descending":false}]`
	for _, tt := range []struct{ list, raw, want string }{
		{"CustomerList", "", `{"Page":1,"Limit":10,"After":null,` + latest + `,"OrganizationIDs":null,"Email":null,"Query":null,"Active":null,"Metadata":null}`},
		{"CustomerList", "page=9&page=%2B2&limit=1000&sorting=-name&sorting=email&email=&query=a+b%26&active=oN",
			`{"Page":2,"Limit":100,"After":null,"Sorting":[{"By":"name","Descending":true},{"By":"email","Descending":false}],"OrganizationIDs":null,"Email":"","Query":"a b\u0026","Active":true,"Metadata":null}`},
		{"CustomerList", "metadata[plan]=pro&metadata%5Bplan%5D=free&metadata[a]x=1&metadata[]=y&metadata=z",
			`{"Page":1,"Limit":10,"After":null,` + latest + `,"OrganizationIDs":null,"Email":null,"Query":null,"Active":null,"Metadata":{"a":["1"],"plan":["pro","free"]}}`},
		// A malformed filter is never dropped.
		{"CustomerList", "&email=%zz;%&query=%E9%", `{"Page":1,"Limit":10,"After":null,` + latest + `,"OrganizationIDs":null,"Email":"%zz;%","Query":"�%","Active":null,"Metadata":null}`},
		{"CustomerList", "sorting=-name&sorting=name&sorting=email&sorting=-name",
			`{"Page":1,"Limit":10,"After":null,"Sorting":[{"By":"name","Descending":true},{"By":"email","Descending":false}],"OrganizationIDs":null,"Email":null,"Query":null,"Active":null,"Metadata":null}`},
		{"CustomerDelete", "anonymize=NO&anonymize=T", `{"Anonymize":true}`},
		{"CustomerDelete", "", `{"Anonymize":false}`},
		{"MemberList", "external_customer_id=u&role=owner&limit=1.0", `{"Page":1,"Limit":1,"After":null,` + latest + `,"CustomerID":null,"ExternalCustomerID":"u","Role":"owner"}`},
		{"PortalMemberList", "page=1_0.00&limit=%C2%A07", `{"Page":10,"Limit":7,"After":null}`},
		{"PortalMemberList", "page=" + strings.Repeat("9", 4300) + "&limit=99999999999999999999", `{"Page":16777216,"Limit":100,"After":null}`},
		{"OrganizationList", "slug=acme", `{"Page":1,"Limit":10,"After":null,` + oldest + `,"Slug":"acme"}`},
		{"AccessTokenList", "sorting=-last_used_at", `{"Page":1,"Limit":10,"After":null,"Sorting":[{"By":"last_used_at","Descending":true}],"OrganizationIDs":null}`},
		{"CustomerEmailUpdateCheck", "token=a&token=b", `{"Token":"b"}`},
		{"CustomerEmailUpdateCheck", "token", `{"Token":""}`},
	} {
		in, err := lists[tt.list](tt.raw)
		got, _ := json.Marshal(in)
		if diff := cmp.Diff(tt.want, string(got)); err != nil || diff != "" {
			t.Errorf("%s?%s: %v %s", tt.list, tt.raw, err, diff)
		}
	}
	in, err := body.ReadCustomerList(body.ParseQuery("organization_id=" + id4 + "&organization_id={" + id4 + "}"))
	if err != nil || len(in.OrganizationIDs) != 2 || in.OrganizationIDs[0] != in.OrganizationIDs[1] {
		t.Errorf("%+v, %v", in, err)
	}
	members, err := body.ReadMemberList(body.ParseQuery("customer_id=" + id1))
	if err != nil || members.CustomerID == nil || *members.CustomerID != [16]byte{} {
		t.Errorf("%+v, %v: want the zero UUID for a UUID of version 1", members, err)
	}
}

func TestInvalidQueries(t *testing.T) {
	const (
		customers = `'created_at', '-created_at', 'email', '-email', 'name' or '-name'`
		sequence  = `json-or-python[json=list[uuid],python=chain[is-instance[Sequence],function-wrap[sequence_validator()]]]`
		notInt    = `Input should be a valid integer, unable to parse string as an integer`
		notBool   = `Input should be a valid boolean, unable to interpret input`
		nul       = `Value error, This value contains invalid characters`
		problem   = "invalid character: found `x` at 1"
	)
	for _, tt := range []struct{ list, raw, want string }{
		{"CustomerList", "active=2&organization_id=" + id4 + "&organization_id=x&sorting=name&sorting=&limit=1e2&page=0",
			"greater_than [\"query\",\"page\"] Input should be greater than 0 \"0\" {\"gt\":0}\n" +
				"int_parsing [\"query\",\"limit\"] " + notInt + " \"1e2\"\n" +
				"enum [\"query\",\"sorting\",1] Input should be " + customers + " \"\" {\"expected\":\"" + customers + "\"}\n" +
				"uuid_type [\"query\",\"organization_id\",\"uuid\"] UUID input should be a string, bytes or UUID object [\"" + id4 + "\",\"x\"]\n" +
				"uuid_parsing [\"query\",\"organization_id\",\"" + sequence + "\",1] Input should be a valid UUID, " + problem + " \"x\" {\"error\":\"" + problem + "\"}\n" +
				"bool_parsing [\"query\",\"active\"] " + notBool + " \"2\""},
		{"CustomerList", "email=%00&query=a%00&metadata[a%00]=1&metadata[b]=%00",
			"value_error [\"query\",\"email\"] " + nul + " \"\\u0000\" {\"error\":{}}\n" +
				"value_error [\"query\",\"query\"] " + nul + " \"a\\u0000\" {\"error\":{}}\n" +
				"value_error [\"query\",\"metadata[a\\u0000]\"] " + nul + " \"metadata[a\\u0000]\" {\"error\":{}}\n" +
				"value_error [\"query\",\"metadata[b]\"] " + nul + " \"\\u0000\" {\"error\":{}}"},
		{"CustomerList", "query=" + strings.Repeat("é", 1001),
			"string_too_long [\"query\",\"query\"] String should have at most 1000 characters \"" + strings.Repeat("é", 1001) + "\" {\"max_length\":1000}"},
		{"CustomerList", strings.Repeat("metadata[a]=x&", 60) + strings.Repeat("metadata[b]=x&", 41),
			`too_long ["query","metadata"] Dictionary should have at most 100 items after validation, not 101 null {"field_type":"Dictionary","max_length":100,"actual_length":101}`},
		{"PortalMemberList", "after=x", `uuid_parsing ["query","after"] Input should be a valid UUID, ` + problem + ` "x" {"error":"` + problem + `"}`},
		{"CustomerList", "after=&sorting=email", `value_error ["query","after"] Value error, after requires the order created_at or -created_at. "" {"error":{}}`},
		{"AccessTokenList", "after=" + id4 + "&sorting=-comment&sorting=created_at",
			`value_error ["query","after"] Value error, after requires the order created_at or -created_at. "` + id4 + `" {"error":{}}`},
		{"CustomerDelete", "anonymize=", "bool_parsing [\"query\",\"anonymize\"] " + notBool + " \"\""},
		{"MemberList", "customer_id=x&role=x", `enum ["query","role"] Input should be 'owner', 'billing_manager' or 'member' "x" {"expected":"'owner', 'billing_manager' or 'member'"}`},
		{"MemberList", "customer_id=x", "not_found: Invalid customer ID format"},
		{"PortalMemberList", "page=-99999999999999999999&limit=" + strings.Repeat("9", 4301),
			"greater_than [\"query\",\"page\"] Input should be greater than 0 \"-99999999999999999999\" {\"gt\":0}\n" +
				"int_parsing_size [\"query\",\"limit\"] Unable to parse input string as an integer, exceeded maximum size \"" + strings.Repeat("9", 4301) + "\""},
		{"PortalMemberList", "page=1.&limit=1__0", "int_parsing [\"query\",\"page\"] " + notInt + " \"1.\"\nint_parsing [\"query\",\"limit\"] " + notInt + " \"1__0\""},
		{"OrganizationList", "slug=%00", "value_error [\"query\",\"slug\"] " + nul + " \"\\u0000\" {\"error\":{}}"},
		{"CustomerEmailUpdateCheck", "tokens=a", `missing ["query","token"] Field required null`},
	} {
		in, err := lists[tt.list](tt.raw)
		if diff := cmp.Diff(tt.want, items(err)); diff != "" {
			t.Errorf("%s?%s: %+v: %s", tt.list, tt.raw, in, diff)
		}
	}
}

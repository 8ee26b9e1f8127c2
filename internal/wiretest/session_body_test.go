package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// The start of loc for the two shapes of the body of POST /v1/customer-sessions/.
const (
	byID       = `"body","CustomerSessionCustomerIDCreate"`
	byExternal = `"body","CustomerSessionCustomerExternalIDCreate"`
)

// In strict mode, the errors have Polar's order: those of the shape with customer_id first, whatever the caller sent.
func TestStrictModeKeepsTheOrderOfShapes(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, func(o *testserver.Options) { o.StrictPolar = true })
	srv.As(srv.Token, "POST", sessions, `{"external_customer_id":1}`).Exactly(t, 422, validationErrors(
		errorItem("missing", byID+`,"customer_id"`, "Field required", `{"external_customer_id":1}`),
		errorItem("string_type", byExternal+`,"external_customer_id"`, "Input should be a valid string", "1")))
}

// The body of a new session has one of two shapes, and errors name both (docs/wire.md, New sessions).
func TestSessionBodyIsAUnion(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	noExternal := func(input string) string {
		return errorItem("missing", byExternal+`,"external_customer_id"`, "Field required", input)
	}
	noID := func(input string) string {
		return errorItem("missing", byID+`,"customer_id"`, "Field required", input)
	}
	badID := func(kind, msg, input, ctx string) string {
		return errorItemWithContext(kind, byID+`,"customer_id"`, msg, input, ctx)
	}
	badURL := func(variant string) string {
		return errorItemWithContext("url_scheme", variant+`,"return_url"`, "URL scheme should be 'http' or 'https'", `"ftp://x"`, `{"expected_schemes":"'http' or 'https'"}`)
	}
	for _, tt := range []struct{ name, body, want string }{
		{"neither id", `{"b":1,"a":null}`, validationErrors(noID(`{"b":1,"a":null}`), noExternal(`{"b":1,"a":null}`))},
		{"a text", `{"customer_id":"nope"}`, validationErrors(
			badID("uuid_parsing", "Input should be a valid UUID, invalid character: found `n` at 1", `"nope"`, "{\"error\":\"invalid character: found `n` at 1\"}"),
			noExternal(`{"customer_id":"nope"}`))},
		{"too short", `{"customer_id":"abc"}`, validationErrors(
			badID("uuid_parsing", "Input should be a valid UUID, invalid length: expected length 32 for simple format, found 3", `"abc"`, `{"error":"invalid length: expected length 32 for simple format, found 3"}`),
			noExternal(`{"customer_id":"abc"}`))},
		{"another version", `{"customer_id":"00000000-0000-1000-8000-000000000000"}`, validationErrors(
			badID("uuid_version", "UUID version 4 expected", `"00000000-0000-1000-8000-000000000000"`, `{"expected_version":4}`),
			noExternal(`{"customer_id":"00000000-0000-1000-8000-000000000000"}`))},
		{"a number", `{"customer_id":1.0}`, validationErrors(
			errorItem("uuid_type", byID+`,"customer_id"`, "UUID input should be a string, bytes or UUID object", "1.0"),
			noExternal(`{"customer_id":1.0}`))},
		{"both null", `{"customer_id":null,"external_customer_id":null}`, validationErrors(
			errorItem("uuid_type", byID+`,"customer_id"`, "UUID input should be a string, bytes or UUID object", "null"),
			errorItem("string_type", byExternal+`,"external_customer_id"`, "Input should be a valid string", "null"))},
		{"a wrong alias", `{"customer_external_id":1}`, validationErrors(
			errorItem("string_type", byExternal+`,"customer_external_id"`, "Input should be a valid string", "1"),
			noID(`{"customer_external_id":1}`))},
		{"a wrong return URL", `{"external_customer_id":"user_1","return_url":"ftp://x"}`, validationErrors(
			badURL(byExternal), badURL(byID), noID(`{"external_customer_id":"user_1","return_url":"ftp://x"}`))},
		{"a wrong return URL, with an id", `{"customer_id":"` + c.ID + `","return_url":"ftp://x"}`, validationErrors(
			badURL(byID), badURL(byExternal), noExternal(`{"customer_id":"`+c.ID+`","return_url":"ftp://x"}`))},
		{"a wrong return URL, with both ids", `{"customer_id":"` + c.ID + `","external_customer_id":"user_1","return_url":"ftp://x"}`, validationErrors(
			badURL(byID), badURL(byExternal))},
		{"a wrong member", `{"external_customer_id":"user_1","member_id":1}`, validationErrors(
			errorItem("uuid_type", byExternal+`,"member_id"`, "UUID input should be a string, bytes or UUID object", "1"),
			errorItem("uuid_type", byID+`,"member_id"`, "UUID input should be a string, bytes or UUID object", "1"),
			noID(`{"external_customer_id":"user_1","member_id":1}`))},
		{"a NUL", `{"external_customer_id":"a\u0000b"}`, validationErrors(
			errorItemWithContext("value_error", byExternal+`,"external_customer_id"`, "Value error, This value contains invalid characters", `"a\u0000b"`, `{"error":{}}`),
			noID(`{"external_customer_id":"a\u0000b"}`))},
		{"an alias without a customer", `{"customer_external_id":"x"}`, fieldError("external_customer_id", "Customer does not exist.", `"x"`)},
		{"the external id wins", `{"customer_id":"` + c.ID + `","external_customer_id":"x"}`, fieldError("external_customer_id", "Customer does not exist.", `"x"`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv.As(srv.Token, "POST", sessions, tt.body).Exactly(t, 422, tt.want)
		})
	}
	for _, body := range []string{
		`{"external_customer_id":"user_1","customer_external_id":"x"}`,
		`{"external_customer_id":null,"customer_id":"` + c.ID + `"}`,
		`{"external_customer_id":"user_1","customer_id":null}`,
		`{"external_customer_id":"user_1","customer_id":"` + unknownID + `"}`,
		`{"external_customer_id":"user_1","unknown":{"a":[1]},"return_url":null,"member_id":null}`,
	} {
		if s := srv.Create(sessions, body); s.CustomerID != c.ID {
			t.Errorf("%s made a session of %s", body, s.CustomerID)
		}
	}
	const canonical = "abcdef01-2345-4678-9abc-def012345678"
	bare := strings.ReplaceAll(canonical, "-", "")
	for _, id := range []string{canonical, strings.ToUpper(canonical), bare, "{" + canonical + "}", "urn:uuid:" + canonical} {
		srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+id+`"}`).Exactly(t, 422, fieldError("customer_id", "Customer does not exist.", `"`+canonical+`"`))
	}
}

// The return URL is stored as browsers write it.
func TestReturnURL(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	for in, want := range map[string]string{
		"https://example.com":                  "https://example.com/",
		"HTTPS://EXAMPLE.com:443/a b?q=ä#top":  "https://example.com/a%20b?q=%C3%A4#top",
		"http://exämple.com:80":                "http://xn--exmple-cua.com/",
		"http://localhost:3000/x?y=1":          "http://localhost:3000/x?y=1",
		"https://user:word@example.com:8443/p": "https://user:word@example.com:8443/p",
	} {
		s := srv.Create(sessions, `{"external_customer_id":"user_1","return_url":"`+in+`"}`)
		if s.ReturnURL == nil || *s.ReturnURL != want {
			t.Errorf("%s became %v, want %s", in, s.ReturnURL, want)
		}
		srv.As(s.Token, "GET", introspect, "").Is(t, 200, `"return_url":"`+want+`"`)
	}
	srv.Create(sessions, `{"external_customer_id":"user_1","return_url":"https://example.com/`+strings.Repeat("a", 2083-len("https://example.com/"))+`"}`)
	for in, want := range map[string][]string{
		`"javascript:alert(1)"`: {`"type":"url_scheme"`, `"msg":"URL scheme should be 'http' or 'https'"`, `"ctx":{"expected_schemes":"'http' or 'https'"}`},
		`"/account"`:            {`"type":"url_parsing"`, `"msg":"Input should be a valid URL, relative URL without a base"`, `"ctx":{"error":"relative URL without a base"}`},
		`""`:                    {`"type":"url_parsing"`, `"msg":"Input should be a valid URL, input is empty"`},
		`1`:                     {`"type":"url_type"`, `"msg":"URL input should be a string or URL"`},
		`"https://example.com/` + strings.Repeat("a", 2084-len("https://example.com/")) + `"`: {`"type":"url_too_long"`, `"msg":"URL should have at most 2083 characters"`, `"ctx":{"max_length":2083}`},
	} {
		srv.As(srv.Token, "POST", sessions, `{"external_customer_id":"user_1","return_url":`+in+`}`).Is(t, 422, want...)
	}
}

// Every route refuses a body that is not a JSON object (docs/wire.md, Bodies).
func TestBodyErrorsOnEveryRoute(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	const notObject = "Input should be a valid dictionary or object to extract fields from"
	missing := validationErrors(errorItem("missing", `"body"`, "Field required", "null"))
	for _, op := range polarOperations() {
		if minimalBody(op.Method) == "" || len(op.Scopes) > 0 && needsPortalScope(op.Scopes) {
			continue
		}
		token := srv.Token
		if len(op.Scopes) == 0 {
			token = ""
		}
		path := concretePath(op.Path)
		ask := func(body string, headers ...string) testserver.Answer {
			if token != "" {
				headers = append(headers, "Authorization", "Bearer "+token)
			}
			return srv.Request(op.Method, path, body, headers...)
		}
		ask("").Exactly(t, 422, missing)
		ask("null").Exactly(t, 422, missing)
		ask("{\"a\":\"\xff\"}").Exactly(t, 400, `{"detail":"There was an error parsing the body"}`)
		if op.ID == "customers:create" { // an array has no type and is treated as an individual
			continue
		}
		for _, tt := range []struct{ body, contentType, input string }{
			{`[1]`, "application/json", `[1]`},
			{`"a"`, "application/json", `"a"`},
			{`1`, "application/json", `1`},
			{`{}`, "text/plain", `"{}"`},
			{`{}`, "", `"{}"`},
			{`a=b`, "application/x-www-form-urlencoded", `"a=b"`},
		} {
			ask(tt.body, "Content-Type", tt.contentType).Is(t, 422, `"type":"model_attributes_type"`, `"msg":"`+notObject+`"`, `"input":`+tt.input)
		}
	}
	srv.As(srv.Token, "POST", sessions, `[]`).Exactly(t, 422, validationErrors(
		errorItem("model_attributes_type", byID, notObject, "[]"), errorItem("model_attributes_type", byExternal, notObject, "[]")))
	srv.As(srv.Token, "POST", accessTokens, `{a}`).Exactly(t, 422, validationErrors(
		errorItemWithContext("json_invalid", `"body",1`, "JSON decode error", "{}", `{"error":"Expecting property name enclosed in double quotes"}`)))
	srv.As(srv.Token, "POST", accessTokens, `{} 1`).Exactly(t, 422, validationErrors(errorItemWithContext("json_invalid", `"body",3`, "JSON decode error", "{}", `{"error":"Extra data"}`)))
}

// Package body parses and validates request bodies, queries, paths and headers. Validation errors have the texts of Pydantic,
// as on Polar, because client programs show these texts to users.
//
// Parsing and validating a body are two steps: a syntax error is answered before authentication, a validation error after it:
//
//	v, err := body.Parse(contentType, raw)         // fault.InvalidRequest or fault.Malformed if the body is not valid JSON
//	in, err := body.ReadCustomerSessionCreate(v)   // fault.InvalidRequest with every invalid field
//
// A query is parsed and validated in one step. Join reports the errors of path, query and body together:
//
//	in, err := body.ReadCustomerList(body.ParseQuery(r.URL.RawQuery))
//	err = body.Join(badPath, badQuery, badBody)
//
// A Read function that returns an error returns the zero value with it.
package body

import (
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/wirejson"
)

// Parse parses a request body. It returns the zero Value for an empty body. If the content type is not JSON, the body becomes
// one string value, and the Read functions reject the value because they expect an object. FastAPI behaves in the same way.
func Parse(contentType string, raw []byte) (Value, error) {
	if len(raw) == 0 {
		return Value{}, nil
	}
	if isJSON(contentType) {
		text, ok := decodeJSON(raw)
		if !ok {
			return Value{}, errEncoding
		}
		return parseJSON(text)
	}
	if !utf8.Valid(raw) {
		return Value{}, errEncoding
	}
	return Value{kind: stringKind, text: string(raw)}, nil
}

var errEncoding = fault.New(fault.Malformed, "There was an error parsing the body")

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		media = strings.TrimSpace(media)
	}
	subtype, ok := strings.CutPrefix(media, "application/")
	return ok && (subtype == "json" || strings.HasSuffix(subtype, "+json"))
}

// context returns a JSON object with one text member. It is the value of ctx in a validation error.
func context(name, text string) []byte {
	return []byte(`{` + string(wirejson.AppendString(nil, name)) + `:` + string(wirejson.AppendString(nil, text)) + `}`)
}

func contextInt(name string, n int) []byte {
	return []byte(`{` + string(wirejson.AppendString(nil, name)) + `:` + strconv.Itoa(n) + `}`)
}

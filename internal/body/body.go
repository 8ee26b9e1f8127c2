// Package body reads what callers send, and says what is wrong with it in the words of Pydantic, because Polar's clients
// show those words to people.
//
// It works in two steps, since a caller is told of a broken body before it is asked who it is, and of a wrong one after:
//
//	v, err := body.Parse(contentType, raw)         // bytes to a tree: fault.InvalidRequest, fault.Malformed
//	in, err := body.ReadCustomerSessionCreate(v)   // a tree to fields: fault.InvalidRequest with every field that is wrong
//
// A query is read in one step, and what is wrong with several parts of a request is said at once:
//
//	in, err := body.ReadCustomerList(body.ParseQuery(r.URL.RawQuery))
//	err = body.Join(badPath, badQuery, badBody)
//
// A reader that returns an error returns nothing else.
package body

import (
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/wirejson"
)

// Parse reads a body. No body at all is the zero Value. What does not call itself JSON is not parsed: it is one string,
// which then is not the object that a route asks for (FastAPI's strict content type).
func Parse(contentType string, raw []byte) (Value, error) {
	if len(raw) == 0 {
		return Value{}, nil
	}
	if !utf8.Valid(raw) {
		return Value{}, fault.New(fault.Malformed, "There was an error parsing the body")
	}
	if !isJSON(contentType) {
		return Value{kind: stringKind, text: string(raw)}, nil
	}
	v, err := parseJSON(strings.TrimPrefix(string(raw), "\ufeff"))
	if err != nil {
		return Value{}, fault.Invalid(fault.Field{
			Type: "json_invalid", Name: []any{err.at}, Msg: "JSON decode error", Input: []byte(`{}`),
			Ctx: context("error", err.what),
		})
	}
	return v, nil
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		media = strings.TrimSpace(media)
	}
	subtype, ok := strings.CutPrefix(media, "application/")
	return ok && (subtype == "json" || strings.HasSuffix(subtype, "+json"))
}

// context is a JSON object with one text under one name.
func context(name, text string) []byte {
	return []byte(`{` + string(wirejson.AppendString(nil, name)) + `:` + string(wirejson.AppendString(nil, text)) + `}`)
}

func contextInt(name string, n int) []byte {
	return []byte(`{` + string(wirejson.AppendString(nil, name)) + `:` + strconv.Itoa(n) + `}`)
}

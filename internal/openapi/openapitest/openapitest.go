// Package openapitest checks the answers of a server against the OpenAPI document.
//
//	openapitest.Check(t, "GET", "/v1/customers/"+id, response.StatusCode, response.Header, body)
//
// The document must list the status and the content type of an answer, and its schema must match the body. The document allows
// additional fields; this package does not, so that every field gets documented.
package openapitest

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Check fails the test if the answer to a request does not match the document, or if [OperationID] finds no operation. The path
// is the concrete path of the request, with or without a query.
func Check(t testing.TB, method, path string, status int, header http.Header, body []byte) {
	t.Helper()
	if err := check(method, path, status, header, body); err != nil {
		t.Errorf("%s %s: the answer %d is not as documented: %v\n%s", method, path, status, err, body)
	}
}

// OperationID returns the ID of the documented operation for the method and the concrete path. It returns "" if no operation
// matches; then the router answers the request.
func OperationID(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	if op := find(method, path); op != nil {
		return op.ID
	}
	return ""
}

func check(method, path string, status int, header http.Header, body []byte) error {
	path, _, _ = strings.Cut(path, "?")
	op := find(method, path)
	if op == nil {
		return fmt.Errorf("no operation matches")
	}
	answer, documented := op.answers[status]
	if !documented {
		return fmt.Errorf("%s does not document this status", op.ID)
	}
	if len(answer) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("%s documents no body", op.ID)
		}
		return nil
	}
	if status == http.StatusTooManyRequests && len(body) == 0 {
		return nil // the answer of a rate limit
	}
	contentType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("Content-Type %q: %w", header.Get("Content-Type"), err)
	}
	schema, documented := answer[contentType]
	if !documented {
		return fmt.Errorf("%s does not document %s", op.ID, contentType)
	}
	if contentType != "application/json" {
		return nil
	}
	return validate(schema, body)
}

func validate(schema *jsonschema.Schema, body []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("body is not JSON: %w", err)
	}
	return schema.Validate(value)
}

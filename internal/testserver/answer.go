package testserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Answer is the answer to a request.
type Answer struct {
	Status  int
	Header  http.Header
	Body    string
	Request string // method and path, for error messages
}

// Is fails the test unless the answer has the status and its body contains all the parts.
func (a Answer) Is(t testing.TB, status int, parts ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("%s: %d %s, want %d", a.Request, a.Status, a.Body, status)
	}
	for _, part := range parts {
		if !strings.Contains(a.Body, part) {
			t.Errorf("%s: %s\nlacks %s", a.Request, a.Body, part)
		}
	}
}

// Exactly fails the test unless the answer has the status and, byte for byte, the body.
func (a Answer) Exactly(t testing.TB, status int, body string) {
	t.Helper()
	if a.Status != status || a.Body != body {
		t.Errorf("%s: %d %s\nwant %d %s", a.Request, a.Status, a.Body, status, body)
	}
}

// Lacks fails the test if the body contains one of the parts.
func (a Answer) Lacks(t testing.TB, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(a.Body, part) {
			t.Errorf("%s: %s\ncontains %s", a.Request, a.Body, part)
		}
	}
}

// HasHeaders fails the test unless the answer has the headers. The value "" means that the header must be absent or empty.
func (a Answer) HasHeaders(t testing.TB, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := a.Header.Get(name); got != value {
			t.Errorf("%s: %s is %q, want %q", a.Request, name, got, value)
		}
	}
}

// At returns the JSON value at a path of field names and list indexes. It returns nil if there is no such value.
func (a Answer) At(path ...any) (v any) {
	json.Unmarshal([]byte(a.Body), &v) // a body that is not JSON has no values
	for _, step := range path {
		switch step := step.(type) {
		case string:
			fields, _ := v.(map[string]any)
			v = fields[step]
		case int:
			items, _ := v.([]any)
			if v = nil; step < len(items) {
				v = items[step]
			}
		}
	}
	return v
}

// All returns one field of every item of a list, joined by spaces.
func (a Answer) All(name string) string {
	items, _ := a.At("items").([]any)
	var texts []string
	for i := range items {
		texts = append(texts, fmt.Sprint(a.At("items", i, name)))
	}
	return strings.Join(texts, " ")
}

package body

import (
	"mime"
	"net/url"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// Form is the body of a request from an OAuth 2.0 client. The zero Form has no fields.
type Form struct{ values url.Values }

// ParseForm parses a form according to OAuth 2.0 (RFC 6749, section 3.2 and appendix B). It returns fault.InvalidForm if the
// content type is not application/x-www-form-urlencoded, an escape is invalid, or a field is repeated.
func ParseForm(contentType, raw string) (Form, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if raw == "" {
		return Form{}, nil
	}
	if err != nil || media != "application/x-www-form-urlencoded" || strings.Count(raw, "&") > maxFields {
		return Form{}, errForm
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Form{}, errForm
	}
	for _, all := range values {
		if len(all) > 1 {
			return Form{}, errForm
		}
	}
	return Form{values}, nil
}

var errForm = fault.New(fault.InvalidForm, "The form cannot be read.")

// Get returns a field, or "" if it is absent. An empty field counts as absent (RFC 6749, section 3.2).
func (f Form) Get(name string) string { return f.values.Get(name) }

// Require returns a field, or fault.InvalidForm if it is absent or empty.
func (f Form) Require(name string) (string, error) {
	if text := f.Get(name); text != "" {
		return text, nil
	}
	return "", errForm
}

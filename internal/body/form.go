package body

import (
	"mime"
	"net/url"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// Form is the body of a request of an OAuth 2.0 client. The zero Form is one without fields.
type Form struct{ values url.Values }

// ParseForm reads a form as OAuth 2.0 wants it (RFC 6749, section 3.2 and appendix B): it calls itself one, every escape in it
// is one, and it says nothing twice. Whatever else it is yields fault.InvalidForm.
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

// Get returns a field; "" for one that is absent, which is what an empty one stands for (RFC 6749, section 3.2).
func (f Form) Get(name string) string { return f.values.Get(name) }

// Require returns a field, or fault.InvalidForm.
func (f Form) Require(name string) (string, error) {
	if text := f.Get(name); text != "" {
		return text, nil
	}
	return "", errForm
}

package page

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// maxForm is the maximum length of the body of a form, in bytes. All forms of the pages are much shorter.
const maxForm = web.MaxAnonymousBody

// fieldMemory is more than the bytes that a field of a parsed form takes, in addition to its text.
const fieldMemory = 256

// ErrForm means that a form cannot be read, or that a value is not one of the options on the page.
var ErrForm = fault.New(fault.InvalidForm, "The form cannot be read.")

// readForm parses the body of a form into r.PostForm. It returns [ErrForm] if it cannot read the form, and fault.Unavailable if
// bodies has no memory for it.
func readForm(x *web.Exchange, r *http.Request, bodies *web.Bodies) error {
	length := r.ContentLength
	if length < 0 || length > maxForm {
		length = maxForm
	}
	if err := bodies.Reserve(x, r, length, false); err != nil {
		return err
	}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if r.ContentLength != 0 && !strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded") {
		return ErrForm
	}
	text, err := io.ReadAll(http.MaxBytesReader(x, r.Body, maxForm))
	if err != nil {
		return ErrForm.Because(err)
	}
	if err := bodies.Reserve(x, r, int64(len(text)+fieldMemory*bytes.Count(text, []byte("&"))), false); err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	if err := r.ParseForm(); err != nil {
		return ErrForm.Because(err)
	}
	return nil
}

// Field is an input of a form. If it has Options, it is a select. If its Type is "textarea", it has several lines.
type Field struct {
	ID, Name, Label, Type, Value, Hint, Error, Autocomplete string
	MaxLength                                               int
	// Alone marks the only field of a page. The field gets the focus, and a screen reader announces its error.
	Required, Optional, Alone bool
	Options                   []Option
}

// Option is an option of a select, a radio button or a checkbox.
type Option struct {
	Value, Text string
	Chosen      bool
}

// FieldError is a validation error on a page. Field is the ID of the input and Label its label; both are "" if the error concerns
// the form as a whole.
type FieldError struct{ Field, Label, Text string }

// ErrorsOf returns the errors of fields, in the order of the fields.
func ErrorsOf(fields ...Field) (all []FieldError) {
	for _, f := range fields {
		if f.Error != "" {
			all = append(all, FieldError{f.ID, f.Label, f.Error})
		}
	}
	return all
}

package body

import (
	"errors"

	"github.com/postern-go/postern/internal/fault"
)

// Join makes one refusal of those of a path, a query and a body, given in that order, which is Polar's; nil when there is
// none:
//
//	id, badPath := body.PathUUID("id", c.Param("id"))
//	in, badBody := body.ReadCustomerUpdate(c.body)
//	if err := body.Join(badPath, badBody); err != nil {
//		return err
//	}
//
// An error that is not fault.InvalidRequest is returned when no error is one.
func Join(errs ...error) error {
	var fields []fault.Field
	var other error
	for _, err := range errs {
		f, ok := errors.AsType[*fault.Error](err)
		switch {
		case ok && f.Code == fault.InvalidRequest:
			fields = append(fields, f.Fields...)
		case other == nil:
			other = err
		}
	}
	if len(fields) > 0 {
		return fault.Invalid(fields...)
	}
	return other
}

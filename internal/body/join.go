package body

import (
	"errors"

	"github.com/postern-go/postern/internal/fault"
)

// Join combines the validation errors of path, query and body into one fault.InvalidRequest. Pass the errors in that order,
// which is Polar's order. Join returns nil if all errors are nil:
//
//	id, badPath := body.PathUUID("id", c.Param("id"))
//	in, badBody := body.ReadCustomerUpdate(c.body)
//	if err := body.Join(badPath, badBody); err != nil {
//		return err
//	}
//
// If none of the errors is fault.InvalidRequest, Join returns the first error that is not nil.
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

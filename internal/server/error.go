package server

import (
	"errors"

	"github.com/postern-go/postern/internal/fault"
)

// PlainError returns an error with only the public message of a fault, for operators: without the fault's code and without the
// request fields that API clients see. Other errors, and faults with a cause, are returned unchanged.
func PlainError(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Unwrap() != nil {
		return err
	}
	if len(f.Fields) > 0 {
		return errors.New(f.Fields[0].Msg)
	}
	return errors.New(f.Message)
}

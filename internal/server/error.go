package server

import (
	"errors"

	"github.com/postern-go/postern/internal/fault"
)

// PlainError converts a fault to an error for operators, with only the public message of the fault. It removes the fault's code
// and the request fields that API clients see. It returns other errors, and faults with a cause, unchanged.
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

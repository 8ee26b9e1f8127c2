package body

import "github.com/postern-go/postern/internal/directory"

// Optional is an optional field of an update. Set is true if the request has the field, also with the value null. Value is nil
// if the field was absent or null, and in some fields if it was blank.
type Optional[T any] = directory.Patch[T]

// optional reads a field of an update. The function read must return nil for null.
func optional[T any](o object, name string, read func(name string) *T) Optional[T] {
	return Optional[T]{Set: o.value.get(name).kind != absentKind, Value: read(name)}
}

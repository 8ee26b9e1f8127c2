package body

import "github.com/postern-go/postern/internal/directory"

// Optional is an optional field of an update. Set is true if the request contains the field, even if the value is null. Value
// is nil if the field was absent or null and, for some fields, if the text was blank.
type Optional[T any] = directory.Patch[T]

// optional reads a field of an update. The function read must return nil for null.
func optional[T any](o object, name string, read func(name string) *T) Optional[T] {
	return Optional[T]{Set: o.value.get(name).kind != absentKind, Value: read(name)}
}

package body

// Optional is an optional field of an update. The zero Optional leaves the stored value unchanged.
type Optional[T any] struct {
	// Set is true if the request has the field, also with the value null.
	Set bool
	// Value is nil if the field was absent or null, and in some fields if it was blank.
	Value *T
}

// optional reads a field of an update. The function read must return nil for null.
func optional[T any](o object, name string, read func(name string) *T) Optional[T] {
	return Optional[T]{Set: o.value.get(name).kind != absentKind, Value: read(name)}
}

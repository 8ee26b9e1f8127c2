package body

// Optional is a member that may be left out of an update. The zero value was left out: what is stored stays.
type Optional[T any] struct {
	// Set is true when the member was sent, also as null.
	Set bool
	// Value is nil when the member was left out, null, or blank where blank means null.
	Value *T
}

// optional reads a member with one of the readers that return nil for null.
func optional[T any](o object, name string, read func(name string) *T) Optional[T] {
	return Optional[T]{Set: o.value.get(name).kind != absentKind, Value: read(name)}
}

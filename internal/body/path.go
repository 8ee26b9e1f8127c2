package body

import "github.com/postern-go/postern/internal/fault"

// PathUUID reads a version-4 UUID out of a path; what is none is fault.InvalidRequest.
func PathUUID(name, text string) ([16]byte, error) { return pathUUID(name, text, parseUUID) }

// PathAnyUUID is [PathUUID] for the routes where Polar takes a UUID of any version. One that is not of version 4 names
// nothing here: it is taken, and zero.
func PathAnyUUID(name, text string) ([16]byte, error) { return pathUUID(name, text, parseAnyUUID) }

func pathUUID(name, text string, parse func(string) ([16]byte, *fault.Field)) ([16]byte, error) {
	id, refusal := parse(text)
	if refusal == nil {
		return id, nil
	}
	refusal.Name, refusal.In, refusal.Input = []any{name}, fault.Path, parameter(text).json()
	return id, fault.Invalid(*refusal)
}

// PathText reads an external id or a slug out of a path. It can be any text but one with a NUL, which is
// fault.InvalidRequest.
func PathText(name, text string) (string, error) {
	o := object{in: fault.Path, fields: new([]fault.Field)}
	v := parameter(text)
	o.clean(v, name)
	return result(v.text, o)
}

package body

import "github.com/postern-go/postern/internal/fault"

// PathUUID parses a path parameter as a UUID of version 4. It returns fault.InvalidRequest for any other text.
func PathUUID(name, text string) ([16]byte, error) { return pathUUID(name, text, parseUUID) }

// PathAnyUUID is like [PathUUID], for the routes where Polar accepts UUIDs of any version. It returns the zero UUID for versions
// other than 4, because no stored object has such an id.
func PathAnyUUID(name, text string) ([16]byte, error) { return pathUUID(name, text, parseAnyUUID) }

func pathUUID(name, text string, parse func(string) ([16]byte, *fault.Field)) ([16]byte, error) {
	id, refusal := parse(text)
	if refusal == nil {
		return id, nil
	}
	refusal.Name, refusal.In, refusal.Input = []any{name}, fault.Path, parameter(text).json()
	return id, fault.Invalid(*refusal)
}

// PathText reads an external id or a slug from a path parameter. It accepts any text without a NUL character, and returns
// fault.InvalidRequest for a text with a NUL.
func PathText(name, text string) (string, error) {
	o := object{in: fault.Path, fields: new([]fault.Field)}
	v := parameter(text)
	o.clean(v, name)
	return result(v.text, o)
}

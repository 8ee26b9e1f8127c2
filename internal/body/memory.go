package body

// valueMemory is more than the bytes that a parsed value takes, in all shapes of JSON.
const valueMemory = 256

// Memory returns an upper bound of the bytes that [Parse] keeps for a body, in addition to the body itself. It counts the
// characters that begin or separate values, because parsing the body is what the caller wants to bound.
func Memory(raw []byte) int64 {
	values := 1
	for _, c := range raw {
		if c == ',' || c == '[' || c == '{' {
			values++
		}
	}
	return int64(len(raw)) + int64(min(values, maxValues))*valueMemory
}

package body

import "fmt"

const (
	// maxIndexed is the maximum length of an external id, in bytes, as PostgreSQL compresses it for an index. An entry of an index has
	// 2,704 bytes at most.
	maxIndexed = 2600
	// maxExternalID is the maximum length of an external id that compresses well, in bytes.
	maxExternalID = 16 << 10
)

// externalID is like trimmedText, but rejects texts that do not fit into an index of PostgreSQL. Polar documents no limit.
func (o object) externalID(name string) *string {
	o.describe(name, false, Schema{Type: "string", Nullable: true, MaxLength: maxExternalID})
	text, ok := o.text(name, false, 0)
	if ok && len(text) > maxIndexed && (len(text) > maxExternalID || compressed(text) > maxIndexed) {
		o.refuse(o.value.get(name), "string_too_long", fmt.Sprintf("String should have at most %d characters", maxIndexed), contextInt("max_length", maxIndexed), name)
		return nil
	}
	return trimmed(text, ok)
}

// compressed estimates how many bytes a text has after PostgreSQL compressed it: a repetition of 3 to 273 bytes becomes 3 bytes, and
// each group of 8 bytes and repetitions needs one byte more.
func compressed(text string) (n int) {
	const shortest, longest, window = 3, 273, 4095
	last := map[string]int{}
	parts := 0
	for i := 0; i < len(text); parts++ {
		length := 0
		if i+shortest <= len(text) {
			if at, ok := last[text[i:i+shortest]]; ok && i-at <= window {
				for length < longest && i+length < len(text) && text[at+length] == text[i+length] {
					length++
				}
			}
		}
		step, size := 1, 1
		if length >= shortest {
			step, size = length, shortest
		}
		for range step {
			if i+shortest <= len(text) {
				last[text[i:i+shortest]] = i
			}
			i++
		}
		n += size
	}
	return n + (parts+7)/8
}

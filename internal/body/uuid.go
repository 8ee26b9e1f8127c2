package body

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
)

// uuid reads a UUID of version 4. It returns nil if the field is invalid. Unless required is set, it also returns nil if the
// field is absent or null.
func (o object) uuid(name string, required bool) *[16]byte {
	o.describe(name, required, Schema{Type: "string", Format: "uuid", Nullable: !required})
	v, ok := o.member(name, required)
	if !ok {
		return nil
	}
	if v.kind != stringKind {
		o.refuse(v, "uuid_type", notUUID, nil, name)
		return nil
	}
	id, refusal := parseUUID(v.text)
	if refusal != nil {
		o.refuse(v, refusal.Type, refusal.Msg, refusal.Ctx, name)
		return nil
	}
	return &id
}

const notUUID = "UUID input should be a string, bytes or UUID object"

// optionalUUID reads a UUID of version 4. It returns nil if the field is absent, null or invalid.
func (o object) optionalUUID(name string) *[16]byte { return o.uuid(name, false) }

// parseUUID accepts the same forms as Pydantic: with and without dashes, in braces, as a URN, in upper or lower case.
func parseUUID(text string) (id [16]byte, refusal *fault.Field) {
	b, ok := uuidBytes(text)
	if !ok {
		why := uuidProblem(text)
		return id, &fault.Field{Type: "uuid_parsing", Msg: "Input should be a valid UUID, " + why, Ctx: context("error", why)}
	}
	copy(id[:], b)
	if id[6]>>4 != 4 || id[8]>>6 != 2 {
		return [16]byte{}, &fault.Field{Type: "uuid_version", Msg: "UUID version 4 expected", Ctx: contextInt("expected_version", 4)}
	}
	return id, nil
}

// parseAnyUUID is like parseUUID, for parameters where Polar accepts any version. It returns the zero UUID for versions other
// than 4. The store omits the version bits from its keys, so a UUID of another version could match the id of an existing row.
func parseAnyUUID(text string) (id [16]byte, refusal *fault.Field) {
	id, refusal = parseUUID(text)
	if refusal != nil && refusal.Type == "uuid_version" {
		return [16]byte{}, nil
	}
	return id, refusal
}

// pythonUUID parses a UUID in the forms that Python's uuid.UUID accepts: dashes can be anywhere. It returns the zero UUID for versions
// other than 4, for the same reason as parseAnyUUID.
func pythonUUID(text string) (id [16]byte, ok bool) {
	text = strings.NewReplacer("urn:", "", "uuid:", "").Replace(text)
	text = strings.ReplaceAll(strings.Trim(text, "{}"), "-", "")
	if len(text) != 32 {
		return id, false
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return id, false
	}
	if b[6]>>4 == 4 && b[8]>>6 == 2 {
		copy(id[:], b)
	}
	return id, true
}

func unwrapUUID(text string) (inner string, offset int) {
	if len(text) >= 2 && text[0] == '{' && text[len(text)-1] == '}' {
		return text[1 : len(text)-1], 1
	}
	if inner, ok := strings.CutPrefix(text, "urn:uuid:"); ok {
		return inner, len("urn:uuid:")
	}
	return text, 0
}

func uuidBytes(text string) ([]byte, bool) {
	inner, offset := unwrapUUID(text)
	switch {
	case len(inner) == 36 && inner[8] == '-' && inner[13] == '-' && inner[18] == '-' && inner[23] == '-':
		inner = inner[:8] + inner[9:13] + inner[14:18] + inner[19:23] + inner[24:]
	case len(inner) != 32 || offset > 0:
		return nil, false
	}
	b, err := hex.DecodeString(inner)
	return b, err == nil
}

// uuidProblem returns the reason why a UUID is invalid, as an error text of the parser that Pydantic uses (the Rust crate
// uuid). The text counts positions from 1 and groups from 0.
func uuidProblem(text string) string {
	inner, offset := unwrapUUID(text)
	var dashes []int
	for i, r := range inner {
		switch {
		case r == '-':
			dashes = append(dashes, i)
		case r >= utf8.RuneSelf || strings.IndexByte("0123456789abcdefABCDEF", byte(r)) < 0:
			return fmt.Sprintf("invalid character: found `%c` at %d", r, i+offset+1)
		}
	}
	if len(dashes) == 0 && offset == 0 {
		return fmt.Sprintf("invalid length: expected length 32 for simple format, found %d", len(text))
	}
	if len(dashes) != 4 {
		return fmt.Sprintf("invalid group count: expected 5, found %d", len(dashes)+1)
	}
	starts, sizes := [5]int{0, 9, 14, 19, 24}, [5]int{8, 4, 4, 4, 12}
	for group, dash := range dashes {
		if dash != starts[group+1]-1 {
			return fmt.Sprintf("invalid group length in group %d: expected %d, found %d", group, sizes[group], dash-starts[group])
		}
	}
	return fmt.Sprintf("invalid group length in group 4: expected 12, found %d", len(text)-starts[4])
}

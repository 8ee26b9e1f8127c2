package body

import "github.com/postern-go/postern/internal/langtag"

// locale reads a language tag and converts it to its canonical form. It returns nil if the field is absent, null or invalid.
func (o object) locale(name string) *string {
	o.describe(name, false, Schema{Type: "string", Nullable: true})
	v, ok := o.member(name, false)
	if !ok {
		return nil
	}
	if v.kind != stringKind {
		o.refuse(v, "string_type", "Input should be a valid string", nil, name)
		return nil
	}
	tag, ok := langtag.Canonical(v.text)
	if !ok {
		o.refuse(v, "value_error", "Value error, Invalid IETF BCP 47 language tag", noContext, name)
		return nil
	}
	return &tag
}

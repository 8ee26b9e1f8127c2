package body

import "github.com/postern-go/postern/internal/fault"

// CustomerCreate is the body of POST /v1/customers/. A nil field was absent or null.
type CustomerCreate struct {
	// Type is "individual" or "team".
	Type           string
	Email          *string
	Name           *string
	ExternalID     *string
	BillingAddress *Address
	// TaxID is trimmed. Its format is not checked.
	TaxID  *string
	Locale *string
	// Metadata holds strings, int64, float64 and bool. It is never nil.
	Metadata       map[string]any
	OrganizationID *[16]byte
	Owner          *Owner
}

// Owner is the first member of a customer.
type Owner struct {
	Email, Name, ExternalID *string
}

// ReadCustomerCreate reads a new customer. The field "type" selects the schema: "team" or, by default, "individual".
func ReadCustomerCreate(v Value) (CustomerCreate, error) {
	if err := missing(v); err != nil {
		return CustomerCreate{}, err
	}
	tag := v.get("type")
	kind := tag.text
	switch {
	case tag.kind == absentKind:
		kind = "individual"
	case tag.kind != stringKind || kind != "individual" && kind != "team":
		return CustomerCreate{}, unknownTag(v, tag)
	}
	o := open(v, kind)
	o.describe("type", kind == "team", Schema{Type: "string", Const: kind})
	in := CustomerCreate{Type: kind, Metadata: o.metadata("metadata")}
	in.ExternalID = o.externalID("external_id")
	in.Name = o.name("name")
	in.BillingAddress = o.address("billing_address")
	in.TaxID = o.trimmedText("tax_id")
	in.Locale = o.optionalText("locale")
	in.OrganizationID = o.optionalUUID("organization_id")
	in.Owner = o.owner("owner")
	in.Email = o.email("email", kind == "individual")
	if o.err() == nil && kind == "team" && in.Email == nil && in.Owner == nil {
		o.refuse(v, "value_error", "Value error, An owner with an email address is required when creating a team customer without an email.",
			noContext)
	}
	return result(in, o)
}

func unknownTag(v, tag Value) error {
	name := tag.text
	if tag.kind == nullKind {
		name = "None"
	}
	const function, expected = "_customer_create_type()", "'individual', 'team'"
	return fault.Invalid(fault.Field{
		Type: "union_tag_invalid", Input: v.json(),
		Msg: "Input tag '" + name + "' found using " + function + " does not match any of the expected tags: " + expected,
		Ctx: []byte(`{"discriminator":"` + function + `","tag":` + string(Value{kind: stringKind, text: name}.json()) + `,"expected_tags":"` + expected + `"}`),
	})
}

// owner reads the owner of a new team customer. It returns nil if the field is absent, null or invalid.
func (o object) owner(name string) *Owner {
	in, ok := o.inner(name, "MemberOwnerCreate")
	if !ok {
		return nil
	}
	return &Owner{Email: in.email("email", true), Name: in.name("name"), ExternalID: in.externalID("external_id")}
}

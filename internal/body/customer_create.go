package body

import (
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// CustomerCreate is the body of POST /v1/customers/. A nil field was absent or null.
type CustomerCreate struct {
	// Type is "individual" or "team".
	Type           string
	Email          *string
	Name           *string
	ExternalID     *string
	BillingAddress *Address
	Locale         *string
	// Metadata holds strings, int64, float64 and bool. It is never nil.
	Metadata       map[string]any
	OrganizationID *[16]byte
	Owner          *Owner
}

// Address is where a customer is billed. Country is ISO 3166-1 alpha-2.
type Address struct {
	Line1, Line2, PostalCode, City, State *string
	Country                               string
}

// Owner is the first member of a customer.
type Owner struct {
	Email, Name, ExternalID *string
}

// ReadCustomerCreate reads a union whose type says which shape it has; without one, it is an individual.
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
	o := open(v, "body", kind)
	in := CustomerCreate{Type: kind, Metadata: o.metadata("metadata")}
	in.ExternalID = blankAsNil(o.optionalText("external_id", 0))
	in.Name = o.optionalText("name", 256)
	in.BillingAddress = o.address("billing_address")
	o.noTaxID("tax_id")
	in.Locale = o.optionalText("locale", 0)
	in.OrganizationID = o.uuid("organization_id", false)
	in.Owner = o.owner("owner")
	in.Email = o.email("email", kind == "individual")
	if o.err() == nil && kind == "team" && in.Email == nil && in.Owner == nil {
		o.refuse(v, "value_error", "Value error, An owner with an email address is required when creating a team customer without an email.",
			[]byte(`{"error":{}}`))
	}
	return in, o.err()
}

func unknownTag(v, tag Value) error {
	name := tag.text
	if tag.kind == nullKind {
		name = "None"
	}
	const function, expected = "_customer_create_type()", "'individual', 'team'"
	return fault.Invalid(fault.Field{
		Type: "union_tag_invalid", Loc: []any{"body"}, Input: v.json(),
		Msg: "Input tag '" + name + "' found using " + function + " does not match any of the expected tags: " + expected,
		Ctx: []byte(`{"discriminator":"` + function + `","tag":` + string(Value{kind: stringKind, text: name}.json()) + `,"expected_tags":"` + expected + `"}`),
	})
}

func blankAsNil(s *string) *string {
	if s != nil && strings.TrimSpace(*s) == "" {
		return nil
	}
	return s
}

// noTaxID refuses a tax id instead of forgetting it: it belongs to billing, which is not kept here.
func (o object) noTaxID(name string) {
	if v, ok := o.member(name, false); ok {
		o.refuse(v, "value_error", "Value error, Tax IDs belong to billing, which this server does not keep: leave it out.", []byte(`{"error":{}}`), name)
	}
}

func (o object) owner(name string) *Owner {
	in, ok := o.inner(name)
	if !ok {
		return nil
	}
	return &Owner{Email: in.email("email", true), Name: in.optionalText("name", 256), ExternalID: blankAsNil(in.optionalText("external_id", 0))}
}

func (o object) address(name string) *Address {
	in, ok := o.inner(name)
	if !ok {
		return nil
	}
	a := &Address{
		Line1: in.optionalText("line1", 0), Line2: in.optionalText("line2", 0), PostalCode: in.optionalText("postal_code", 0),
		City: in.optionalText("city", 0), State: in.optionalText("state", 0),
	}
	v, ok := in.member("country", true)
	if ok && (v.kind != stringKind || len(v.text) != 2 || !strings.Contains(countries, " "+v.text+" ")) {
		list := "'" + strings.Join(strings.Fields(countries), "', '") + "'"
		last := strings.LastIndex(list, ", ")
		list = list[:last] + " or" + list[last+1:]
		in.refuse(v, "enum", "Input should be "+list, context("expected", list), "country")
	}
	a.Country = v.text
	if (a.Country == "US" || a.Country == "CA") && a.State != nil && !strings.HasPrefix(*a.State, a.Country+"-") {
		state := a.Country + "-" + *a.State
		a.State = &state
	}
	return a
}

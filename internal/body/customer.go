package body

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/polar"
)

// CustomerCreate is the body of POST /v1/customers/. A nil field was absent or null. Metadata is never nil.
type CustomerCreate struct {
	directory.NewCustomer
	OrganizationID *[16]byte
}

// ReadCustomerCreate reads a new customer. The field "type" selects the schema: "team" or, by default, "individual".
func ReadCustomerCreate(v Value) (CustomerCreate, error) {
	if missing := missing(v); missing != nil {
		return CustomerCreate{}, fault.Invalid(*missing)
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
	in := CustomerCreate{NewCustomer: directory.NewCustomer{Type: directory.CustomerType(kind), Metadata: o.metadata("metadata")}}
	in.ExternalID = o.externalID("external_id")
	in.Name = o.name("name")
	in.BillingAddress = o.address("billing_address")
	in.TaxID = o.trimmedText("tax_id")
	in.Locale = o.locale("locale")
	in.OrganizationID = o.optionalUUID("organization_id")
	in.Owner = o.owner("owner")
	in.Email = o.email("email", kind == "individual")
	o.cleanAddress("billing_address")
	if o.err() == nil && kind == "team" && in.Email == nil && in.Owner == nil {
		o.refuse(v, "value_error", "Value error, An owner with an email address is required when creating a team customer without an email.",
			noContext)
	}
	return result(in, o)
}

func unknownTag(v, tag Value) error {
	name := tag.text
	if tag.kind != stringKind {
		name = tag.python()
	}
	const function, expected = "_customer_create_type()", "'individual', 'team'"
	return fault.Invalid(fault.Field{
		Type: "union_tag_invalid", Input: v.json(),
		Msg: "Input tag '" + name + "' found using " + function + " does not match any of the expected tags: " + expected,
		Ctx: []byte(`{"discriminator":"` + function + `","tag":` + string(Value{kind: stringKind, text: name}.json()) + `,"expected_tags":"` + expected + `"}`),
	})
}

// owner reads the owner of a new team customer. It returns nil if the field is absent, null or invalid.
func (o object) owner(name string) *directory.NewOwner {
	in, ok := o.inner(name, "MemberOwnerCreate")
	if !ok {
		return nil
	}
	return &directory.NewOwner{Email: in.email("email", true), Name: in.name("name"), ExternalID: in.externalID("external_id")}
}

// ReadCustomerUpdate reads the body of PATCH /v1/customers/{id}.
func ReadCustomerUpdate(v Value) (directory.CustomerChange, error) {
	in, o := customerUpdate(v)
	in.ExternalID = optional(o, "external_id", o.externalID)
	kind := optional(o, "type", o.optionalChoice("individual", "team"))
	in.Type = Optional[directory.CustomerType]{Set: kind.Set, Value: (*directory.CustomerType)(kind.Value)}
	o.cleanAddress("billing_address")
	return result(in, o)
}

// ReadCustomerUpdateExternalID reads the body of PATCH /v1/customers/external/{external_id}. It ignores external_id and type,
// which are not part of the schema of this route.
func ReadCustomerUpdateExternalID(v Value) (directory.CustomerChange, error) {
	in, o := customerUpdate(v)
	o.cleanAddress("billing_address")
	return result(in, o)
}

func customerUpdate(v Value) (in directory.CustomerChange, o object) {
	o = open(v)
	in.Metadata = o.newMetadata("metadata")
	in.Email = o.optionalEmail("email")
	in.Name = optional(o, "name", o.name)
	in.BillingAddress = optional(o, "billing_address", o.address)
	in.TaxID = optional(o, "tax_id", o.trimmedText)
	in.Locale = optional(o, "locale", o.locale)
	return in, o
}

// WireCustomer converts a customer to the API's format. Fields for billing have the values of an organization without products.
func WireCustomer(c directory.Customer) polar.Customer {
	w := polar.Customer{
		ID:             polar.CustomerID(c.ID.String()),
		CreatedAt:      c.CreatedAt,
		ModifiedAt:     c.ModifiedAt,
		Metadata:       polar.Metadata(c.Metadata),
		ExternalID:     (*polar.ExternalCustomerID)(c.ExternalID),
		Email:          c.Email,
		EmailVerified:  c.EmailVerified,
		Type:           polar.CustomerType(c.Type),
		Name:           c.Name,
		BillingName:    billingName(c),
		TaxID:          wireTaxID(c.TaxID),
		Locale:         c.Locale,
		OrganizationID: polar.OrganizationID(c.Organization.String()),
		AvatarURL:      avatar(c),
	}
	w.BillingAddress = wireAddress(c.BillingAddress)
	if id, ok := c.Metadata["__external_id"].(string); ok && c.ExternalID == nil { // where Polar keeps the external id of a deleted customer
		w.ExternalID = (*polar.ExternalCustomerID)(&id)
	}
	return w
}

// WirePortalCustomer converts a customer to the format of the portal's API.
func WirePortalCustomer(c directory.Customer) polar.CustomerPortalCustomer {
	return polar.CustomerPortalCustomer{
		CreatedAt: c.CreatedAt, ModifiedAt: c.ModifiedAt, ID: polar.CustomerID(c.ID.String()), Email: c.Email, EmailVerified: c.EmailVerified,
		Name: c.Name, BillingName: billingName(c), BillingAddress: wireAddress(c.BillingAddress), TaxID: wireTaxID(c.TaxID),
		OAuthAccounts: map[string]polar.OAuthAccount{}, Type: polar.CustomerType(c.Type), Locale: c.Locale,
	}
}

func billingName(c directory.Customer) *string {
	if c.BillingName != nil {
		return c.BillingName
	}
	return c.Name
}

func wireTaxID(t *directory.TaxID) *polar.TaxID {
	if t == nil {
		return nil
	}
	return &polar.TaxID{t.Value, t.Format}
}

func wireAddress(a *directory.Address) *polar.Address {
	if a == nil {
		return nil
	}
	w := polar.Address(*a)
	return &w
}

// avatar returns the Gravatar URL for the email address of the customer or of its owner, or nil if neither has an address.
func avatar(c directory.Customer) *string {
	email := c.Email
	if email == nil {
		email = c.OwnerEmail
	}
	if email == nil {
		return nil
	}
	sum := sha256.Sum256([]byte(strings.ToLower(*email)))
	u := "https://www.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?d=404"
	return &u
}

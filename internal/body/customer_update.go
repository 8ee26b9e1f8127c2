package body

// CustomerUpdate is the body of PATCH /v1/customers/{id} and of PATCH /v1/customers/external/{external_id}.
type CustomerUpdate struct {
	// Metadata replaces the stored metadata. It is nil if the field was absent. It holds strings, int64, float64 and bool.
	Metadata       map[string]any
	Email          Optional[string]
	Name           Optional[string]
	BillingAddress Optional[Address]
	// TaxID is trimmed. Its format is not checked.
	TaxID  Optional[string]
	Locale Optional[string]
	// ExternalID is never set on the route with an external id in its path.
	ExternalID Optional[string]
	// Type is "individual" or "team". It is never set on the route with an external id in its path.
	Type Optional[string]
}

// ReadCustomerUpdate reads the body of PATCH /v1/customers/{id}.
func ReadCustomerUpdate(v Value) (CustomerUpdate, error) {
	in, o, err := customerUpdate(v)
	if err != nil {
		return CustomerUpdate{}, err
	}
	in.ExternalID = optional(o, "external_id", o.externalID)
	in.Type = optional(o, "type", o.optionalChoice("individual", "team"))
	return result(in, o)
}

// ReadCustomerUpdateExternalID reads the body of PATCH /v1/customers/external/{external_id}. It ignores external_id and type,
// which are not part of the schema of this route.
func ReadCustomerUpdateExternalID(v Value) (CustomerUpdate, error) {
	in, o, err := customerUpdate(v)
	if err != nil {
		return CustomerUpdate{}, err
	}
	return result(in, o)
}

func customerUpdate(v Value) (in CustomerUpdate, o object, err error) {
	if err := missing(v); err != nil {
		return in, o, err
	}
	o = open(v)
	in.Metadata = o.newMetadata("metadata")
	in.Email = optional(o, "email", o.optionalEmail)
	in.Name = optional(o, "name", o.name)
	in.BillingAddress = optional(o, "billing_address", o.address)
	in.TaxID = optional(o, "tax_id", o.trimmedText)
	in.Locale = optional(o, "locale", o.optionalText)
	return in, o, nil
}

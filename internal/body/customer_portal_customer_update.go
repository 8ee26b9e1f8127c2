package body

// CustomerPortalCustomerUpdate is the body of PATCH /v1/customer-portal/customers/me.
type CustomerPortalCustomerUpdate struct {
	BillingName    Optional[string]
	BillingAddress Optional[Address]
	// TaxID is trimmed. Its format is not checked.
	TaxID                  Optional[string]
	DefaultPaymentMethodID Optional[[16]byte]
}

// ReadCustomerPortalCustomerUpdate reads the fields that customers change in their own data.
func ReadCustomerPortalCustomerUpdate(v Value) (in CustomerPortalCustomerUpdate, err error) {
	o := open(v)
	in.BillingName = optional(o, "billing_name", o.trimmedText)
	in.BillingAddress = optional(o, "billing_address", o.address)
	in.TaxID = optional(o, "tax_id", o.trimmedText)
	in.DefaultPaymentMethodID = optional(o, "default_payment_method_id", o.optionalUUID)
	o.cleanAddress("billing_address")
	return result(in, o)
}

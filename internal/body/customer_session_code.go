package body

// CustomerSessionCodeRequest is the body of POST /v1/customer-portal/customer-session/request.
type CustomerSessionCodeRequest struct {
	Email          string
	OrganizationID [16]byte
	// CustomerID is nil if it was absent or null.
	CustomerID *[16]byte
}

// ReadCustomerSessionCodeRequest reads the request for a login code.
func ReadCustomerSessionCodeRequest(v Value) (in CustomerSessionCodeRequest, err error) {
	o := open(v)
	in.Email = o.requiredEmail("email")
	if id := o.uuid("organization_id", true); id != nil {
		in.OrganizationID = *id
	}
	in.CustomerID = o.optionalUUID("customer_id")
	return result(in, o)
}

// CustomerSessionCodeAuthenticate is the body of POST /v1/customer-portal/customer-session/authenticate.
type CustomerSessionCodeAuthenticate struct {
	// Code can be any text. Package login validates it.
	Code string
	// CustomerID is nil if it was absent or null.
	CustomerID *[16]byte
}

// ReadCustomerSessionCodeAuthenticate reads a login code.
func ReadCustomerSessionCodeAuthenticate(v Value) (in CustomerSessionCodeAuthenticate, err error) {
	o := open(v)
	in.Code, _ = o.text("code", true, 0)
	in.CustomerID = o.optionalUUID("customer_id")
	return result(in, o)
}

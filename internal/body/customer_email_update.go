package body

// CustomerEmailUpdateRequest is the body of POST /v1/customer-portal/customers/me/email-update/request.
type CustomerEmailUpdateRequest struct{ Email string }

// ReadCustomerEmailUpdateRequest reads the customer's new email address.
func ReadCustomerEmailUpdateRequest(v Value) (in CustomerEmailUpdateRequest, err error) {
	o := open(v)
	in.Email = o.requiredEmail("email")
	return result(in, o)
}

// CustomerEmailUpdateVerifyRequest is the body of POST /v1/customer-portal/customers/me/email-update/verify.
type CustomerEmailUpdateVerifyRequest struct{ Token string }

// ReadCustomerEmailUpdateVerifyRequest reads the token from the confirmation mail.
func ReadCustomerEmailUpdateVerifyRequest(v Value) (in CustomerEmailUpdateVerifyRequest, err error) {
	o := open(v)
	in.Token, _ = o.text("token", true, 0)
	return result(in, o)
}

// CustomerEmailUpdateCheck is the query of GET /v1/customer-portal/customers/me/email-update/check.
type CustomerEmailUpdateCheck struct{ Token string }

// ReadCustomerEmailUpdateCheck reads the token from the confirmation mail.
func ReadCustomerEmailUpdateCheck(values Query) (CustomerEmailUpdateCheck, error) {
	q := openQuery(values)
	return result(CustomerEmailUpdateCheck{q.requiredText("token")}, q.object)
}

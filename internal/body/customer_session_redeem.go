package body

// CustomerSessionRedeem is the body of POST /v1/customer-portal/customer-session/redeem. The fields can be any text. Package login
// validates them.
type CustomerSessionRedeem struct {
	Ticket, State, Verifier, ReturnURL string
}

// ReadCustomerSessionRedeem reads a ticket of the sign-in page.
func ReadCustomerSessionRedeem(v Value) (in CustomerSessionRedeem, err error) {
	o := open(v)
	in.Ticket, _ = o.text("ticket", true, 0)
	in.State, _ = o.text("state", true, 0)
	in.Verifier, _ = o.text("verifier", true, 0)
	in.ReturnURL, _ = o.text("return_url", true, 0)
	return result(in, o)
}

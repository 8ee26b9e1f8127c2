package body

// CustomerSessionProofConfirm is the body of POST /v1/customer-portal/customer-session/proof/confirm.
type CustomerSessionProofConfirm struct {
	// Code can be any text. Package login validates it.
	Code string
}

// ReadCustomerSessionProofConfirm reads a code that confirms a change of the account.
func ReadCustomerSessionProofConfirm(v Value) (in CustomerSessionProofConfirm, err error) {
	o := open(v)
	in.Code, _ = o.text("code", true, 0)
	return result(in, o)
}

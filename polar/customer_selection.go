package polar

// CustomerSelectionRequired is the body of a 409 response to a login if several customers have the email address. The client
// returns an [*Error] that matches [ErrCustomerSelectionRequired].
//
// Routes: POST /v1/customer-portal/customer-session/request and POST /v1/customer-portal/customer-session/authenticate.
type CustomerSelectionRequired struct {
	// ErrorCode is "customer_selection_required".
	ErrorCode string                    `json:"error"`
	Detail    string                    `json:"detail"`
	Customers []CustomerSelectionOption `json:"customers"`
}

// CustomerSelectionOption is one of several customers with the same email address.
type CustomerSelectionOption struct {
	ID   CustomerID `json:"id"`
	Name *string    `json:"name"`
}

package polar

// CustomerSelectionRequired is what a login answers when several customers have the email address: ask again with the id of
// one of them (409 of POST /v1/customer-portal/customer-session/request and of …/authenticate).
type CustomerSelectionRequired struct {
	// ErrorCode is "customer_selection_required".
	ErrorCode string                    `json:"error"`
	Detail    string                    `json:"detail"`
	Customers []CustomerSelectionOption `json:"customers"`
}

// CustomerSelectionOption is one of several customers with the same email address.
type CustomerSelectionOption struct {
	ID   string  `json:"id"`
	Name *string `json:"name"`
}

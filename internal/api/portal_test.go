package api_test

const (
	portalCustomer = "/v1/customer-portal/customers/me"
	portalMembers  = "/v1/customer-portal/members"
)

package body

import "net/url"

// CustomerList is the query of GET /v1/customers/. A nil filter was not given.
type CustomerList struct {
	Paging
	Sorting []Order
	// OrganizationIDs are those of which a customer has one.
	OrganizationIDs [][16]byte
	// Email is the whole address; Query is a part of a name, an address or an external id.
	Email, Query *string
	// Active asks for those with a subscription, which this server does not keep: it is read, and has no effect.
	Active *bool
	// Metadata holds for each key the values of which the customer has one.
	Metadata map[string][]string
}

// ReadCustomerList reads which customers are asked for. Without a sorting the latest come first.
func ReadCustomerList(values url.Values) (CustomerList, error) {
	q := openQuery(values)
	return result(CustomerList{
		Paging:          q.paging(),
		Sorting:         q.sorting(Order{By: "created_at", Descending: true}, "created_at", "email", "name"),
		OrganizationIDs: q.uuids("organization_id"),
		Email:           q.text("email"),
		Query:           q.search("query"),
		Active:          q.flag("active"),
		Metadata:        q.metadata(),
	}, q.object)
}

// CustomerDelete is the query of DELETE /v1/customers/{id}, and of its twin under an external id.
type CustomerDelete struct {
	// Anonymize asks that what is kept of the customer no longer says who it was.
	Anonymize bool
}

// ReadCustomerDelete reads how a customer is deleted.
func ReadCustomerDelete(values url.Values) (in CustomerDelete, err error) {
	q := openQuery(values)
	if anonymize := q.flag("anonymize"); anonymize != nil {
		in.Anonymize = *anonymize
	}
	return result(in, q.object)
}

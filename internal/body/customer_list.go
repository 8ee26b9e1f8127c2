package body

import "github.com/postern-go/postern/internal/fault"

// CustomerList is the query of GET /v1/customers/. A nil filter was not given.
type CustomerList struct {
	Paging
	Sorting []Order
	// OrganizationIDs selects the customers of any of these organizations.
	OrganizationIDs [][16]byte
	// Email must equal the customer's address. Query must be part of the name, the address or the external id.
	Email, Query *string
	// Active selects customers with, or without, an active subscription.
	Active *bool
	// Metadata maps metadata keys to lists of values. For each key, a customer must have one of the values.
	Metadata map[string][]string
}

// ReadCustomerList reads the query of the customer list. By default the newest customers come first.
func ReadCustomerList(values Query) (CustomerList, error) {
	q := openQuery(values)
	in := CustomerList{
		Paging:          q.paging(),
		Sorting:         q.sorting(Order{By: "created_at", Descending: true}, "created_at", "email", "name"),
		OrganizationIDs: q.uuids("organization_id"),
		Email:           q.text("email"),
		Query:           q.search("query"),
		Active:          q.flag("active"),
		Metadata:        q.metadata(),
	}
	q.sortedPaging(in.Paging, in.Sorting)
	return result(in, q.object)
}

// LimitMetadata returns fault.InvalidRequest if the query has more than limit metadata values. 0 means no limit.
func (l CustomerList) LimitMetadata(limit int) error {
	n := 0
	for _, values := range l.Metadata {
		n += len(values)
	}
	if limit > 0 && n > limit {
		return fault.Invalid(tooManyFilters(limit, n))
	}
	return nil
}

// CustomerExport is the query of GET /v1/customers/export.
type CustomerExport struct {
	// OrganizationIDs selects the customers of any of these organizations.
	OrganizationIDs [][16]byte
}

// ReadCustomerExport reads the query of the export of customers.
func ReadCustomerExport(values Query) (CustomerExport, error) {
	q := openQuery(values)
	return result(CustomerExport{q.uuids("organization_id")}, q.object)
}

// CustomerDelete is the query of DELETE /v1/customers/{id} and of DELETE /v1/customers/external/{external_id}.
type CustomerDelete struct {
	// Anonymize erases the personal data of the deleted customer.
	Anonymize bool
}

// ReadCustomerDelete reads the query of a request to delete a customer.
func ReadCustomerDelete(values Query) (in CustomerDelete, err error) {
	q := openQuery(values)
	if anonymize := q.flag("anonymize"); anonymize != nil {
		in.Anonymize = *anonymize
	}
	return result(in, q.object)
}

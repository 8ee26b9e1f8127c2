package polar

import "errors"

// CustomerRef identifies a customer: it is a [CustomerID] or an [ExternalCustomerID]. A call with a nil or empty
// CustomerRef returns an error and sends nothing.
type CustomerRef interface {
	customerRef() (id CustomerID, external ExternalCustomerID)
}

func (c CustomerID) customerRef() (CustomerID, ExternalCustomerID)         { return c, "" }
func (c ExternalCustomerID) customerRef() (CustomerID, ExternalCustomerID) { return "", c }

// MemberRef identifies a member of a customer: it is a [MemberID] or an [ExternalMemberID].
type MemberRef interface {
	memberRef() (id MemberID, external ExternalMemberID)
}

func (m MemberID) memberRef() (MemberID, ExternalMemberID)         { return m, "" }
func (m ExternalMemberID) memberRef() (MemberID, ExternalMemberID) { return "", m }

var (
	errNoCustomer = errors.New("the customer is missing; pass a polar.CustomerID or polar.ExternalCustomerID that is not empty")
	errNoMember   = errors.New("the member is missing; pass a polar.MemberID or polar.ExternalMemberID that is not empty")
)

// customerFields returns the fields that identify a customer in a request body. One of the fields is empty. For a nil or empty
// reference, it returns errNoCustomer.
func customerFields(c CustomerRef) (id CustomerID, external ExternalCustomerID, err error) {
	if c != nil {
		id, external = c.customerRef()
	}
	if id == "" && external == "" {
		err = errNoCustomer
	}
	return id, external, err
}

// memberFields returns the fields that identify a member in a request body. Both fields are empty for a nil reference. For an
// empty reference, it returns errNoMember.
func memberFields(m MemberRef) (id MemberID, external ExternalMemberID, err error) {
	if m == nil {
		return "", "", nil
	}
	if id, external = m.memberRef(); id == "" && external == "" {
		err = errNoMember
	}
	return id, external, err
}

// customerCall returns a call of byID or byExternal. The kind of the reference determines which.
func customerCall(c CustomerRef, byID, byExternal *operation) call {
	id, external, err := customerFields(c)
	if external != "" {
		return call{op: byExternal, path: []string{string(external)}}
	}
	return call{op: byID, path: []string{string(id)}, err: err}
}

// addCustomer adds a customer to the query of a list, unless the reference is nil. An empty reference is an error,
// because the list would contain the entries of all customers.
func (f filters) addCustomer(c CustomerRef) error {
	if c == nil {
		return nil
	}
	id, external, err := customerFields(c)
	f.addText("customer_id", string(id))
	f.addText("external_customer_id", string(external))
	return err
}

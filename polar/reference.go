package polar

import "errors"

// CustomerRef names a customer: a [CustomerID] or an [ExternalCustomerID]. There is nothing else that it can be, and a call
// without one is an error before anything is sent.
type CustomerRef interface {
	customerRef() (id CustomerID, external ExternalCustomerID)
}

// CustomerID is the id that the server gave to a customer, a version-4 UUID.
type CustomerID string

// ExternalCustomerID is the organization's own name for a customer. In paths, which are how most routes name one, it cannot be
// "." or "..".
type ExternalCustomerID string

func (c CustomerID) customerRef() (CustomerID, ExternalCustomerID)         { return c, "" }
func (c ExternalCustomerID) customerRef() (CustomerID, ExternalCustomerID) { return "", c }

// MemberRef names a member of a customer: a [MemberID] or an [ExternalMemberID].
type MemberRef interface {
	memberRef() (id MemberID, external ExternalMemberID)
}

// MemberID is the id that the server gave to a member, a version-4 UUID.
type MemberID string

// ExternalMemberID is the organization's own name for a member.
type ExternalMemberID string

func (m MemberID) memberRef() (MemberID, ExternalMemberID)         { return m, "" }
func (m ExternalMemberID) memberRef() (MemberID, ExternalMemberID) { return "", m }

var (
	errNoCustomer = errors.New("no customer is named: it is polar.CustomerID(…) or polar.ExternalCustomerID(…), and not empty")
	errNoMember   = errors.New("no member is named: it is polar.MemberID(…) or polar.ExternalMemberID(…), and not empty")
)

// names is where a customer stands in a JSON object, or errNoCustomer.
func customerFields(c CustomerRef) (id CustomerID, external ExternalCustomerID, err error) {
	if c != nil {
		id, external = c.customerRef()
	}
	if id == "" && external == "" {
		err = errNoCustomer
	}
	return id, external, err
}

// memberNames is where a member stands in a JSON object; nil is nobody, and empty is errNoMember.
func memberFields(m MemberRef) (id MemberID, external ExternalMemberID, err error) {
	if m == nil {
		return "", "", nil
	}
	if id, external = m.memberRef(); id == "" && external == "" {
		err = errNoMember
	}
	return id, external, err
}

// routed is a call of the operation that is served for the kind of reference.
func customerCall(c CustomerRef, byID, byExternal *operation) call {
	id, external, err := customerFields(c)
	if external != "" {
		return call{op: byExternal, path: []string{string(external)}}
	}
	return call{op: byID, path: []string{string(id)}, err: err}
}

// customer adds the customer to the query of a list, unless it is nil. One that is empty is an error: it would list those of all.
func (f filters) addCustomer(c CustomerRef) error {
	if c == nil {
		return nil
	}
	id, external, err := customerFields(c)
	f.addText("customer_id", string(id))
	f.addText("external_customer_id", string(external))
	return err
}

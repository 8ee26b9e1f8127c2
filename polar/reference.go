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

// names is where a customer stands in a JSON object.
func names(c CustomerRef) (id CustomerID, external ExternalCustomerID, err error) {
	if c != nil {
		id, external = c.customerRef()
	}
	if id == "" && external == "" {
		err = errNoCustomer
	}
	return id, external, err
}

// routed is the operation that is served for the kind of reference, and the value for its path.
func routed(c CustomerRef, byID, byExternal *operation) (*operation, []string) {
	if c == nil {
		return byID, []string{""} // which is refused, in words
	}
	id, external := c.customerRef()
	if _, ok := c.(ExternalCustomerID); ok {
		return byExternal, []string{string(external)}
	}
	return byID, []string{string(id)}
}

// customer adds the customer to the query of a list, unless it is nil.
func (f filters) customer(c CustomerRef) {
	if c != nil {
		id, external := c.customerRef()
		f.text("customer_id", string(id))
		f.text("external_customer_id", string(external))
	}
}

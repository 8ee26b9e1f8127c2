package directory

import (
	"context"
	"encoding/json"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

// CustomerType says whether a customer is one person or a team.
type CustomerType string

// The types of customers.
const (
	// Individual customers have an email address and exactly one member, the owner.
	Individual CustomerType = "individual"
	// Team customers have any number of members, and may have no email address.
	Team CustomerType = "team"
)

// Customer is a person or a team that buys from an organization. Fields without a value are nil.
type Customer struct {
	ID           token.ID
	Organization token.ID
	Type         CustomerType
	// ExternalID is the organization's id for the customer. It is unique in the organization.
	ExternalID *string
	// Email is unique in the organization; see [FoldEmail]. Only a team can have none.
	Email         *string
	EmailVerified bool
	// OwnerEmail is the owner's address if the customer has no address of its own. The store sets it and ignores changes to it.
	OwnerEmail *string
	Name       *string
	// BillingName is the name on invoices. If it is nil, invoices show Name.
	BillingName    *string
	BillingAddress *Address
	TaxID          *TaxID
	Locale         *string
	// Metadata is data that the organization stores with the customer. Values are strings, int64, json.Number for larger integers, float64 or bool.
	Metadata map[string]any
	// Generation is a counter. It increases when all sessions of the customer end.
	Generation uint32
	CreatedAt  time.Time
	ModifiedAt *time.Time
	// DeletedAt is set by a change that deletes the customer. The store never returns a deleted customer.
	DeletedAt *time.Time
}

// Address is a billing address. Country is an ISO 3166-1 alpha-2 code.
type Address struct {
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	City       *string `json:"city"`
	State      *string `json:"state"`
	Country    string  `json:"country"`
}

// NewCustomer holds the parameters of [Service.CreateCustomer]. Fields without a comment are those of [Customer].
type NewCustomer struct {
	Type           CustomerType
	ExternalID     *string
	Email          *string
	Name           *string
	BillingAddress *Address
	// TaxID is the tax id as the caller typed it. The country of BillingAddress determines its format.
	TaxID    *string
	Locale   *string
	Metadata map[string]any
	// Owner describes the first member. If it is nil, the owner has the customer's email address, name and external id.
	Owner *NewOwner
	// Once makes the create repeatable, unless it is nil.
	Once *idempotency.Once[Customer]
}

// NewOwner describes the first member of a customer. A nil field has the customer's value.
type NewOwner struct {
	Email            *string
	Name, ExternalID *string
}

// CustomerChange holds an organization's changes to a customer. Nil and unset fields stay unchanged.
type CustomerChange struct {
	// Type can change an individual to a team, but not back.
	Type           Patch[CustomerType]
	Email          *string
	Name           Patch[string]
	BillingName    *string
	BillingAddress Patch[Address]
	// TaxID is the tax id as the caller typed it. Null deletes the tax id.
	TaxID  Patch[string]
	Locale Patch[string]
	// ExternalID cannot change once the customer has one.
	ExternalID Patch[string]
	Metadata   map[string]any
}

func (c CustomerChange) apply(to *Customer) {
	if c.Type.Value != nil {
		to.Type = *c.Type.Value
	}
	if c.BillingName != nil {
		to.BillingName = c.BillingName
	}
	if c.Metadata != nil {
		to.Metadata = c.Metadata
	}
	c.Name.to(&to.Name)
	c.BillingAddress.to(&to.BillingAddress)
	c.Locale.to(&to.Locale)
	c.ExternalID.to(&to.ExternalID)
}

// CreateCustomer creates a customer and, if the organization has the member model, its owner. It returns fault.RuleViolated
// with a field for each conflict: the email address or the external id exists, or the tax id is invalid.
func (d *Service) CreateCustomer(ctx context.Context, org Organization, n NewCustomer) (Customer, error) {
	for _, email := range []*string{n.Email, n.Owner.email()} {
		if err := d.checkAddress(email); err != nil {
			return Customer{}, err
		}
	}
	now := d.instant()
	c := Customer{
		ID: token.NewID(now), Organization: org.ID, Type: n.Type, ExternalID: n.ExternalID, Email: n.Email, Name: n.Name,
		BillingAddress: n.BillingAddress, Locale: n.Locale,
		Metadata: n.Metadata, CreatedAt: now,
	}
	if err := c.setTaxID(Patch[string]{Set: n.TaxID != nil, Value: n.TaxID}); err != nil {
		return Customer{}, err
	}
	var owner *Member
	if org.MemberModel {
		owner = newOwner(c, n.Owner, now)
	}
	if c.Email == nil && owner != nil {
		c.OwnerEmail = owner.Email
	}
	n.Once.Made(c)
	conflict, err := d.store.InsertCustomer(ctx, c, owner, n.Once.Claim())
	if err != nil {
		return Customer{}, err
	}
	if err := conflict.fault(n.Email, n.ExternalID); err != nil {
		return Customer{}, err
	}
	return c, nil
}

// Customer returns the organization's customer with the id, or fault.NotFound.
func (d *Service) Customer(ctx context.Context, org Organization, id token.ID) (Customer, error) {
	c, found, err := d.store.Customer(ctx, id.Key())
	return orNotFound(c, found && c.ID == id && c.Organization == org.ID, err, "Not found")
}

// CustomerByExternalID returns the organization's customer with the external id, or fault.NotFound.
func (d *Service) CustomerByExternalID(ctx context.Context, org Organization, externalID string) (Customer, error) {
	c, found, err := d.store.CustomerByExternalID(ctx, org.ID.Key(), externalID)
	return orNotFound(c, found, err, "Not found")
}

// CustomerByKey returns the customer with the key, of any organization, or fault.NotFound. Requests with a session use it,
// because they do not name an organization.
func (d *Service) CustomerByKey(ctx context.Context, key token.Key) (Customer, error) {
	c, found, err := d.store.Customer(ctx, key)
	return orNotFound(c, found, err, "Not found")
}

// fault returns fault.RuleViolated for a conflict, or nil if there is no conflict. email and externalID are the values that the
// caller sent.
func (t Conflict) fault(email, externalID *string) error {
	var fields []fault.Field
	if t.Email {
		fields = append(fields, refused("email", "A customer with this email address already exists.", email))
	}
	if t.ExternalID {
		fields = append(fields, refused("external_id", "A customer with this external ID already exists.", externalID))
	}
	return broken(fields)
}

// broken returns fault.RuleViolated with the fields, or nil if the list of fields is empty.
func broken(fields []fault.Field) error {
	if fields == nil {
		return nil
	}
	return fault.Rule(fields...)
}

// refused returns the validation error of a field that breaks a business rule. input is the refused value: a number, a
// string, a pointer to a string, or nil.
func refused(name, msg string, input any) fault.Field {
	return fault.Field{Type: "value_error", Name: []any{name}, Msg: msg, Input: toJSON(input)}
}

// toJSON encodes a value as errors on the wire contain it.
func toJSON(input any) json.RawMessage { return wirejson.Append(nil, input) }

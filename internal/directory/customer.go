package directory

import (
	"context"
	"encoding/json"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// CustomerType says whether a customer is one person or several.
type CustomerType string

// The types of customers.
const (
	// Individual has an email address and exactly one member, its owner.
	Individual CustomerType = "individual"
	// Team may have no email address, and any number of members.
	Team CustomerType = "team"
)

// Customer is somebody who buys from an organization. A nil field was never given.
type Customer struct {
	ID           token.ID
	Organization token.ID
	Type         CustomerType
	// ExternalID is the organization's own name for the customer, unique within it.
	ExternalID *string
	// Email is unique within the organization, whatever its case. A team may have none.
	Email         *string
	EmailVerified bool
	// OwnerEmail is the address of the owner, for a customer that has none of its own. A change leaves it as it is.
	OwnerEmail *string
	Name       *string
	// BillingName is what stands on invoices; nil stands for Name.
	BillingName    *string
	BillingAddress *Address
	TaxID          *TaxID
	Locale         *string
	// Metadata is the organization's own: strings, int64, float64 and bool under its names.
	Metadata map[string]any
	// Generation grows when all sessions of the customer are ended.
	Generation uint32
	CreatedAt  time.Time
	ModifiedAt *time.Time
	// DeletedAt is set by a change that deletes the customer; one that was found has none.
	DeletedAt *time.Time
}

// Address is where a customer is billed. Country is ISO 3166-1 alpha-2.
type Address struct {
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	City       *string `json:"city"`
	State      *string `json:"state"`
	Country    string  `json:"country"`
}

// NewCustomer is what [Service.CreateCustomer] needs to know. The fields are those of [Customer].
type NewCustomer struct {
	Type           CustomerType
	ExternalID     *string
	Email          *string
	Name           *string
	BillingAddress *Address
	// TaxID is as it was typed in; its format follows from the country of BillingAddress.
	TaxID    *string
	Locale   *string
	Metadata map[string]any
	// Owner describes the first member; nil makes one out of the customer's own names.
	Owner *NewOwner
}

// NewOwner describes the first member of a customer.
type NewOwner struct {
	Email            *string
	Name, ExternalID *string
}

// CustomerChange says what an organization changes of a customer. What is nil or not given stays.
type CustomerChange struct {
	// Type can make a team of an individual, and not the other way round.
	Type           *CustomerType
	Email          *string
	Name           Patch[string]
	BillingName    *string
	BillingAddress Patch[Address]
	TaxID          *string
	Locale         Patch[string]
	// ExternalID can be set once.
	ExternalID Patch[string]
	Metadata   map[string]any
}

func (c CustomerChange) apply(to *Customer) {
	if c.Type != nil {
		to.Type = *c.Type
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

// CreateCustomer makes a customer, and its owner with it where the organization has the member model. It yields
// fault.RuleViolated, one field for each, when the email address or the external id is taken, and when a tax id is not one.
func (d *Service) CreateCustomer(ctx context.Context, org Organization, n NewCustomer) (Customer, error) {
	now := d.instant()
	c := Customer{
		ID: token.NewID(now), Organization: org.ID, Type: n.Type, ExternalID: n.ExternalID, Email: n.Email, Name: n.Name,
		BillingAddress: n.BillingAddress, Locale: n.Locale,
		Metadata: n.Metadata, CreatedAt: now,
	}
	if err := c.setTaxID(n.TaxID); err != nil {
		return Customer{}, err
	}
	var owner *Member
	if org.MemberModel {
		owner = newOwner(c, n.Owner, now)
	}
	if c.Email == nil && owner != nil {
		c.OwnerEmail = owner.Email
	}
	taken, err := d.store.InsertCustomer(ctx, c, owner)
	if err != nil {
		return Customer{}, err
	}
	if err := taken.fault(n.Email, n.ExternalID); err != nil {
		return Customer{}, err
	}
	return c, nil
}

// Customer returns the organization's customer with that id, or fault.NotFound.
func (d *Service) Customer(ctx context.Context, org Organization, id token.ID) (Customer, error) {
	c, found, err := d.store.Customer(ctx, id.Key())
	return one(c, found && c.ID == id && c.Organization == org.ID, err, "Not found")
}

// CustomerByExternalID returns the organization's customer with that external id, or fault.NotFound.
func (d *Service) CustomerByExternalID(ctx context.Context, org Organization, externalID string) (Customer, error) {
	c, found, err := d.store.CustomerByExternalID(ctx, org.ID.Key(), externalID)
	return one(c, found, err, "Not found")
}

// CustomerByKey returns the customer with that key, or fault.NotFound. It is for holders of a session, who have no
// organization to name.
func (d *Service) CustomerByKey(ctx context.Context, key token.Key) (Customer, error) {
	c, found, err := d.store.Customer(ctx, key)
	return one(c, found, err, "Not found")
}

// fault says what is taken; the email address and the external id are those that were asked for.
func (t Conflict) fault(email, externalID *string) error {
	var fields []fault.Field
	if t.Email {
		fields = append(fields, taken("email", email, "A customer with this email address already exists."))
	}
	if t.ExternalID {
		fields = append(fields, taken("external_id", externalID, "A customer with this external ID already exists."))
	}
	if fields == nil {
		return nil
	}
	return fault.Rule(fields...)
}

func taken(name string, input *string, msg string) fault.Field {
	return refused(name, msg, text(input))
}

// refused is a field of the body that breaks a rule.
func refused(name, msg string, input json.RawMessage) fault.Field {
	return fault.Field{Type: "value_error", Name: []any{name}, Msg: msg, Input: input}
}

// text is a string as JSON, for the input of a field; nil is null.
func text(s *string) json.RawMessage {
	if s == nil {
		return nil
	}
	b, _ := json.Marshal(*s) // a string always marshals
	return b
}

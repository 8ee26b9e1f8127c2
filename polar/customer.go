package polar

import (
	"encoding/json"
	"time"
)

// CustomerType is the kind of a customer: one person or a team. The server may return types that are not listed here.
type CustomerType string

// Customer types.
const (
	CustomerIndividual CustomerType = "individual"
	CustomerTeam       CustomerType = "team"
)

// Customer is a customer of an organization: an individual or a team. A nil pointer means that the customer has no such
// value.
//
// Route: GET /v1/customers/{id}.
type Customer struct {
	ID         string     `json:"id"`
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	Metadata   Metadata   `json:"metadata"`
	// ExternalID is the organization's own ID for the customer.
	ExternalID *string `json:"external_id"`
	// Email is nil for a team without an address. An individual always has an address.
	Email         *string      `json:"email"`
	EmailVerified bool         `json:"email_verified"`
	Type          CustomerType `json:"type"`
	Name          *string      `json:"name"`
	// BillingName equals Name unless the customer has a separate billing name.
	BillingName            *string    `json:"billing_name"`
	BillingAddress         *Address   `json:"billing_address"`
	TaxID                  *TaxID     `json:"tax_id"`
	Locale                 *string    `json:"locale"`
	OrganizationID         string     `json:"organization_id"`
	DefaultPaymentMethodID *string    `json:"default_payment_method_id"`
	DeletedAt              *time.Time `json:"deleted_at"`
	FirstUserEventAt       *time.Time `json:"first_user_event_at"`
	// AvatarURL is derived from the email address. The image may not exist.
	AvatarURL *string `json:"avatar_url"`
}

// Address is a billing address.
type Address struct {
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	City       *string `json:"city"`
	// State has the country as its prefix if the country is the United States or Canada: "US-NY".
	State *string `json:"state"`
	// Country is an ISO 3166-1 alpha-2 code, such as "US".
	Country string `json:"country"`
}

// TaxID is a tax number and its format: {"FR61954506077", "eu_vat"}.
type TaxID [2]string

// CustomerCreate is the body of [CustomersService.Create]: a [CustomerIndividualCreate] or a [CustomerTeamCreate].
type CustomerCreate interface{ customerCreate() }

// CustomerIndividualCreate describes a new customer who is one person. Email is required.
type CustomerIndividualCreate struct {
	Email string `json:"email"`
	// ExternalID is the organization's own ID for the customer. It cannot be changed later.
	ExternalID     Optional[string]       `json:"external_id,omitzero"`
	Name           Optional[string]       `json:"name,omitzero"`
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	// Locale is a language tag, such as "de" or "de-AT".
	Locale   Optional[string] `json:"locale,omitzero"`
	Metadata Metadata         `json:"metadata,omitzero"`
	// Owner is the member who acts for the customer. Default: a member with the customer's email address and name.
	Owner Optional[MemberOwnerCreate] `json:"owner,omitzero"`
	// OrganizationID selects the organization if the client's credential is a personal token of Polar. It must be
	// omitted with an organization's access token, which belongs to one organization.
	OrganizationID Optional[string] `json:"organization_id,omitzero"`
}

// CustomerTeamCreate describes a new customer with several members. Email or Owner is required.
type CustomerTeamCreate struct {
	Email Optional[string] `json:"email,omitzero"`
	// ExternalID is the organization's own ID for the customer. It cannot be changed later.
	ExternalID     Optional[string]       `json:"external_id,omitzero"`
	Name           Optional[string]       `json:"name,omitzero"`
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	// Locale is a language tag, such as "de" or "de-AT".
	Locale   Optional[string] `json:"locale,omitzero"`
	Metadata Metadata         `json:"metadata,omitzero"`
	// Owner is the first member, who owns the team.
	Owner Optional[MemberOwnerCreate] `json:"owner,omitzero"`
	// OrganizationID selects the organization if the client's credential is a personal token of Polar. It must be
	// omitted with an organization's access token, which belongs to one organization.
	OrganizationID Optional[string] `json:"organization_id,omitzero"`
}

func (CustomerIndividualCreate) customerCreate() {}
func (CustomerTeamCreate) customerCreate()       {}

// MarshalJSON encodes the fields and adds the type "individual".
func (c CustomerIndividualCreate) MarshalJSON() ([]byte, error) {
	type fields CustomerIndividualCreate
	return json.Marshal(struct {
		Type CustomerType `json:"type"`
		fields
	}{CustomerIndividual, fields(c)})
}

// MarshalJSON encodes the fields and adds the type "team".
func (c CustomerTeamCreate) MarshalJSON() ([]byte, error) {
	type fields CustomerTeamCreate
	return json.Marshal(struct {
		Type CustomerType `json:"type"`
		fields
	}{CustomerTeam, fields(c)})
}

// MemberOwnerCreate describes the owner of a new customer. Email is required.
type MemberOwnerCreate struct {
	Email      string           `json:"email"`
	Name       Optional[string] `json:"name,omitzero"`
	ExternalID Optional[string] `json:"external_id,omitzero"`
}

// AddressInput is a billing address in a request. Country is required.
type AddressInput struct {
	Line1      Optional[string] `json:"line1,omitzero"`
	Line2      Optional[string] `json:"line2,omitzero"`
	PostalCode Optional[string] `json:"postal_code,omitzero"`
	City       Optional[string] `json:"city,omitzero"`
	State      Optional[string] `json:"state,omitzero"`
	// Country is an ISO 3166-1 alpha-2 code, such as "US".
	Country string `json:"country"`
}

// CustomerUpdate holds the fields of a customer to change. Fields with their zero value are not changed.
type CustomerUpdate struct {
	// Email is the customer's new email address. On a Postern server, the change ends the customer's sessions unless
	// the organization's session settings keep them.
	Email Optional[string] `json:"email,omitzero"`
	Name  Optional[string] `json:"name,omitzero"`
	// BillingAddress replaces the whole address. A null value is refused with [ErrValidation].
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	Locale         Optional[string]       `json:"locale,omitzero"`
	// Metadata replaces all metadata. An empty map that is not nil removes all metadata.
	Metadata Metadata `json:"metadata,omitzero"`
	// ExternalID can be set only while the customer has none.
	ExternalID Optional[string] `json:"external_id,omitzero"`
	// Type can be set to [CustomerTeam] to turn an individual into a team.
	Type Optional[CustomerType] `json:"type,omitzero"`
}

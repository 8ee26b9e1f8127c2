package polar

import "encoding/json"

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

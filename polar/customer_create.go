package polar

import "encoding/json"

// CustomerCreate is a customer to make: a [CustomerIndividualCreate] or a [CustomerTeamCreate].
type CustomerCreate interface{ customerCreate() }

// CustomerIndividualCreate is a person to keep as a customer. Email is required.
type CustomerIndividualCreate struct {
	Email string `json:"email"`
	// ExternalID is your own name for the customer. It is given once and never changes.
	ExternalID     Optional[string]       `json:"external_id,omitzero"`
	Name           Optional[string]       `json:"name,omitzero"`
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	// Locale is a language, "de" or "de-AT".
	Locale   Optional[string] `json:"locale,omitzero"`
	Metadata Metadata         `json:"metadata,omitzero"`
	// Owner is the member who acts for the customer, where the address or the name is not the customer's.
	Owner Optional[MemberOwnerCreate] `json:"owner,omitzero"`
	// OrganizationID is for Polar's personal tokens; an organization's access token says it itself, and must not.
	OrganizationID Optional[string] `json:"organization_id,omitzero"`
}

// CustomerTeamCreate is a customer of several people to keep. It needs an Email or an Owner.
type CustomerTeamCreate struct {
	Email Optional[string] `json:"email,omitzero"`
	// ExternalID is your own name for the customer. It is given once and never changes.
	ExternalID     Optional[string]       `json:"external_id,omitzero"`
	Name           Optional[string]       `json:"name,omitzero"`
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	// Locale is a language, "de" or "de-AT".
	Locale   Optional[string] `json:"locale,omitzero"`
	Metadata Metadata         `json:"metadata,omitzero"`
	// Owner is the first member, who owns the team.
	Owner Optional[MemberOwnerCreate] `json:"owner,omitzero"`
	// OrganizationID is for Polar's personal tokens; an organization's access token says it itself, and must not.
	OrganizationID Optional[string] `json:"organization_id,omitzero"`
}

func (CustomerIndividualCreate) customerCreate() {}
func (CustomerTeamCreate) customerCreate()       {}

// MarshalJSON writes the body of the request, with its type.
func (c CustomerIndividualCreate) MarshalJSON() ([]byte, error) {
	type fields CustomerIndividualCreate
	return json.Marshal(struct {
		Type CustomerType `json:"type"`
		fields
	}{CustomerIndividual, fields(c)})
}

// MarshalJSON writes the body of the request, with its type.
func (c CustomerTeamCreate) MarshalJSON() ([]byte, error) {
	type fields CustomerTeamCreate
	return json.Marshal(struct {
		Type CustomerType `json:"type"`
		fields
	}{CustomerTeam, fields(c)})
}

// MemberOwnerCreate is the member who owns a new customer.
type MemberOwnerCreate struct {
	Email      string           `json:"email"`
	Name       Optional[string] `json:"name,omitzero"`
	ExternalID Optional[string] `json:"external_id,omitzero"`
}

// AddressInput is an address to bill. Country is required.
type AddressInput struct {
	Line1      Optional[string] `json:"line1,omitzero"`
	Line2      Optional[string] `json:"line2,omitzero"`
	PostalCode Optional[string] `json:"postal_code,omitzero"`
	City       Optional[string] `json:"city,omitzero"`
	State      Optional[string] `json:"state,omitzero"`
	// Country is ISO 3166-1 alpha-2.
	Country string `json:"country"`
}

// CustomerUpdate says what to change in a customer. What is left out stays.
type CustomerUpdate struct {
	// Email is where the customer reads mail from now on; sessions that were made under the old address end on a Postern.
	Email Optional[string] `json:"email,omitzero"`
	Name  Optional[string] `json:"name,omitzero"`
	// BillingAddress takes the place of what there is; null is [ErrValidation].
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	Locale         Optional[string]       `json:"locale,omitzero"`
	// Metadata takes the place of what there is; an empty map, not nil, leaves none.
	Metadata Metadata `json:"metadata,omitzero"`
	// ExternalID is for a customer that has none yet.
	ExternalID Optional[string] `json:"external_id,omitzero"`
	// Type makes a team of an individual.
	Type Optional[CustomerType] `json:"type,omitzero"`
}

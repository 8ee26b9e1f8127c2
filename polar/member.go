package polar

import "time"

// Member is a person who acts for a customer (GET /v1/customers/{id}/members/{member_id}).
type Member struct {
	ID         string     `json:"id"`
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	CustomerID string     `json:"customer_id"`
	// Email is "" for the owner of a customer that has no address.
	Email string  `json:"email"`
	Name  *string `json:"name"`
	// ExternalID is the organization's own name for the member.
	ExternalID *string    `json:"external_id"`
	Role       MemberRole `json:"role"`
}

// CustomerPortalMember is a member as the others of its team see it (GET /v1/customer-portal/members).
type CustomerPortalMember struct {
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	ID         string     `json:"id"`
	Email      string     `json:"email"`
	Name       *string    `json:"name"`
	Role       MemberRole `json:"role"`
}

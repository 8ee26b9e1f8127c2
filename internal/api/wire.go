package api

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// What the domain knows, as Polar's clients read it. The fields that belong to billing are there and empty, as an
// organization without products would answer.

func wireSession(made session.Made, h directory.Holder, link string) polar.CustomerSession {
	return polar.CustomerSession{
		CreatedAt:         made.CreatedAt,
		ID:                made.ID.String(),
		Token:             made.Token.Reveal(),
		ExpiresAt:         made.ExpiresAt,
		ReturnURL:         orNull(made.ReturnURL),
		CustomerPortalURL: link,
		CustomerID:        h.Customer.ID.String(),
		Customer:          wireCustomer(h.Customer),
	}
}

func wireCustomer(c directory.Customer) polar.Customer {
	w := polar.Customer{
		ID:             c.ID.String(),
		CreatedAt:      c.CreatedAt,
		ModifiedAt:     c.ModifiedAt,
		Metadata:       polar.Metadata(c.Metadata),
		ExternalID:     c.ExternalID,
		Email:          c.Email,
		EmailVerified:  c.EmailVerified,
		Type:           polar.CustomerType(c.Type),
		Name:           c.Name,
		BillingName:    c.Name,
		Locale:         c.Locale,
		OrganizationID: c.Organization.String(),
		AvatarURL:      avatar(c.Email),
	}
	if c.BillingAddress != nil {
		a := polar.Address(*c.BillingAddress)
		w.BillingAddress = &a
	}
	return w
}

// avatar is the picture that belongs to an email address; nil without one.
func avatar(email *string) *string {
	if email == nil {
		return nil
	}
	sum := sha256.Sum256([]byte(strings.ToLower(*email)))
	u := "https://www.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?d=404"
	return &u
}

func wireCustomerUser(c directory.Customer) polar.PortalAuthenticatedUser {
	return polar.PortalAuthenticatedUser{
		Type: "customer", Name: c.Name, Email: *c.Email, CustomerID: c.ID.String(),
	}
}

func wireMemberUser(c directory.Customer, m directory.Member) polar.PortalAuthenticatedUser {
	id, role := m.ID.String(), polar.MemberRole(m.Role)
	w := polar.PortalAuthenticatedUser{
		Type: "member", Name: m.Name, CustomerID: c.ID.String(), MemberID: &id, Role: &role,
	}
	if m.Email != nil {
		w.Email = *m.Email
	}
	return w
}

// newCustomer is what a caller asked for, as the directory wants it.
func newCustomer(in body.CustomerCreate) directory.NewCustomer {
	n := directory.NewCustomer{
		Type: directory.CustomerType(in.Type), ExternalID: in.ExternalID, Email: in.Email, Name: in.Name,
		Locale: in.Locale, Metadata: in.Metadata,
	}
	if in.BillingAddress != nil {
		a := directory.Address(*in.BillingAddress)
		n.BillingAddress = &a
	}
	if in.Owner != nil {
		o := directory.NewOwner(*in.Owner)
		n.Owner = &o
	}
	return n
}

func holderRef(in body.CustomerSessionCreate) directory.HolderRef {
	return directory.HolderRef{
		Customer: token.ID(in.CustomerID), ExternalCustomer: in.ExternalCustomerID,
		Member: token.ID(in.MemberID), ExternalMember: in.ExternalMemberID,
	}
}

// orNull is nil for "".
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

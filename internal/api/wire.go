package api

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// What the domain knows, as Polar's clients read it. The fields that belong to billing are there and empty, as an
// organization without products would answer.

func wireSession(made session.Issued, h directory.Holder, link string) polar.CustomerSession {
	return polar.CustomerSession{
		CreatedAt:         made.CreatedAt,
		ID:                made.ID.String(),
		Token:             made.Token.Reveal(),
		ExpiresAt:         made.ExpiresAt,
		ReturnURL:         wirejson.OrNull(made.ReturnURL),
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
		BillingName:    billingName(c),
		TaxID:          wireTaxID(c.TaxID),
		Locale:         c.Locale,
		OrganizationID: c.Organization.String(),
		AvatarURL:      avatar(c),
	}
	w.BillingAddress = wireAddress(c.BillingAddress)
	return w
}

func billingName(c directory.Customer) *string {
	if c.BillingName != nil {
		return c.BillingName
	}
	return c.Name
}

func wireTaxID(t *directory.TaxID) *polar.TaxID {
	if t == nil {
		return nil
	}
	return &polar.TaxID{t.Value, t.Format}
}

func wireAddress(a *directory.Address) *polar.Address {
	if a == nil {
		return nil
	}
	w := polar.Address(*a)
	return &w
}

func wirePortalCustomer(c directory.Customer) polar.CustomerPortalCustomer {
	return polar.CustomerPortalCustomer{
		CreatedAt: c.CreatedAt, ModifiedAt: c.ModifiedAt, ID: c.ID.String(), Email: c.Email, EmailVerified: c.EmailVerified,
		Name: c.Name, BillingName: billingName(c), BillingAddress: wireAddress(c.BillingAddress), TaxID: wireTaxID(c.TaxID),
		OAuthAccounts: map[string]polar.OAuthAccount{}, Type: polar.CustomerType(c.Type), Locale: c.Locale,
	}
}

func wireMember(m directory.Member) polar.Member {
	return polar.Member{
		ID: m.ID.String(), CreatedAt: m.CreatedAt, ModifiedAt: m.ModifiedAt, CustomerID: m.Customer.String(), Email: orEmpty(m.Email),
		Name: m.Name, ExternalID: m.ExternalID, Role: polar.MemberRole(m.Role),
	}
}

func wirePortalMember(m directory.Member) polar.CustomerPortalMember {
	return polar.CustomerPortalMember{
		CreatedAt: m.CreatedAt, ModifiedAt: m.ModifiedAt, ID: m.ID.String(), Email: orEmpty(m.Email), Name: m.Name,
		Role: polar.MemberRole(m.Role),
	}
}

func wireAccessToken(t directory.AccessToken) polar.OrganizationAccessToken {
	w := polar.OrganizationAccessToken{
		CreatedAt: t.CreatedAt, ModifiedAt: t.ModifiedAt, ID: t.ID.String(), Scopes: []polar.Scope{}, ExpiresAt: t.ExpiresAt,
		Comment: t.Comment, LastUsedAt: t.LastUsedAt, OrganizationID: t.Organization.String(),
	}
	for _, scope := range t.Scopes {
		w.Scopes = append(w.Scopes, polar.Scope(scope))
	}
	return w
}

// avatar is the picture that belongs to the customer's email address, or to its owner's; nil without one.
func avatar(c directory.Customer) *string {
	email := c.Email
	if email == nil {
		email = c.OwnerEmail
	}
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
	return polar.PortalAuthenticatedUser{
		Type: "member", Name: m.Name, Email: orEmpty(m.Email), CustomerID: c.ID.String(), MemberID: &id, Role: &role,
	}
}

// newCustomer is what a caller asked for, as the directory wants it.
func newCustomer(in body.CustomerCreate) directory.NewCustomer {
	n := directory.NewCustomer{
		Type: directory.CustomerType(in.Type), ExternalID: in.ExternalID, Email: in.Email, Name: in.Name,
		Locale: in.Locale, Metadata: in.Metadata, TaxID: in.TaxID,
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

// customerChange is what a caller asked for, as the directory wants it.
func customerChange(in body.CustomerUpdate) directory.CustomerChange {
	c := directory.CustomerChange{
		Email: in.Email.Value, Name: patch(in.Name), BillingAddress: address(in.BillingAddress), TaxID: in.TaxID.Value,
		Locale: patch(in.Locale), ExternalID: patch(in.ExternalID), Metadata: in.Metadata,
	}
	if in.Type.Value != nil {
		kind := directory.CustomerType(*in.Type.Value)
		c.Type = &kind
	}
	return c
}

func patch[T any](o body.Optional[T]) directory.Patch[T] {
	return directory.Patch[T]{Given: o.Set, Value: o.Value}
}

func address(o body.Optional[body.Address]) directory.Patch[directory.Address] {
	p := directory.Patch[directory.Address]{Given: o.Set}
	if o.Value != nil {
		a := directory.Address(*o.Value)
		p.Value = &a
	}
	return p
}

func holderRef(in body.CustomerSessionCreate) directory.HolderRef {
	return directory.HolderRef{
		Customer: token.ID(in.CustomerID), ExternalCustomer: in.ExternalCustomerID,
		Member: token.ID(in.MemberID), ExternalMember: in.ExternalMemberID,
	}
}

// orEmpty is "" for nil.
func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

package api

import (
	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

func wireSession(issued session.Issued, h directory.Holder, link string) polar.CustomerSession {
	return polar.CustomerSession{
		CreatedAt:         issued.CreatedAt,
		ID:                polar.SessionID(issued.ID.String()),
		Token:             issued.Token.Reveal(),
		ExpiresAt:         issued.ExpiresAt,
		ReturnURL:         wirejson.OrNull(issued.ReturnURL),
		CustomerPortalURL: link,
		CustomerID:        polar.CustomerID(h.Customer.ID.String()),
		Customer:          body.WireCustomer(h.Customer),
	}
}

func wireMember(m directory.Member) polar.Member {
	return polar.Member{
		ID: polar.MemberID(m.ID.String()), CreatedAt: m.CreatedAt, ModifiedAt: m.ModifiedAt, CustomerID: polar.CustomerID(m.Customer.String()), Email: orEmpty(m.Email),
		Name: m.Name, ExternalID: (*polar.ExternalMemberID)(m.ExternalID), Role: polar.MemberRole(m.Role),
	}
}

func wirePortalMember(m directory.Member) polar.CustomerPortalMember {
	return polar.CustomerPortalMember{
		CreatedAt: m.CreatedAt, ModifiedAt: m.ModifiedAt, ID: polar.MemberID(m.ID.String()), Email: orEmpty(m.Email), Name: m.Name,
		Role: polar.MemberRole(m.Role),
	}
}

func wireAccessToken(t directory.AccessToken) polar.OrganizationAccessToken {
	w := polar.OrganizationAccessToken{
		CreatedAt: t.CreatedAt, ModifiedAt: t.ModifiedAt, ID: polar.AccessTokenID(t.ID.String()), Scopes: []polar.Scope{}, ExpiresAt: t.ExpiresAt,
		Comment: t.Comment, LastUsedAt: t.LastUsedAt, OrganizationID: polar.OrganizationID(t.Organization.String()),
		ParentID: (*polar.AccessTokenID)(t.Parent.StringOrNil()),
	}
	for _, scope := range t.Scopes {
		w.Scopes = append(w.Scopes, polar.Scope(scope))
	}
	return w
}

func wireCustomerUser(c directory.Customer) polar.PortalAuthenticatedUser {
	return polar.PortalAuthenticatedUser{
		Type: polar.HolderCustomer, Name: c.Name, Email: *c.Email, CustomerID: polar.CustomerID(c.ID.String()),
	}
}

func wireMemberUser(c directory.Customer, m directory.Member) polar.PortalAuthenticatedUser {
	id, role := polar.MemberID(m.ID.String()), polar.MemberRole(m.Role)
	return polar.PortalAuthenticatedUser{
		Type: polar.HolderMember, Name: m.Name, Email: orEmpty(m.Email), CustomerID: polar.CustomerID(c.ID.String()), MemberID: &id, Role: &role,
	}
}

func holderRef(in body.CustomerSessionCreate) directory.HolderRef {
	return directory.HolderRef{
		Customer: token.ID(in.CustomerID), ExternalCustomer: in.ExternalCustomerID,
		Member: token.ID(in.MemberID), ExternalMember: in.ExternalMemberID,
	}
}

// orEmpty returns "" for nil.
func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

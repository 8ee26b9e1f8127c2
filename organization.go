package postern

import (
	"context"
	"fmt"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/server"
)

// Organization is a new organization.
type Organization struct {
	ID, Slug, Name string
	// AccessToken is an access token with every scope. It cannot be read again later, because the store has only a hash of it.
	AccessToken string
}

// NewOrganization holds the parameters of [Server.CreateOrganization].
type NewOrganization struct {
	// Slug identifies the organization in URLs. It has 1 to 64 lower-case letters, digits and inner dashes. Slugs that are also
	// paths of the server, such as docs, are reserved.
	Slug string
	// Name is the display name. Default: the slug.
	Name string
	// WithoutMembers issues sessions to customers (polar_cst_) instead of members of customers (polar_mst_).
	WithoutMembers bool
	// WithoutEmailChange prevents customers from changing their email address in the portal.
	WithoutEmailChange bool
}

// CreateOrganization creates an organization and an access token for it. It returns an error if the slug is invalid, reserved or
// taken.
func (s *Server) CreateOrganization(ctx context.Context, n NewOrganization) (Organization, error) {
	o, t, err := s.server.Directory.CreateOrganization(ctx, directory.NewOrganization{
		Slug: n.Slug, Name: n.Name, MemberModel: !n.WithoutMembers, EmailChange: !n.WithoutEmailChange,
	})
	if err != nil {
		return Organization{}, server.PlainError(err)
	}
	return Organization{ID: o.ID.String(), Slug: o.Slug, Name: o.Name, AccessToken: t.Reveal()}, nil
}

// BlockOrganization blocks or unblocks the organization with the slug. While an organization is blocked, its access tokens are
// refused and its customers cannot log in. Blocking also ends the organization's sessions, unless its session settings keep
// them. An unknown slug is an error.
func (s *Server) BlockOrganization(ctx context.Context, slug string, blocked bool) error {
	o, err := s.organization(ctx, slug)
	if err != nil {
		return err
	}
	return s.server.Directory.Block(ctx, o, blocked)
}

func (s *Server) organization(ctx context.Context, slug string) (directory.Organization, error) {
	o, err := s.server.Directory.OrganizationBySlug(ctx, slug)
	if fault.Is(err, fault.NotFound) {
		return o, fmt.Errorf("no organization with slug %q", slug)
	}
	return o, err
}

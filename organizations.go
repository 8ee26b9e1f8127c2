package postern

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
)

// Organization is what an operator must know of a new organization.
type Organization struct {
	ID, Slug, Name string
	// AccessToken lets the organization's servers in, with every scope. It is shown here and never again.
	AccessToken string
}

// NewOrganization says what [Server.CreateOrganization] shall make.
type NewOrganization struct {
	// Slug names the organization in URLs: 1 to 64 lower-case letters, digits and inner dashes. A few that begin paths of the
	// server's own, such as docs, are refused.
	Slug string
	// Name is for people; "" stands for the slug.
	Name string
	// WithoutMembers gives sessions to customers themselves (polar_cst_) instead of to their members (polar_mst_).
	WithoutMembers bool
	// WithoutEmailChange keeps customers from changing their email address in the portal.
	WithoutEmailChange bool
}

// CreateOrganization makes an organization with an access token. A bad or taken slug is an error that says so.
func (p *Server) CreateOrganization(ctx context.Context, n NewOrganization) (Organization, error) {
	o, t, err := p.directory.CreateOrganization(ctx, directory.NewOrganization{Slug: n.Slug, Name: n.Name, MemberModel: !n.WithoutMembers, EmailChange: !n.WithoutEmailChange})
	if err != nil {
		return Organization{}, told(err)
	}
	return Organization{ID: o.ID.String(), Slug: o.Slug, Name: o.Name, AccessToken: t.Reveal()}, nil
}

// BlockOrganization blocks the organization that has the slug, or lets it go on. A blocked one has no live access token, and
// nobody logs in; its sessions end, unless its settings keep them. An unknown slug is an error.
func (p *Server) BlockOrganization(ctx context.Context, slug string, blocked bool) error {
	o, err := p.organization(ctx, slug)
	if err != nil {
		return err
	}
	return p.directory.Block(ctx, o, blocked)
}

func (p *Server) organization(ctx context.Context, slug string) (directory.Organization, error) {
	o, err := p.directory.OrganizationBySlug(ctx, slug)
	if fault.Is(err, fault.NotFound) {
		return o, fmt.Errorf("there is no organization %s", slug)
	}
	return o, err
}

// told is a refusal in the words that are for everybody; any other error stays as it is.
func told(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Unwrap() != nil {
		return err
	}
	if len(f.Fields) > 0 {
		return errors.New(f.Fields[0].Msg)
	}
	return errors.New(f.Message)
}

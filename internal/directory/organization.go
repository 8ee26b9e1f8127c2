package directory

import (
	"context"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Organization is a software business whose customers enter the portal.
type Organization struct {
	ID token.ID
	// Slug names the organization in URLs.
	Slug string
	Name string
	// MemberModel gives sessions to members of customers instead of to customers.
	MemberModel bool
	// EmailChange lets customers change their email address in the portal.
	EmailChange bool
	CreatedAt   time.Time
}

// NewOrganization is what [Directory.CreateOrganization] needs to know.
type NewOrganization struct {
	// Slug is 1 to 64 lower-case letters, digits and inner dashes.
	Slug string
	// Name is at most 256 characters; "" stands for the slug.
	Name                     string
	MemberModel, EmailChange bool
}

var slugs = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// CreateOrganization makes an organization and an access token for it that has every scope and does not expire.
// It yields fault.RuleViolated for a bad slug or name, and fault.Conflict for a slug that is taken.
func (d *Directory) CreateOrganization(ctx context.Context, n NewOrganization) (Organization, token.Token, error) {
	if !slugs.MatchString(n.Slug) {
		return Organization{}, token.Token{}, fault.New(fault.RuleViolated,
			"An organization's slug is 1 to 64 lower-case letters, digits and inner dashes, such as acme or acme-2.")
	}
	if n.Name == "" {
		n.Name = n.Slug
	}
	if utf8.RuneCountInString(n.Name) > 256 || !utf8.ValidString(n.Name) {
		return Organization{}, token.Token{}, fault.New(fault.RuleViolated, "An organization's name has at most 256 characters.")
	}
	now := d.instant()
	o := Organization{ID: token.NewID(now), Slug: n.Slug, Name: n.Name, MemberModel: n.MemberModel, EmailChange: n.EmailChange, CreatedAt: now}
	record, secret := d.newAccessToken(o, NewAccessToken{Scopes: AllScopes(), Comment: "The first token"}, now)
	inserted, err := d.store.InsertOrganization(ctx, o, record)
	if err != nil {
		return Organization{}, token.Token{}, err
	}
	if !inserted {
		return Organization{}, token.Token{}, fault.New(fault.Conflict, "An organization with this slug already exists.")
	}
	return o, secret, nil
}

// Organization returns the organization with that key, or fault.NotFound.
func (d *Directory) Organization(ctx context.Context, key token.Key) (Organization, error) {
	o, found, err := d.store.Organization(ctx, key)
	return one(o, found, err, "Not found")
}

// OrganizationBySlug returns the organization with that slug, or fault.NotFound.
func (d *Directory) OrganizationBySlug(ctx context.Context, slug string) (Organization, error) {
	o, found, err := d.store.OrganizationBySlug(ctx, slug)
	return one(o, found, err, "Not found")
}

// one turns what a store found into a value or fault.NotFound.
func one[T any](v T, found bool, err error, message string) (T, error) {
	if err == nil && !found {
		err = fault.New(fault.NotFound, message)
	}
	return v, err
}

package directory

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
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
	// Policy says what its sessions may be.
	Policy Policy
	// Portal says what its pages look like, and where they lead.
	Portal PortalSettings
	// Generation grows when all sessions of the organization are ended.
	Generation uint32
	CreatedAt  time.Time
	// BlockedAt is nil for an organization that is not blocked. A blocked one has no live access token, and nobody logs in.
	BlockedAt *time.Time
	// Webhooks is whether somebody is told of what happens to its sessions. A store finds it out.
	Webhooks bool
}

// NewOrganization is what [Service.CreateOrganization] needs to know.
type NewOrganization struct {
	// Slug is 1 to 64 lower-case letters, digits and inner dashes, and no [ReservedSlug].
	Slug string
	// Name is at most 256 characters; "" stands for the slug.
	Name                     string
	MemberModel, EmailChange bool
}

// reservedSlugs are the first path segments that the server uses for other things than an organization's pages.
var reservedSlugs = []string{"admin", "api", "dev", "docs", "healthz", "v1"}

// ReservedSlugs returns the slugs that no organization can have.
func ReservedSlugs() []string { return slices.Clone(reservedSlugs) }

// ReservedSlug reports whether the slug is reserved, so that no organization can have it.
func ReservedSlug(slug string) bool { return slices.Contains(reservedSlugs, slug) }

var slugs = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// CreateOrganization makes an organization and an access token for it that has every scope and does not expire.
// It yields fault.RuleViolated for a bad slug or name, and fault.Conflict for a slug that is taken.
func (d *Service) CreateOrganization(ctx context.Context, n NewOrganization) (Organization, token.Token, error) {
	if !slugs.MatchString(n.Slug) {
		return Organization{}, token.Token{}, fault.New(fault.RuleViolated,
			"An organization's slug is 1 to 64 lower-case letters, digits and inner dashes, such as acme or acme-2.")
	}
	if ReservedSlug(n.Slug) {
		return Organization{}, token.Token{}, fault.New(fault.RuleViolated, "An organization's slug cannot be one of "+strings.Join(reservedSlugs, ", ")+".")
	}
	if n.Name == "" {
		n.Name = n.Slug
	}
	if err := checkName(n.Name); err != nil {
		return Organization{}, token.Token{}, err
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

func checkName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > MaxName || !utf8.ValidString(name) {
		return fault.New(fault.RuleViolated, fmt.Sprintf("An organization's name has 1 to %d characters.", MaxName))
	}
	return nil
}

// Organization returns the organization with that key, or fault.NotFound.
func (d *Service) Organization(ctx context.Context, key token.Key) (Organization, error) {
	o, found, err := d.store.Organization(ctx, key)
	return one(o, found, err, "Not found")
}

// OrganizationBySlug returns the organization with that slug, or fault.NotFound.
func (d *Service) OrganizationBySlug(ctx context.Context, slug string) (Organization, error) {
	o, found, err := d.store.OrganizationBySlug(ctx, slug)
	return one(o, found, err, "Not found")
}

// ChangePolicy changes what the organization's sessions may be from now on, and returns the policy as it is then. Live sessions
// stay as they are. It yields fault.RuleViolated with a field for each that cannot be.
func (d *Service) ChangePolicy(ctx context.Context, org Organization, change func(p *Policy)) (policy Policy, err error) {
	var wrong error
	err = d.changeOrganization(ctx, org, func(o *Organization) session.Reason {
		policy = o.Policy
		change(&policy)
		if wrong = policy.check(); wrong == nil {
			o.Policy = policy
		}
		return ""
	})
	if err == nil {
		err = wrong
	}
	return policy, err
}

// Block blocks the organization, or lets it go on. Blocking ends its sessions, unless its policy keeps them.
func (d *Service) Block(ctx context.Context, org Organization, blocked bool) error {
	return d.changeOrganization(ctx, org, func(o *Organization) session.Reason {
		if blocked == (o.BlockedAt != nil) {
			return ""
		}
		o.BlockedAt = nil
		if !blocked {
			return ""
		}
		now := d.instant()
		o.BlockedAt = &now
		if o.Policy.KeepOnBlock {
			return ""
		}
		o.Generation++
		return session.OrganizationBlocked
	})
}

// EndSessions ends every session of the organization.
func (d *Service) EndSessions(ctx context.Context, org Organization, reason session.Reason) error {
	return d.changeOrganization(ctx, org, func(o *Organization) session.Reason {
		o.Generation++
		return reason
	})
}

// changeOrganization lets f change an organization; f returns the reason for which its sessions end, or "".
func (d *Service) changeOrganization(ctx context.Context, org Organization, f func(o *Organization) session.Reason) error {
	found, err := d.store.ChangeOrganization(ctx, org.ID.Key(), func(o *Organization) *SessionEnd {
		if reason := f(o); reason != "" {
			return &SessionEnd{Reason: reason, At: d.instant()}
		}
		return nil
	})
	_, err = one(struct{}{}, found, err, "Not found")
	return err
}

// one turns what a store found into a value or fault.NotFound.
func one[T any](v T, found bool, err error, message string) (T, error) {
	if err == nil && !found {
		err = fault.New(fault.NotFound, message)
	}
	return v, err
}

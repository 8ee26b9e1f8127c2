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

// Organization is a business whose customers use the portal.
type Organization struct {
	ID token.ID
	// Slug identifies the organization in URLs.
	Slug string
	Name string
	// MemberModel determines who holds sessions: the members of customers if it is true, and the customers themselves
	// otherwise.
	MemberModel bool
	// EmailChange allows customers to change their email address in the portal.
	EmailChange bool
	// Policy limits the organization's sessions.
	Policy Policy
	// Portal holds the settings of the organization's portal pages.
	Portal PortalSettings
	// Generation is a counter. It increases when all sessions of the organization end.
	Generation uint32
	// PendingGeneration is a counter. Login codes, tickets and email updates are valid only if they were created under the current
	// number. It increases when the organization is blocked and when all its sessions end.
	PendingGeneration uint32
	CreatedAt         time.Time
	// BlockedAt is the time since which the organization is blocked, or nil. While an organization is blocked, its access
	// tokens are not valid and its customers cannot log in.
	BlockedAt *time.Time
	// Webhooks reports whether the organization has an enabled webhook endpoint. The store sets it.
	Webhooks bool
}

// NewOrganization holds the parameters of [Service.CreateOrganization].
type NewOrganization struct {
	// Slug has 1 to 64 lower-case letters, digits and inner dashes, and is not a [ReservedSlug].
	Slug string
	// Name has at most [MaxName] characters. "" means the slug.
	Name                     string
	MemberModel, EmailChange bool
}

// ReservedSlugs are the first segments of paths that do not belong to an organization. The slice must not be modified.
var ReservedSlugs = []string{"admin", "api", "dev", "docs", "healthz", "v1"}

// ReservedSlug reports whether the slug is reserved, so that no organization can have it.
func ReservedSlug(slug string) bool { return slices.Contains(ReservedSlugs, slug) }

// ValidSlug reports whether an organization can have the slug, unless it is reserved.
func ValidSlug(slug string) bool { return slugs.MatchString(slug) }

var slugs = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// CreateOrganization creates an organization and an access token that has every scope and does not expire. It returns
// fault.RuleViolated for an invalid slug or name, and fault.Conflict if the slug exists.
func (d *Service) CreateOrganization(ctx context.Context, n NewOrganization) (Organization, token.Token, error) {
	if !slugs.MatchString(n.Slug) {
		return Organization{}, token.Token{}, fault.New(fault.RuleViolated,
			"An organization's slug is 1 to 64 lower-case letters, digits and inner dashes, such as acme or acme-2.")
	}
	if ReservedSlug(n.Slug) {
		return Organization{}, token.Token{}, fault.New(fault.RuleViolated, "This slug is reserved. An organization's slug cannot be any of: "+strings.Join(ReservedSlugs, ", ")+".")
	}
	if n.Name == "" {
		n.Name = n.Slug
	}
	if err := checkName(n.Name); err != nil {
		return Organization{}, token.Token{}, err
	}
	now := d.instant()
	o := Organization{ID: token.NewID(now), Slug: n.Slug, Name: n.Name, MemberModel: n.MemberModel, EmailChange: n.EmailChange, CreatedAt: now}
	record, secret := d.issue(AccessToken{Organization: o.ID, Scopes: AllScopes(), Comment: "The first token"}, now)
	inserted, err := d.store.InsertOrganization(ctx, o, record)
	if err != nil {
		return Organization{}, token.Token{}, err
	}
	if !inserted {
		return Organization{}, token.Token{}, fault.New(fault.Conflict, "An organization with this slug already exists. Choose another slug.")
	}
	return o, secret, nil
}

// ErrBlocked is the fault of a request that a blocked organization's customers cannot make.
var ErrBlocked = fault.New(fault.NotPermitted, "The organization is blocked. Ask the operator of this server to unblock it.")

func checkName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > MaxName || !utf8.ValidString(name) {
		return fault.New(fault.RuleViolated, fmt.Sprintf("An organization's name has 1 to %d characters.", MaxName))
	}
	return nil
}

// Organization returns the organization with the key, or fault.NotFound.
func (d *Service) Organization(ctx context.Context, key token.Key) (Organization, error) {
	o, found, err := d.store.Organization(ctx, key)
	return orNotFound(o, found, err, "Not found")
}

// OrganizationBySlug returns the organization with the slug, or fault.NotFound. The case of letters does not matter.
func (d *Service) OrganizationBySlug(ctx context.Context, slug string) (Organization, error) {
	o, found, err := d.store.OrganizationBySlug(ctx, strings.ToLower(slug))
	return orNotFound(o, found, err, "Not found")
}

// ChangePolicy changes the organization's policy and returns it. Live sessions are not affected. It returns fault.RuleViolated
// with a field for each invalid value.
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

// Block blocks or unblocks the organization. Blocking ends its sessions, unless its policy sets KeepOnBlock. It also
// voids every unused login code, ticket and email update. They stay void after the organization is unblocked.
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
		o.PendingGeneration++
		if o.Policy.KeepOnBlock {
			return ""
		}
		o.Generation++
		return session.OrganizationBlocked
	})
}

// EndSessions ends all sessions of the organization, and voids every unused login code, ticket and email update.
func (d *Service) EndSessions(ctx context.Context, org Organization, reason session.Reason) error {
	return d.changeOrganization(ctx, org, func(o *Organization) session.Reason {
		o.Generation++
		o.PendingGeneration++
		return reason
	})
}

// changeOrganization calls f with the organization and stores the changes. If f returns a reason, all sessions of the
// organization end.
func (d *Service) changeOrganization(ctx context.Context, org Organization, f func(o *Organization) session.Reason) error {
	found, err := d.store.ChangeOrganization(ctx, org.ID.Key(), func(o *Organization) *SessionEnd {
		if reason := f(o); reason != "" {
			return &SessionEnd{Reason: reason, At: d.instant()}
		}
		return nil
	})
	_, err = orNotFound(struct{}{}, found, err, "Not found")
	return err
}

// orNotFound returns fault.NotFound if a lookup found nothing.
func orNotFound[T any](v T, found bool, err error, message string) (T, error) {
	if err == nil && !found {
		err = fault.New(fault.NotFound, message)
	}
	return v, err
}

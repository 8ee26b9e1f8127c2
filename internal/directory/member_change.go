package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// NewMember holds the parameters of [Service.CreateMember].
type NewMember struct {
	Email            string
	Name, ExternalID *string
	Role             Role
	// Once makes the create repeatable, unless it is nil.
	Once *idempotency.Once[Member]
}

// MemberChange holds the changes to a member. Nil and unset fields stay unchanged.
type MemberChange struct {
	Name  Patch[string]
	Email *string
	Role  *Role
}

// Faults that several methods return.
var (
	errMemberNotFound = fault.New(fault.NotFound, "Member not found")
	errNoMembers      = fault.New(fault.NotPermitted, "Member management is not enabled for this organization")
	errIndividual     = fault.New(fault.NotPermitted, "Individual customers can only have one member (the owner). "+
		"Upgrade to a team customer to add more members.")
)

// CreateMember adds a member to a customer of the organization. If the customer already has a member with the email address,
// CreateMember returns that member unchanged. It returns fault.NotFound, fault.NotPermitted for an individual customer with a
// member or an organization without the member model, fault.RuleViolated if the external id exists, and fault.QuotaExceeded if
// the customer has [Limits.Members] members.
func (d *Service) CreateMember(ctx context.Context, org Organization, customer token.ID, n NewMember) (Member, error) {
	var created Member
	need := Need{Email: &n.Email, ExternalID: n.ExternalID, Count: max(1, d.limits.Members)}
	_, err := d.changeWith(ctx, org.ID, customer, need, n.Once.Claim(), func(r *Roster) error {
		switch {
		case !org.MemberModel:
			return errNoMembers
		case r.Customer.Type == Individual && r.MemberCount > 0:
			return errIndividual
		}
		if err := d.checkAddress(&n.Email); err != nil {
			return err
		}
		if m := r.memberByEmail(n.Email); m != nil {
			created = *m
			n.Once.Made(created)
			return nil
		}
		for i := range r.Members {
			if n.ExternalID != nil && same(n.ExternalID, r.Members[i].ExternalID) {
				return fault.Rule(refused("external_id", "A member with this external ID already exists for this customer.", n.ExternalID))
			}
		}
		now := d.instant()
		created = Member{
			ID: token.NewID(now), Customer: r.Customer.ID, Organization: org.ID, Email: &n.Email, Name: n.Name,
			ExternalID: n.ExternalID, Role: n.Role, CreatedAt: now,
		}
		n.Once.Made(created)
		return r.add(created, d.limits.Members)
	})
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "Customer not found")
	}
	return created, d.counted("members", err)
}

// ChangeMember changes a member of a customer and returns it. If the member becomes the owner, the previous owner becomes a
// billing manager. A new email address ends the member's sessions.
//
// It returns fault.NotFound, and fault.RuleViolated for a role or an address that is not allowed.
func (d *Service) ChangeMember(ctx context.Context, customer Customer, id token.ID, c MemberChange) (Member, error) {
	return d.changeMember(ctx, customer, id, Need{Email: c.Email}, func(r *Roster, m *Member) error {
		return d.applyMember(r, m, c)
	})
}

// DeleteMember removes a member of a customer and ends its sessions. It returns fault.NotFound, and fault.RuleViolated for the
// only owner.
func (d *Service) DeleteMember(ctx context.Context, customer Customer, id token.ID) error {
	_, err := d.changeMember(ctx, customer, id, Need{}, func(r *Roster, m *Member) error {
		if m.Role == Owner && r.owners() == 1 {
			return onlyOwner(m)
		}
		d.remove(r, m)
		return nil
	})
	return err
}

func onlyOwner(m *Member) error {
	return fault.Rule(fault.Field{Type: "value_error", Input: toJSON(m.ID.String()), Msg: "Cannot delete the only owner. Transfer ownership first."})
}

func (d *Service) remove(r *Roster, m *Member) {
	now := d.instant()
	m.DeletedAt = &now
	r.end(m, session.MemberDeleted, now)
}

func (d *Service) changeMember(ctx context.Context, customer Customer, id token.ID, need Need, f func(r *Roster, m *Member) error) (Member, error) {
	var changed Member
	need.Members = []token.ID{id}
	_, err := d.changeWith(ctx, customer.Organization, customer.ID, need, nil, func(r *Roster) error {
		m := r.member(id)
		if m == nil {
			return errMemberNotFound
		}
		err := f(r, m)
		r.touch()
		changed = *m
		return err
	})
	return changed, err
}

func (d *Service) applyMember(r *Roster, m *Member, c MemberChange) error {
	now := r.before.at
	if c.Role != nil && *c.Role != m.Role {
		if m.Role == Owner && r.owners() == 1 {
			return fault.Rule(refused("role", "Cannot change role. Customer must have exactly one owner.", *c.Role))
		}
		if *c.Role == Owner {
			for i := range r.Members {
				if other := &r.Members[i]; other.Role == Owner {
					r.setRole(other, BillingManager, now)
				}
			}
		}
		r.setRole(m, *c.Role, now)
	}
	if c.Name.Set { // moves ModifiedAt even if the name stays the same
		m.Name, m.ModifiedAt = c.Name.Value, &now
	}
	if c.Email != nil && !same(m.Email, c.Email) {
		if err := d.checkAddress(c.Email); err != nil {
			return err
		}
		return r.setMemberEmail(m, c.Email, now)
	}
	return nil
}

// setMemberEmail changes the member's address. It ends the member's sessions, unless the new address only differs in case.
func (r *Roster) setMemberEmail(m *Member, email *string, now time.Time) error {
	if r.Customer.Type == Individual && m.Role == Owner {
		return fault.Rule(refused("email", "Cannot change the email of an individual customer's owner. Update the customer's email instead.", email))
	}
	if other := r.memberByEmail(*email); other != nil && other != m {
		return fault.Rule(refused("email", "A member with this email already exists for this customer.", email))
	}
	if (m.Email == nil || !sameEmail(*m.Email, *email)) && !r.Organization.Policy.KeepOnEmailChange {
		r.end(m, session.EmailChanged, now)
	}
	m.Email = email
	return nil
}

// setRole changes the member's role. It ends the member's sessions if the new role has fewer permissions.
func (r *Roster) setRole(m *Member, role Role, now time.Time) {
	less := rank[role] < rank[m.Role]
	if m.Role = role; less && !r.Organization.Policy.KeepOnRoleDowngrade {
		r.end(m, session.RoleDowngraded, now)
	}
}

// rank orders the roles by the permissions they have.
var rank = map[Role]int{OrdinaryMember: 1, BillingManager: 2, Owner: 3}

// EndMemberSessions ends all sessions of a member of the customer, or returns fault.NotFound.
func (d *Service) EndMemberSessions(ctx context.Context, customer Customer, id token.ID, reason session.Reason) error {
	_, err := d.changeMember(ctx, customer, id, Need{}, func(r *Roster, m *Member) error {
		r.end(m, reason, d.instant())
		return nil
	})
	return err
}

func (r *Roster) owners() (n int) {
	for i := range r.Members {
		if r.Members[i].Role == Owner {
			n++
		}
	}
	return n
}

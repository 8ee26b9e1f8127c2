package directory

import (
	"context"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
)

// The role of the caller is checked again while the roster is locked, so that a member whose role was just reduced cannot
// complete a change of the team.
var (
	errRole    = fault.New(fault.NotPermitted, "Insufficient role for this operation")
	errNotTeam = fault.New(fault.NotPermitted, "Member management is only available for team customers. "+
		"Purchase a seat-based product to enable team features.")
)

// MayManage reports whether the role may manage members and billing.
func (r Role) MayManage() bool { return r == Owner || r == BillingManager }

// ManageMembers returns fault.NotPermitted unless the holder is a member who may manage the other members.
func ManageMembers(h Holder) error {
	if h.Member == nil || !h.Member.Role.MayManage() {
		return errRole
	}
	return nil
}

// ManageTeam is like [ManageMembers], and also returns fault.NotPermitted if the customer is not a team.
func ManageTeam(h Holder) error {
	if err := ManageMembers(h); err != nil {
		return err
	}
	if h.Customer.Type != Team {
		return errNotTeam
	}
	return nil
}

// TeamMembers returns a page of the members of the holder's team, the oldest first, and the number of members on all pages. It
// returns the same faults as [ManageTeam].
func (d *Service) TeamMembers(ctx context.Context, h Holder, page Page) ([]Member, int, error) {
	if err := ManageTeam(h); err != nil {
		return nil, 0, err
	}
	return d.Members(ctx, MemberQuery{
		Organization: h.Customer.Organization.Key(), Customer: h.Customer.ID.Key(), Sort: []Sort{{By: "created_at"}}, Page: page,
	})
}

// AddTeamMember is like [Service.CreateMember], for a member of the holder's team. The new member is pending. AddTeamMember also returns fault.RuleViolated if the
// new member's role is owner.
func (d *Service) AddTeamMember(ctx context.Context, h Holder, n NewMember) (Member, error) {
	var created Member
	need := Need{Email: &n.Email, Count: d.limits.Members}
	err := d.manage(ctx, h, need, n.Once.Claim(), func(r *Roster, _ *Member) error {
		if n.Role == Owner {
			return fault.Rule(refused("role", "Cannot add a member as owner. There must be exactly one owner.", n.Role))
		}
		if err := d.checkAddress(&n.Email); err != nil {
			return err
		}
		if m := r.memberByEmail(n.Email); m != nil {
			created = *m
			n.Once.Made(created)
			return nil
		}
		now := d.instant()
		created = Member{
			ID: token.NewID(now), Customer: h.Customer.ID, Organization: h.Customer.Organization, Email: &n.Email, Name: n.Name,
			Role: n.Role, CreatedAt: now, Pending: true,
		}
		n.Once.Made(created)
		return r.add(created, d.limits.Members)
	})
	return created, d.counted("members", endedMeanwhile(err))
}

// AcceptMembership records that a pending member has accepted the membership. It returns fault.NotFound if the member was deleted.
func (d *Service) AcceptMembership(ctx context.Context, m Member) error {
	if !m.Pending {
		return nil
	}
	_, err := d.changeWith(ctx, m.Organization, m.Customer, Need{Members: []token.ID{m.ID}}, nil, func(r *Roster) error {
		member := r.member(m.ID)
		if member == nil {
			return errMemberNotFound
		}
		member.Pending = false
		return nil
	})
	return err
}

// ChangeTeamMember is like [Service.ChangeMember], for a member of the holder's team. Members cannot change their own role, and
// only the owner can transfer ownership, with a fresh proof ([Service.CheckProof]).
func (d *Service) ChangeTeamMember(ctx context.Context, h Holder, id token.ID, change MemberChange) (Member, error) {
	var changed Member
	err := d.manage(ctx, h, Need{Members: []token.ID{id}, Email: change.Email}, nil, func(r *Roster, by *Member) error {
		m := r.member(id)
		if m == nil {
			return errMemberNotFound
		}
		if change.Role != nil && *change.Role != m.Role {
			switch {
			case m == by:
				return refusedID(id, "You cannot modify your own role.")
			case *change.Role == Owner && by.Role != Owner:
				return fault.Rule(refused("role", "Only the owner can transfer ownership.", *change.Role))
			case *change.Role == Owner:
				if err := d.CheckProof(h); err != nil {
					return err
				}
			}
		}
		err := d.applyMember(r, m, change)
		r.touch()
		changed = *m
		return err
	})
	return changed, err
}

// RemoveTeamMember is like [Service.DeleteMember], for a member of the holder's team. Members cannot remove themselves.
func (d *Service) RemoveTeamMember(ctx context.Context, h Holder, id token.ID) error {
	return d.manage(ctx, h, Need{Members: []token.ID{id}}, nil, func(r *Roster, by *Member) error {
		m := r.member(id)
		switch {
		case m == nil:
			return errMemberNotFound
		case m == by:
			return refusedID(id, "You cannot remove yourself from the team.")
		case m.Role == Owner && r.owners() == 1:
			return onlyOwner(m)
		}
		d.remove(r, m)
		return nil
	})
}

func (d *Service) manage(ctx context.Context, h Holder, need Need, claim *idempotency.Claim, f func(r *Roster, by *Member) error) error {
	if h.Member == nil {
		return errRole
	}
	need.Members = append(need.Members, h.Member.ID)
	_, err := d.changeWith(ctx, h.Customer.Organization, h.Customer.ID, need, claim, func(r *Roster) error {
		by := r.member(h.Member.ID)
		if err := ManageTeam(Holder{Customer: r.Customer, Member: by}); err != nil {
			return err
		}
		return f(r, by)
	})
	return err
}

func refusedID(id token.ID, msg string) error {
	return fault.Rule(fault.Field{Type: "value_error", Name: []any{"id"}, Msg: msg, Input: toJSON(id.String())})
}

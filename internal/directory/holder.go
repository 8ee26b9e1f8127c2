package directory

import (
	"context"
	"encoding/json"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Holder is for whom a session is made: a customer, and the member of it where the organization has the member model.
type Holder struct {
	Customer Customer
	// Member is nil when the customer holds the session itself.
	Member *Member
}

// Email is where the holder reads mail; nil for one without an address.
func (h Holder) Email() *string {
	if h.Member != nil {
		return h.Member.Email
	}
	return h.Customer.Email
}

// HolderByKeys returns who holds a live session, as they are now and not as they were when it began. Member is 0 for a
// customer who holds it itself. It yields fault.InvalidToken when one of them is gone: the session has ended with it.
func (d *Service) HolderByKeys(ctx context.Context, customer, member token.Key) (h Holder, err error) {
	if h.Customer, err = d.CustomerByKey(ctx, customer); err != nil || member == 0 {
		return h, endedMeanwhile(err)
	}
	m, err := d.MemberByKey(ctx, member)
	h.Member = &m
	return h, endedMeanwhile(err)
}

// endedMeanwhile is for a holder who was deleted after its session was verified.
func endedMeanwhile(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.InvalidToken, "The session's holder is gone.").Because(err)
	}
	return err
}

// HolderRef names a holder as a caller of POST /v1/customer-sessions/ does. ExternalCustomer wins over Customer when it
// is not "", and Member over ExternalMember when it is not zero.
type HolderRef struct {
	Customer         token.ID
	ExternalCustomer string
	Member           token.ID
	ExternalMember   string
}

// Holder finds for whom a session shall be made. Where the organization has no member model, the names of members are
// ignored. It yields fault.RuleViolated, never fault.NotFound, when there is no such customer or member.
func (d *Service) Holder(ctx context.Context, org Organization, ref HolderRef) (Holder, error) {
	c, err := d.holderCustomer(ctx, org, ref)
	if err != nil || !org.MemberModel {
		return Holder{Customer: c}, err
	}
	m, err := d.holderMember(ctx, c, ref)
	if fault.Is(err, fault.NotFound) { // deleted a moment ago
		_, err = d.holderCustomer(ctx, org, ref)
	}
	return Holder{Customer: c, Member: &m}, err
}

// ResolveHolder finds the customer of a reference, and the member unless the reference names none. It yields what
// [Service.Holder] does when there is no such customer or member.
func (d *Service) ResolveHolder(ctx context.Context, org Organization, ref HolderRef) (Customer, *Member, error) {
	c, err := d.holderCustomer(ctx, org, ref)
	if err != nil || ref.Member.IsZero() && ref.ExternalMember == "" {
		return c, nil, err
	}
	m, err := d.holderMember(ctx, c, ref)
	return c, &m, err
}

func (d *Service) holderCustomer(ctx context.Context, org Organization, ref HolderRef) (Customer, error) {
	var c Customer
	var err error
	name, input := "customer_id", ref.Customer.String()
	if ref.ExternalCustomer != "" {
		name, input = "external_customer_id", ref.ExternalCustomer
		c, err = d.CustomerByExternalID(ctx, org, ref.ExternalCustomer)
	} else {
		c, err = d.Customer(ctx, org, ref.Customer)
	}
	if fault.Is(err, fault.NotFound) {
		return c, refusedHolder(name, "Customer does not exist.", text(&input))
	}
	return c, err
}

func (d *Service) holderMember(ctx context.Context, c Customer, ref HolderRef) (Member, error) {
	const unknown = "Member does not exist for this customer."
	switch {
	case !ref.Member.IsZero():
		m, found, err := d.store.Member(ctx, ref.Member.Key())
		if err == nil && !(found && m.ID == ref.Member && m.Customer == c.ID) {
			input := ref.Member.String()
			err = refusedHolder("member_id", unknown, text(&input))
		}
		return m, err
	case ref.ExternalMember != "":
		m, found, err := d.store.MemberByExternalID(ctx, c.ID.Key(), ref.ExternalMember)
		if err == nil && !found {
			err = refusedHolder("external_member_id", unknown, text(&ref.ExternalMember))
		}
		return m, err
	case c.Type == Team:
		return Member{}, refusedHolder("member_id", "member_id is required for team customers.", nil)
	}
	return d.ensureOwner(ctx, c)
}

// ensureOwner returns the customer's owner. It reads first: an owner is made once and asked for often.
func (d *Service) ensureOwner(ctx context.Context, c Customer) (owner Member, err error) {
	owner, found, err := d.store.Owner(ctx, c.ID.Key())
	if err != nil || found {
		return owner, err
	}
	_, err = d.change(ctx, c.Organization, c.ID, func(r *Roster) error {
		owner = *r.ensureOwner(nil, d.instant())
		return nil
	})
	return owner, err
}

func refusedHolder(name, msg string, input json.RawMessage) error {
	return fault.Rule(refused(name, msg, input))
}

// HoldersByEmail returns those who may have a session because they read the address: members where the organization has
// the member model, and else the customer itself. Of customers that have the address but no member, the owner is made
// when ensure asks for them; until then the holder has a nil Member.
func (d *Service) HoldersByEmail(ctx context.Context, org Organization, email string) ([]Holder, error) {
	return d.store.HoldersByEmail(ctx, org.ID.Key(), email)
}

// EnsureOwner returns the holder with its member, which it makes where the organization has the member model and there is none.
func (d *Service) EnsureOwner(ctx context.Context, org Organization, h Holder) (Holder, error) {
	if !org.MemberModel || h.Member != nil {
		return h, nil
	}
	m, err := d.ensureOwner(ctx, h.Customer)
	h.Member = &m
	return h, err
}

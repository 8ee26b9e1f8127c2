package directory

import (
	"context"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Holder is the holder of a session: a customer or, with the member model, one of its members.
type Holder struct {
	Customer Customer
	// Member is nil if the customer holds the session itself.
	Member *Member
	// Proven reports whether the holder proved within [session.ProofLifetime] that it reads the mailbox of its address. Only
	// callers that act for a session set it. Without it, the holder can change neither its address nor the owner.
	Proven bool
}

var errNotProven = fault.New(fault.SessionNotFresh, "This change needs a fresh proof that you read the emails to your current address. "+
	"Request a code with POST /v1/customer-portal/customer-session/proof/request, send the code to "+
	"POST /v1/customer-portal/customer-session/proof/confirm, and repeat this request within 10 minutes.")

// CheckProof returns fault.SessionNotFresh unless the holder is proven or [Options.WithoutProof] is set.
func (d *Service) CheckProof(h Holder) error {
	if h.Proven || d.withoutProof {
		return nil
	}
	return errNotProven
}

// Email returns the holder's email address, or nil.
func (h Holder) Email() *string {
	if h.Member != nil {
		return h.Member.Email
	}
	return h.Customer.Email
}

// HolderByKeys returns the current holder of a live session. Member is 0 if the customer holds the session itself. It returns
// fault.InvalidToken if the customer or the member was deleted, which ended the session.
func (d *Service) HolderByKeys(ctx context.Context, customer, member token.Key) (h Holder, err error) {
	if h.Customer, err = d.CustomerByKey(ctx, customer); err != nil || member == 0 {
		return h, endedMeanwhile(err)
	}
	m, err := d.MemberByKey(ctx, member)
	h.Member = &m
	return h, endedMeanwhile(err)
}

// endedMeanwhile turns fault.NotFound into fault.InvalidToken: the holder was deleted after the session was verified.
func endedMeanwhile(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.InvalidToken, "The holder of the session was deleted.").Because(err)
	}
	return err
}

// HolderRef selects a holder, as the body of POST /v1/customer-sessions/ does. ExternalCustomer, unless nil, takes
// precedence over Customer, and a non-zero Member over ExternalMember. An external id of "" selects nothing, because
// no customer or member has it.
type HolderRef struct {
	Customer         token.ID
	ExternalCustomer *string
	Member           token.ID
	ExternalMember   *string
}

// Holder returns the holder of a new session. Without the member model, it ignores the member in ref. It returns
// fault.RuleViolated, not fault.NotFound, if the customer or the member does not exist.
func (d *Service) Holder(ctx context.Context, org Organization, ref HolderRef) (Holder, error) {
	c, err := d.holderCustomer(ctx, org, ref)
	if err != nil || !org.MemberModel {
		return Holder{Customer: c}, err
	}
	m, err := d.holderMember(ctx, c, ref)
	if fault.Is(err, fault.NotFound) { // the customer was deleted after it was resolved
		_, err = d.holderCustomer(ctx, org, ref)
	}
	return Holder{Customer: c, Member: &m}, err
}

// ResolveHolder returns the customer that a reference selects, and the member if the reference selects one. It returns the same
// faults as [Service.Holder].
func (d *Service) ResolveHolder(ctx context.Context, org Organization, ref HolderRef) (Customer, *Member, error) {
	c, err := d.holderCustomer(ctx, org, ref)
	if err != nil || ref.Member.IsZero() && ref.ExternalMember == nil {
		return c, nil, err
	}
	m, err := d.holderMember(ctx, c, ref)
	return c, &m, err
}

func (d *Service) holderCustomer(ctx context.Context, org Organization, ref HolderRef) (Customer, error) {
	var c Customer
	var err error
	name, input := "customer_id", ref.Customer.String()
	if ref.ExternalCustomer != nil {
		name, input = "external_customer_id", *ref.ExternalCustomer
		c, err = d.CustomerByExternalID(ctx, org, *ref.ExternalCustomer)
	} else {
		c, err = d.Customer(ctx, org, ref.Customer)
	}
	if fault.Is(err, fault.NotFound) {
		return c, refusedHolder(name, "Customer does not exist.", input)
	}
	return c, err
}

func (d *Service) holderMember(ctx context.Context, c Customer, ref HolderRef) (Member, error) {
	const unknown = "Member does not exist for this customer."
	switch {
	case !ref.Member.IsZero():
		m, found, err := d.store.Member(ctx, ref.Member.Key())
		if err == nil && !(found && m.ID == ref.Member && m.Customer == c.ID) {
			err = refusedHolder("member_id", unknown, ref.Member.String())
		}
		return m, err
	case ref.ExternalMember != nil:
		m, found, err := d.store.MemberByExternalID(ctx, c.ID.Key(), *ref.ExternalMember)
		if err == nil && !found {
			err = refusedHolder("external_member_id", unknown, ref.ExternalMember)
		}
		return m, err
	case c.Type == Team:
		return Member{}, refusedHolder("member_id", "member_id is required for team customers.", nil)
	}
	return d.ensureOwner(ctx, c)
}

// ensureOwner returns the customer's owner, and creates it if necessary. It reads before it locks the customer, because most
// customers have an owner.
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

func refusedHolder(name, msg string, input any) error {
	return fault.Rule(refused(name, msg, input))
}

// HoldersByEmail returns the holders with the email address: members if the organization has the member model, and customers
// otherwise. Member is nil for a customer without members; [Service.EnsureOwner] creates the owner.
func (d *Service) HoldersByEmail(ctx context.Context, org Organization, email string) ([]Holder, error) {
	return d.store.HoldersByEmail(ctx, org.ID.Key(), email)
}

// EnsureOwner returns the holder with its member. With the member model, it creates the owner if the holder has no member.
func (d *Service) EnsureOwner(ctx context.Context, org Organization, h Holder) (Holder, error) {
	if !org.MemberModel || h.Member != nil {
		return h, nil
	}
	m, err := d.ensureOwner(ctx, h.Customer)
	h.Member = &m
	return h, err
}

package login

import (
	"context"
	"errors"
	"slices"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Attempt is an attempt to log in with a code.
type Attempt struct {
	// Code is the code as the customer typed it.
	Code string
	// Organization restricts the attempt to the organization's codes. The zero ID accepts the codes of every organization.
	Organization token.ID
	// Customer selects one of several customers with the code's email address. The zero ID selects none.
	Customer token.ID
	// ByOrganization reports whether the caller has an access token of Organization.
	ByOrganization bool
	// Receipt shows that the caller asked for a code; see [Service.Receipt]. "" shows nothing.
	Receipt string
	// Portal means that the attempt comes from the portal, which calls [Service.SignedIn] after a success. If neither Portal nor
	// ByOrganization is set, the holder may get a notice of the sign-in.
	Portal bool
	// Client is the client that logs in. The session stores its address and user agent.
	Client session.Client
	// RequestID identifies the request in log lines.
	RequestID string
}

// Authenticate exchanges a code for a session (Polar: POST /v1/customer-portal/customer-session/authenticate). A code works
// once. If several customers have the code's email address and the attempt selects none of them, Authenticate returns these
// customers and the code stays valid. It returns fault.InvalidCode for an unknown, used or expired code, and fault.TooMany if the
// caller has used up its budget of wrong codes, whether the code is right or not.
func (d *Service) Authenticate(ctx context.Context, a Attempt) (session.Issued, []Choice, error) {
	paid, err := d.charge(ctx, a)
	if err != nil {
		return session.Issued{}, nil, err
	}
	issued, choices, err := d.authenticate(ctx, a, paid)
	if !fault.Is(err, fault.InvalidCode) {
		d.refund(ctx, paid)
	}
	return issued, choices, err
}

func (d *Service) authenticate(ctx context.Context, a Attempt, paid charge) (session.Issued, []Choice, error) {
	hash, c, why, err := d.find(ctx, a)
	if err == nil && why == "" && !d.allows(paid, c) {
		c, why = Code{}, unknownCode
	}
	if c.Organization.IsZero() {
		c.Organization = a.Organization
	}
	failure := Failure{Organization: c.Organization, Reason: why, Email: c.Email, Customer: a.Customer, Client: a.Client, RequestID: a.RequestID}
	if err == nil && why != "" {
		err = d.failed(ctx, failure)
	}
	if err != nil {
		return session.Issued{}, nil, err
	}
	org, holders, err := d.holdersOf(ctx, c, a.Customer)
	if err != nil {
		return session.Issued{}, nil, err
	}
	if list := choices(holders); len(list) > 1 {
		return session.Issued{}, list, nil
	}
	if len(holders) == 0 { // the holder of this address was deleted after the code was sent
		failure.Reason = noHolder
		return session.Issued{}, nil, d.failed(ctx, failure)
	}
	issued, err := d.redeem(ctx, org, holders[0], c.Email, hash, a.Client)
	if err == nil && !a.Portal && !a.ByOrganization {
		_ = d.signedInElsewhere(ctx, org, holders[0], issued.Session, a.Client) // without the notice, the login still succeeds
	}
	if errors.Is(err, errInvalidCode) {
		failure.Reason = usedCode
		err = d.failed(ctx, failure)
	}
	return issued, nil, err
}

// holdersOf returns the holders whose sessions a code can create. A code that was requested for a customer is for this customer only.
// Other codes are for all holders with the address whose membership is not pending; customer, unless zero, selects one of them.
func (d *Service) holdersOf(ctx context.Context, c Code, customer token.ID) (directory.Organization, []directory.Holder, error) {
	r := Request{Organization: c.Organization, Email: c.Email}
	if c.Customer != 0 {
		of, err := d.Directory.CustomerByKey(ctx, c.Customer)
		if fault.Is(err, fault.NotFound) {
			return directory.Organization{}, nil, nil
		}
		if err != nil {
			return directory.Organization{}, nil, err
		}
		r.Customer = of.ID
	}
	org, holders, err := d.holders(ctx, r)
	if org.MemberModel && !customer.IsZero() {
		holders = slices.DeleteFunc(holders, func(h directory.Holder) bool { return h.Customer.ID != customer })
	}
	return org, holders, err
}

// find returns the code of an attempt and the hash under which the store has it. If the code is not valid, why is the reason. A
// code of another organization counts as unknown.
func (d *Service) find(ctx context.Context, a Attempt) (of token.Hash, c Code, why string, err error) {
	code, ok := d.parse(a.Code)
	if !ok {
		return of, c, unknownCode, nil
	}
	for _, hash := range d.Secrets.CodeHashes(code) {
		c, found, err := d.Store.Code(ctx, hash)
		switch {
		case err != nil:
			return hash, c, "", err
		case found && !a.Organization.IsZero() && c.Organization != a.Organization:
			return hash, Code{}, unknownCode, nil
		case found && !d.Now().Before(c.ExpiresAt):
			return hash, c, expiredCode, nil
		case found:
			return hash, c, "", nil
		}
	}
	return of, Code{}, unknownCode, nil
}

// parse returns the code in text that a caller typed. It reports false if the text cannot be a code.
func (d *Service) parse(text string) (token.Code, bool) {
	if !d.Exact {
		text = token.NormalizeCode(text, d.Alphabet, d.Length)
	}
	return token.CheckCode(text)
}

func (d *Service) redeem(ctx context.Context, org directory.Organization, h directory.Holder, email string, hash token.Hash, by session.Client) (session.Issued, error) {
	h, err := d.enter(ctx, org, h, email)
	if err != nil {
		return session.Issued{}, notFoundToInvalid(err)
	}
	g := Grant(org, h, "")
	g.Client, g.ProvenAt = by, d.Now()
	if err := d.Sessions.Admit(ctx, org.ID.Key()); err != nil {
		return session.Issued{}, err
	}
	issued, entry := d.Sessions.Prepare(g)
	redeemed, err := d.Store.RedeemCode(ctx, Redemption{
		Hash: hash, Session: entry, Options: session.InsertOptions{MaxSessions: g.MaxSessions, Reason: session.TooManySessions}, KeepSiblings: d.KeepSiblings,
	})
	if err == nil && !redeemed {
		err = errInvalidCode
	}
	if err == nil {
		d.Sessions.CountCreated(issued)
	}
	return issued, err
}

// notFoundToInvalid turns fault.NotFound into fault.InvalidCode: the customer was deleted during the login, together with its
// codes.
func notFoundToInvalid(err error) error {
	if fault.Is(err, fault.NotFound) {
		return errInvalidCode
	}
	return err
}

package login

import (
	"context"
	"errors"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Attempt is somebody who types in a code.
type Attempt struct {
	// Code is as it was typed.
	Code string
	// Organization, unless it is zero, is the only one whose codes are good.
	Organization token.ID
	// Customer is one of several with the code's address; zero for whichever has it.
	Customer token.ID
	// Client is remembered by the session.
	Client session.Client
}

// Authenticate exchanges a code for a session (Polar: POST /v1/customer-portal/customer-session/authenticate). A code can be
// used once. When several customers have its address, and the attempt names none of them, the code stays good and they are
// returned instead. It yields fault.InvalidCode for everything that is wrong with a code.
func (d *Service) Authenticate(ctx context.Context, a Attempt) (session.Issued, []Choice, error) {
	hash, c, why, err := d.find(ctx, a)
	failure := Failure{Organization: c.Organization, Reason: why, Email: c.Email, Customer: a.Customer, Client: a.Client}
	if err == nil && why != "" {
		err = d.failed(ctx, failure)
	}
	if err != nil {
		return session.Issued{}, nil, err
	}
	org, holders, err := d.holders(ctx, Request{Organization: c.Organization, Email: c.Email, Customer: a.Customer})
	if err != nil {
		return session.Issued{}, nil, err
	}
	holders = under(holders, c.Customer)
	if list := choices(holders); len(list) > 1 {
		return session.Issued{}, list, nil
	}
	if len(holders) == 0 { // who had the address is gone, and the code is good for nobody
		failure.Reason = noHolder
		return session.Issued{}, nil, d.failed(ctx, failure)
	}
	made, err := d.redeem(ctx, org, holders[0], c.Email, hash, a.Client)
	if errors.Is(err, errInvalidCode) {
		failure.Reason = usedCode
		err = d.failed(ctx, failure)
	}
	return made, nil, err
}

// find returns the code of an attempt, and the hash under which it is stored; for one that is not good now, it says why. One of
// another organization than the attempt names was never sent, as far as that one is concerned.
func (d *Service) find(ctx context.Context, a Attempt) (of token.Hash, c Code, why string, err error) {
	code, ok := token.CheckCode(a.Code)
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

// under are the holders of the customer with the key, or all for 0.
func under(all []directory.Holder, customer token.Key) []directory.Holder {
	if customer == 0 {
		return all
	}
	var some []directory.Holder
	for _, h := range all {
		if h.Customer.ID.Key() == customer {
			some = append(some, h)
		}
	}
	return some
}

func (d *Service) redeem(ctx context.Context, org directory.Organization, h directory.Holder, email string, hash token.Hash, by session.Client) (session.Issued, error) {
	h, err := d.Directory.EnsureOwner(ctx, org, h)
	if err == nil {
		err = d.Directory.VerifyEmail(ctx, h.Customer, email)
	}
	if err != nil {
		return session.Issued{}, gone(err)
	}
	g := Grant(org, h, "")
	g.Client = by
	made, entry := d.Sessions.Prepare(g)
	redeemed, err := d.Store.RedeemCode(ctx, hash, entry, session.InsertOptions{MaxSessions: g.MaxSessions, Reason: session.TooManySessions})
	if err == nil && !redeemed {
		err = errInvalidCode
	}
	if err == nil {
		d.Sessions.CountCreated(made)
	}
	return made, err
}

// gone is for a customer who was deleted in the meantime: its codes have ended with it.
func gone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return errInvalidCode
	}
	return err
}

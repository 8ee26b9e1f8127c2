package login

import (
	"context"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// maxAccounts is the maximum number of accounts that [Service.Accounts] returns.
const maxAccounts = 50

var errNotAnAccount = fault.New(fault.NotFound, "Your email address has no such account. Sign in with a code to see your accounts.")

// Accounts returns the other accounts of the organization that the holder of a session can switch to: those with the address that
// the holder has proved to read, by the login that created the session or by a code later. It returns none if the holder never did,
// and for sessions that are read-only or impersonated. Pending memberships are not included. There are at most 50.
func (d *Service) Accounts(ctx context.Context, of *session.Session, h directory.Holder) ([]directory.Holder, error) {
	_, _, accounts, err := d.accounts(ctx, of, h)
	return accounts, err
}

// accounts is Accounts, and returns the organization and the time of the proof too.
func (d *Service) accounts(ctx context.Context, of *session.Session, h directory.Holder) (org directory.Organization, proven time.Time, all []directory.Holder, err error) {
	if of.ReadOnly || of.Impersonated || h.Email() == nil {
		return org, proven, nil, nil
	}
	if proven, err = d.Sessions.ProvenAt(ctx, of); err != nil || proven.IsZero() {
		return org, proven, nil, err
	}
	if org, err = d.Directory.Organization(ctx, of.Organization); err != nil {
		return org, proven, nil, err
	}
	all, err = d.Directory.HoldersByEmail(ctx, org, *h.Email())
	all = slices.DeleteFunc(all, func(other directory.Holder) bool {
		return other.Customer.ID == h.Customer.ID || other.Member != nil && other.Member.Pending && !d.EnterPending
	})
	return org, proven, all[:min(len(all), maxAccounts)], err
}

// Switch ends a session and returns a new one for another account of its holder, which [Service.Accounts] lists. The new session
// does not last longer than the old one would have, and has its proof, so that switching back and forth extends neither. Switch
// returns fault.NotFound if the holder has no such account.
func (d *Service) Switch(ctx context.Context, of *session.Session, h directory.Holder, to token.ID, by session.Client) (session.Issued, error) {
	org, proven, accounts, err := d.accounts(ctx, of, h)
	if err != nil {
		return session.Issued{}, err
	}
	i := slices.IndexFunc(accounts, func(other directory.Holder) bool { return other.Customer.ID == to })
	if i < 0 {
		return session.Issued{}, errNotAnAccount
	}
	other, err := d.enter(ctx, org, accounts[i], *h.Email())
	if fault.Is(err, fault.NotFound) {
		err = errNotAnAccount
	}
	if err != nil {
		return session.Issued{}, err
	}
	g := Grant(org, other, of.ReturnURL)
	g.Client, g.ProvenAt, g.SwitchedFrom, g.IdleTimeout = by, proven, of.ID, of.IdleTimeout
	g.Lifetime = min(g.Lifetime, max(of.ExpiresAt.Sub(d.Now()), time.Microsecond))
	issued, err := d.Sessions.Create(ctx, g)
	if err != nil {
		return session.Issued{}, err
	}
	return issued, d.Sessions.SignOut(ctx, of)
}

// enter prepares the account of a holder who has proved to read the address.
func (d *Service) enter(ctx context.Context, org directory.Organization, h directory.Holder, email string) (directory.Holder, error) {
	if h.Member != nil {
		if err := d.Directory.AcceptMembership(ctx, *h.Member); err != nil {
			return h, err
		}
	}
	h, err := d.Directory.EnsureOwner(ctx, org, h)
	if err == nil {
		err = d.Directory.VerifyEmail(ctx, h.Customer, email)
	}
	return h, err
}

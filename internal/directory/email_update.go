package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// EmailUpdateLifetime is how long the link in a confirmation mail for a new email address is valid.
const EmailUpdateLifetime = 30 * time.Minute

// EmailUpdate is a customer's request to change its email address. The confirmation mail to the new address contains the token
// of the request.
type EmailUpdate struct {
	// Key is the key of the token.
	Key       token.Key
	Customer  token.Key
	Email     string
	Hash      token.Hash
	Secret    token.SecretID
	CreatedAt time.Time
	ExpiresAt time.Time
}

var (
	errNoEmailChange      = fault.New(fault.NotPermitted, "Email changes are not enabled for this organization.")
	errInvalidEmailUpdate = fault.New(fault.InvalidEmailUpdate, "This email update request is invalid or has expired.")
)

// RequestEmailUpdate stores a request to change the email address of the holder's customer, and returns the token that
// confirms the new address. It returns the same faults as [ManageBilling] and [Service.CheckProof], fault.NotPermitted if the organization does not
// allow email changes or is blocked, and fault.RuleViolated if the customer is a team or has the address already. It does not
// reveal whether another customer has the address.
func (d *Service) RequestEmailUpdate(ctx context.Context, org Organization, h Holder, email string) (token.Token, error) {
	if err := ManageBilling(h); err != nil {
		return token.Token{}, err
	}
	c := h.Customer
	switch {
	case !org.EmailChange:
		return token.Token{}, errNoEmailChange
	case c.Type != Individual:
		return token.Token{}, fault.Rule(refused("email", "Only individual customers can change their email.", email))
	case c.Email != nil && sameEmail(*c.Email, email):
		return token.Token{}, fault.Rule(refused("email", "New email is the same as your current email.", email))
	}
	if err := d.CheckProof(h); err != nil {
		return token.Token{}, err
	}
	if err := d.checkAddress(&email); err != nil {
		return token.Token{}, err
	}
	now := d.instant()
	key := token.NewID(now).Key()
	t := token.Mint(token.EmailChange, key)
	u := EmailUpdate{Key: key, Customer: c.ID.Key(), Email: email, CreatedAt: now, ExpiresAt: now.Add(EmailUpdateLifetime)}
	u.Hash, u.Secret = d.secrets.Hash(t)
	inserted, err := d.store.InsertEmailUpdate(ctx, u)
	if err == nil && !inserted {
		err = d.whyNotInserted(ctx, org)
	}
	return t, err
}

// whyNotInserted returns the fault of an email update that the store did not insert: the organization is blocked, or the customer
// was deleted during the request.
func (d *Service) whyNotInserted(ctx context.Context, org Organization) error {
	org, err := d.Organization(ctx, org.ID.Key())
	switch {
	case err != nil:
		return endedMeanwhile(err)
	case org.BlockedAt != nil:
		return ErrBlocked
	}
	return endedMeanwhile(errCustomerNotFound)
}

// CheckEmailUpdate returns the customer whose request the token can confirm. It returns fault.InvalidEmailUpdate if the token
// is malformed, unknown, used or expired.
func (d *Service) CheckEmailUpdate(ctx context.Context, text string) (Customer, error) {
	u, err := d.emailUpdate(ctx, text)
	if err != nil {
		return Customer{}, err
	}
	c, found, err := d.store.Customer(ctx, u.Customer)
	if err == nil && !found {
		err = errInvalidEmailUpdate
	}
	return c, err
}

// VerifyEmailUpdate sets the requested email address, marks it as verified, ends the customer's sessions and returns the
// customer. A token works once. VerifyEmailUpdate returns fault.InvalidEmailUpdate, and fault.RuleViolated if another customer
// has the address by now.
func (d *Service) VerifyEmailUpdate(ctx context.Context, text string) (Customer, error) {
	u, err := d.emailUpdate(ctx, text)
	if err != nil {
		return Customer{}, err
	}
	var changed Customer
	conflict, found, err := d.changeRoster(ctx, u.Customer, Need{}, nil, func(r *Roster) error {
		if r.Customer.Type != Individual { // the customer became a team after the request
			return errInvalidEmailUpdate
		}
		r.UsedEmailUpdate = u.Key
		r.setEmail(u.Email, true, r.before.at)
		r.touch()
		changed = r.Customer
		return nil
	})
	switch {
	case err != nil:
		return Customer{}, err
	case !found:
		return Customer{}, errInvalidEmailUpdate
	case conflict.Email:
		return Customer{}, fault.Rule(refused("token", "This email address is already in use.", u.Email))
	}
	return changed, nil
}

// EndEmailUpdate deletes the request with the token, durably, and reports whether the request existed.
func (d *Service) EndEmailUpdate(ctx context.Context, t token.Token) (known bool, err error) {
	u, found, err := d.store.EmailUpdate(ctx, t.Key())
	if err != nil || !found || t.Kind() != token.EmailChange || !d.secrets.Verify(t, u.Secret, u.Hash) {
		return false, err
	}
	err = d.store.DeleteEmailUpdate(ctx, t.Key())
	return err == nil, err
}

func (d *Service) emailUpdate(ctx context.Context, text string) (EmailUpdate, error) {
	t, err := token.Check(text)
	if err != nil || t.Kind() != token.EmailChange {
		return EmailUpdate{}, errInvalidEmailUpdate
	}
	u, found, err := d.store.EmailUpdate(ctx, t.Key())
	if err != nil {
		return EmailUpdate{}, err
	}
	if !found || !d.now().Before(u.ExpiresAt) || !d.secrets.Verify(t, u.Secret, u.Hash) {
		return EmailUpdate{}, errInvalidEmailUpdate
	}
	return u, nil
}

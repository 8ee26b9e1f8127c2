package login

import (
	"context"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Failure says how somebody could not log in.
type Failure struct {
	Organization token.ID
	// Reason is "expired_code", "unknown_code", "used_code" for one that somebody else has used at the same time, or
	// "no_holder" for one whose address nobody has any more.
	Reason string
	// Email is where the code was sent; "" for an unknown one.
	Email string
	// Customer is whom the caller named; zero for nobody.
	Customer token.ID
	Client   session.Client
}

const (
	expiredCode = "expired_code"
	unknownCode = "unknown_code"
	usedCode    = "used_code"
	noHolder    = "no_holder"
)

// failed tells of a code that is refused, and returns the refusal. Of a code that never was, only the customer whom the caller
// names can say whose it was to be: without one, nobody is told.
func (d *Service) failed(ctx context.Context, f Failure) error {
	if d.OnFailure == nil {
		return errInvalidCode
	}
	if f.Organization.IsZero() && !f.Customer.IsZero() {
		c, err := d.Directory.CustomerByKey(ctx, f.Customer.Key())
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if c.ID == f.Customer {
			f.Organization = c.Organization
		}
	}
	if f.Organization.IsZero() {
		return errInvalidCode
	}
	org, err := d.Directory.Organization(ctx, f.Organization.Key())
	if err == nil && org.Webhooks {
		err = d.OnFailure(ctx, f)
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return errInvalidCode
}

package login

import (
	"context"
	"log/slog"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Failure describes a failed login.
type Failure struct {
	Organization token.ID
	// Reason is the cause of the failure: "expired_code", "unknown_code", "used_code" if another request used the code at the
	// same time, "no_holder" if the customers with the code's email address were deleted, or "too_many_attempts" if the client
	// is refused for a while because of many attempts.
	Reason string
	// Email is the address that received the code, or "" for an unknown code.
	Email string
	// Customer is the customer that the caller selected, or the zero ID.
	Customer token.ID
	Client   session.Client
	// RequestID identifies the request in log lines.
	RequestID string
}

const (
	expiredCode = "expired_code"
	unknownCode = "unknown_code"
	usedCode    = "used_code"
	noHolder    = "no_holder"

	tooManyAttempts = "too_many_attempts"
)

// failed counts and logs a failed login, records it in the audit log, reports it to [Deps.OnFailure] and returns fault.InvalidCode. The
// organization of an unknown code is that of the page or of the access token, or else that of the customer that the caller selected.
func (d *Service) failed(ctx context.Context, f Failure) error {
	d.Metrics.LoginFailed(f.Reason)
	if err := d.report(ctx, f); err != nil {
		return err
	}
	d.log(ctx, slog.LevelInfo, "a login code was refused", f.Organization, slog.String("reason", f.Reason), slog.String("client", f.Client.IP),
		slog.String("request_id", f.RequestID))
	return errInvalidCode
}

// report records a failure in the audit log. It also reports the failure to [Deps.OnFailure] if its organization is known and has
// webhooks.
func (d *Service) report(ctx context.Context, f Failure) error {
	if err := d.identify(ctx, &f); err != nil {
		return err
	}
	event := audit.Event{
		Action: audit.SignedIn, Organization: f.Organization.Key(), Target: audit.Target{Kind: audit.OnServer}, Details: audit.Details{Reason: f.Reason},
	}
	if !f.Organization.IsZero() {
		event.Target = audit.Target{Kind: audit.OnOrganization, ID: f.Organization}
	}
	if err := d.Attempts.Refused(ctx, event); err != nil {
		return err
	}
	if d.OnFailure == nil || f.Organization.IsZero() {
		return nil
	}
	org, err := d.Directory.Organization(ctx, f.Organization.Key())
	if err == nil && org.Webhooks {
		err = d.OnFailure(ctx, f)
	}
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// identify sets the organization of a failed login with an unknown code, if the caller selected a customer.
func (d *Service) identify(ctx context.Context, f *Failure) error {
	if !f.Organization.IsZero() || f.Customer.IsZero() {
		return nil
	}
	c, err := d.Directory.CustomerByKey(ctx, f.Customer.Key())
	if err == nil && c.ID == f.Customer {
		f.Organization = c.Organization
	}
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

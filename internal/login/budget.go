package login

import (
	"context"
	"log/slog"
	"slices"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/rate"
	"github.com/postern-go/postern/internal/token"
)

// Wrong codes are budgeted, so that codes cannot be guessed from many addresses at once. Who pays for a wrong code depends on what the
// caller shows:
//
//   - A browser that asked for a code has a receipt; see [Service.Receipt]. It pays from the budgets of the addresses for which it asked,
//     and can only redeem the codes of these addresses.
//   - An organization's access token pays from the organization's budget, and can only redeem the organization's codes.
//   - Every other caller pays from the budget of the server, and, on an organization's pages, also from a second budget of the
//     organization.
//
// A caller whose budget is spent is refused, whether its code is right or not.

// charge is what an attempt has taken from the budgets. A right code gives it back.
type charge struct {
	keys []rate.Key
	// asked are the tags of the addresses whose codes the caller can redeem. If it is nil, the caller can redeem all codes.
	asked []addressTag
}

// charge takes one wrong code from each budget of the caller, before the code is looked up. It returns fault.TooMany if a budget is
// spent.
func (d *Service) charge(ctx context.Context, a Attempt) (c charge, err error) {
	if d.Counts == nil {
		return c, nil
	}
	org := uint64(a.Organization.Key())
	asked := d.askedFor(a.Receipt)
	switch {
	case a.ByOrganization:
		err = d.take(ctx, a, &c, rate.Key{Bucket: rate.CodeOrganization, ID: [2]uint64{org, 1}})
	case len(asked) > 0:
		return d.chargeAsked(ctx, a, asked)
	default:
		if org != 0 {
			err = d.take(ctx, a, &c, rate.Key{Bucket: rate.CodeOrganization, ID: [2]uint64{org, 0}})
		}
		if err == nil {
			err = d.take(ctx, a, &c, rate.Key{Bucket: rate.CodeServer})
		}
	}
	if err != nil {
		d.refund(ctx, c)
	}
	return c, err
}

// chargeAsked charges the addresses for which the caller asked. The caller cannot redeem the codes of an address whose budget is
// spent. chargeAsked returns an error if no address is left.
func (d *Service) chargeAsked(ctx context.Context, a Attempt, asked []addressTag) (c charge, err error) {
	var refused error
	for _, tag := range asked {
		switch err := d.take(ctx, a, &c, rate.Key{Bucket: rate.CodeAddress, ID: tag}); {
		case err == nil:
			c.asked = append(c.asked, tag)
		case fault.Is(err, fault.TooMany):
			refused = err
		default:
			d.refund(ctx, c)
			return c, err
		}
	}
	if c.asked == nil {
		return c, refused
	}
	return c, nil
}

// take takes one wrong code from a budget.
func (d *Service) take(ctx context.Context, a Attempt, c *charge, key rate.Key) error {
	refusal, err := d.Counts.Take(ctx, key, d.Now())
	if err == nil && refusal.Refused() {
		err = d.budgetSpent(ctx, a, key.Bucket, refusal)
	}
	if err == nil {
		c.keys = append(c.keys, key)
	}
	return err
}

// refund gives back what an attempt has taken.
func (d *Service) refund(ctx context.Context, c charge) {
	for _, key := range c.keys {
		_ = d.Counts.Return(ctx, key, d.Now()) // the budget then has one wrong code less until its window ends
	}
}

// allows reports whether the caller can redeem a code.
func (d *Service) allows(c charge, code Code) bool {
	return c.asked == nil || slices.Contains(c.asked, d.tag(code.Organization, code.Email))
}

// budgetSpent reports a spent budget, and returns the error for the caller. The first refusal of a window leaves a line in the log
// and an event; all of them are counted.
func (d *Service) budgetSpent(ctx context.Context, a Attempt, b rate.Bucket, refusal rate.Refusal) error {
	d.Metrics.LoginBudgetSpent(b.String())
	spent := fault.New(fault.TooMany, "Too many wrong login codes.")
	spent.RetryAfter, spent.Limit = refusal.Left, b.String()
	if !refusal.First {
		return spent
	}
	d.log(ctx, slog.LevelWarn, "a budget of wrong login codes is spent", a.Organization, slog.String("budget", b.String()),
		slog.Int64("retry_in_ms", refusal.Left.Milliseconds()), slog.String("client", a.Client.IP), slog.String("request_id", a.RequestID))
	if err := d.report(ctx, Failure{Organization: a.Organization, Reason: tooManyAttempts, Client: a.Client}); err != nil {
		return err
	}
	return spent
}

// Blocked reports that the rate limit of logins blocks a client that asked an organization's pages for a code or tried one.
func (d *Service) Blocked(ctx context.Context, org token.ID, f Failure) error {
	f.Organization, f.Reason = org, tooManyAttempts
	return d.report(ctx, f)
}

func (d *Service) log(ctx context.Context, level slog.Level, message string, org token.ID, attrs ...slog.Attr) {
	if d.Log == nil {
		return
	}
	if !org.IsZero() {
		attrs = append(attrs, slog.String("organization", org.String()))
	}
	d.Log.LogAttrs(ctx, level, message, attrs...)
}

package mail

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/rate"
)

// Mails are budgeted, whatever their kind: those of the server, those in the name of an organization, and those to a
// recipient. So the server cannot be used to flood a mailbox, and one organization cannot use up what the mail server
// sends for all. A mail that exceeds a budget is dropped, because its caller has its answer already.

// budgetKeys returns the keys for which a mail counts.
func budgetKeys(to, organization string) [3]rate.Key {
	return [3]rate.Key{
		{Bucket: rate.MailServer},
		{Bucket: rate.MailOrganization, ID: budgetID(organization)},
		{Bucket: rate.MailRecipient, ID: budgetID(mailbox(to))},
	}
}

// mailbox returns the form of an address that is the same for all addresses that usually belong to the same mailbox: those that
// differ in case, or in what follows a + in the part before the @.
func mailbox(address string) string {
	local, domain, _ := strings.Cut(directory.FoldEmail(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

func budgetID(text string) [2]uint64 {
	sum := sha256.Sum256([]byte(text))
	return [2]uint64{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// spend counts a mail. If a budget is spent, spend counts nothing and returns the budget.
func (o *Outbox) spend(ctx context.Context, to, organization string) (spent rate.Bucket, refusal rate.Refusal, err error) {
	if o.options.Counts == nil {
		return 0, rate.Refusal{}, nil
	}
	now := o.options.Now()
	keys := budgetKeys(to, organization)
	for i, key := range keys {
		refusal, err := o.options.Counts.Take(ctx, key, now)
		if err == nil && !refusal.Refused() {
			continue
		}
		o.giveBack(ctx, keys[:i], now)
		return key.Bucket, refusal, err
	}
	return 0, rate.Refusal{}, nil
}

func (o *Outbox) giveBack(ctx context.Context, keys []rate.Key, now time.Time) {
	for _, key := range keys {
		_ = o.options.Counts.Return(ctx, key, now) // the budget then has one mail less until its window ends
	}
}

// Allows returns fault.TooMany if a budget for a mail to an address in the name of an organization is spent. It counts nothing.
// Callers use it to refuse a request whose mail [Outbox] would drop.
func (o *Outbox) Allows(ctx context.Context, to, organization string) error {
	bucket, refusal, err := o.spend(ctx, to, organization)
	switch {
	case err != nil || o.options.Counts == nil:
		return err
	case !refusal.Refused():
		keys := budgetKeys(to, organization)
		o.giveBack(ctx, keys[:], o.options.Now())
		return nil
	}
	o.logSpent(ctx, bucket, refusal, to, organization)
	tooMany := fault.New(fault.TooMany, "Too many mails.")
	tooMany.RetryAfter, tooMany.Limit = refusal.Left, bucket.String()
	return tooMany
}

// logSpent logs the first mail that a spent budget drops. The line has only the domain of the recipient.
func (o *Outbox) logSpent(ctx context.Context, b rate.Bucket, refusal rate.Refusal, to, organization string) {
	if !refusal.First {
		return
	}
	o.log.LogAttrs(ctx, slog.LevelWarn, "a budget of mails is spent; further mails are dropped", slog.String("budget", b.String()),
		slog.String("organization", organization), slog.String("domain", Address{Email: to}.Domain()), slog.Int64("retry_in_ms", refusal.Left.Milliseconds()))
}

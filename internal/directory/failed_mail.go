package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

// FailedMail is a mail to a customer or member that could not be sent.
type FailedMail struct {
	Key token.Key
	At  time.Time
	// Kind is the kind of mail, such as "login code".
	Kind string
	// Email is the recipient.
	Email string
	// Error is why the last attempt failed, and Attempts the number of attempts.
	Error    string
	Attempts int
}

// MaxFailedMails is the maximum number of failed mails of an organization. If there are more, the oldest are deleted.
const MaxFailedMails = 1000

// maxMailError is the maximum length of [FailedMail].Error, in characters.
const maxMailError = 500

// RecordFailedMail stores a failed mail of the organization with the slug. It stores nothing if there is no such organization. Failed mails
// are kept for 30 days.
func (d *Service) RecordFailedMail(ctx context.Context, slug string, m FailedMail) error {
	org, found, err := d.store.OrganizationBySlug(ctx, slug)
	if err != nil || !found {
		return err
	}
	if text := []rune(m.Error); len(text) > maxMailError {
		m.Error = string(text[:maxMailError]) + "…"
	}
	m.At = d.instant()
	m.Key = token.NewID(m.At).Key()
	return d.store.InsertFailedMail(ctx, org.ID.Key(), m, MaxFailedMails)
}

// FailedMails returns a page of an organization's failed mails, latest first.
func (d *Service) FailedMails(ctx context.Context, org Organization, r keyset.Range) (keyset.Page[FailedMail], error) {
	return d.store.FailedMails(ctx, org.ID.Key(), r)
}

package login

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/session"
)

// RequestEmailUpdate sends a mail to the new email address of the holder's customer. The mail has a link that confirms the
// address (Polar: POST /v1/customer-portal/customers/me/email-update/request). The language of the mail is that of the
// customer, or else browser, which may be nil. RequestEmailUpdate returns the same faults as
// [directory.Service.RequestEmailUpdate], and fault.TooMany if a budget of mails is spent.
func (d *Service) RequestEmailUpdate(ctx context.Context, h directory.Holder, email string, browser *locale.Language) error {
	org, err := d.Directory.Organization(ctx, h.Customer.Organization.Key())
	if err != nil {
		return err
	}
	if err := d.mayMail(ctx, email, org); err != nil {
		return err
	}
	t, err := d.Directory.RequestEmailUpdate(ctx, org, h, email)
	if err != nil {
		return err
	}
	link := d.PublicURL.JoinPath(directory.PortalPath(org.Slug, "verify-email")).String() + "?token=" + t.Reveal()
	return d.Post("email change", func(context.Context) (mail.Mail, bool, error) {
		m, err := mail.EmailChange{
			From: d.From, Organization: letterhead(org), Language: language(browser, h), NewEmail: email, Link: link,
			ExpiresIn: directory.EmailUpdateLifetime,
		}.Mail()
		return m, err == nil, err
	})
}

// VerifyEmailUpdate sets the email address that the token confirms, ends the customer's sessions, and creates a new session for
// the caller. As on Polar, the customer holds the new session even if the organization has the member model (POST
// /v1/customer-portal/customers/me/email-update/verify). VerifyEmailUpdate returns the same faults as
// [directory.Service.VerifyEmailUpdate].
func (d *Service) VerifyEmailUpdate(ctx context.Context, text string, by session.Client) (session.Issued, error) {
	c, err := d.Directory.VerifyEmailUpdate(ctx, text)
	if err != nil {
		return session.Issued{}, err
	}
	org, err := d.Directory.Organization(ctx, c.Organization.Key())
	if err == nil && org.BlockedAt != nil { // blocked after the change of the address
		err = directory.ErrBlocked
	}
	if err != nil {
		return session.Issued{}, err
	}
	g := Grant(org, directory.Holder{Customer: c}, "")
	g.Client, g.ProvenAt = by, d.Now()
	return d.Sessions.Create(ctx, g)
}

package login

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/session"
)

// RequestEmailUpdate has a mail sent to the new email address of the holder's customer, which confirms it (Polar: POST
// /v1/customer-portal/customers/me/email-update/request). asked is the language that the browser asks for, nil for none: it is for
// customers who have none themselves. The refusals are those of [directory.Service.RequestEmailUpdate].
func (d *Service) RequestEmailUpdate(ctx context.Context, h directory.Holder, email string, asked *locale.Language) error {
	org, err := d.Directory.Organization(ctx, h.Customer.Organization.Key())
	if err != nil {
		return err
	}
	t, err := d.Directory.RequestEmailUpdate(ctx, org, h, email)
	if err != nil {
		return err
	}
	link := d.PublicURL.JoinPath(directory.PortalPath(org.Slug, "verify-email")).String() + "?token=" + t.Reveal()
	return d.Post("email change", func(context.Context) (mail.Mail, bool, error) {
		m, err := mail.EmailChange{
			From: d.From, Organization: letterhead(org), Language: language(asked, h), NewEmail: email, Link: link,
			ExpiresIn: directory.EmailUpdateLifetime,
		}.Mail()
		return m, err == nil, err
	})
}

// VerifyEmailUpdate gives a customer the address that the token confirms, ends its sessions, and makes the one session that
// goes on: the customer's own, even where the organization has members, as on Polar (POST
// /v1/customer-portal/customers/me/email-update/verify). Its refusals are those of [directory.Service.VerifyEmailUpdate].
func (d *Service) VerifyEmailUpdate(ctx context.Context, text string, by session.Client) (session.Issued, error) {
	c, err := d.Directory.VerifyEmailUpdate(ctx, text)
	if err != nil {
		return session.Issued{}, err
	}
	org, err := d.Directory.Organization(ctx, c.Organization.Key())
	if err != nil {
		return session.Issued{}, err
	}
	g := Grant(org, directory.Holder{Customer: c}, "")
	g.Client = by
	return d.Sessions.Create(ctx, g)
}

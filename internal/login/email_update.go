package login

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/session"
)

// RequestEmailUpdate has a mail sent to a customer's new email address, which confirms it (Polar: POST
// /v1/customer-portal/customers/me/email-update/request). Its refusals are those of [directory.Directory.RequestEmailUpdate].
func (d *Desk) RequestEmailUpdate(ctx context.Context, org directory.Organization, c directory.Customer, email string) error {
	t, err := d.Directory.RequestEmailUpdate(ctx, org, c, email)
	if err != nil {
		return err
	}
	link := d.PublicURL.JoinPath(org.Slug, "portal", "verify-email").String() + "?token=" + t.Reveal()
	return d.Post("email change", func(context.Context) (mail.Mail, bool, error) {
		m, err := mail.EmailChange{
			From: d.From, Organization: mail.Organization{Name: org.Name, Slug: org.Slug}, NewEmail: email, Link: link,
			ExpiresIn: directory.EmailUpdateLifetime,
		}.Mail()
		return m, err == nil, err
	})
}

// VerifyEmailUpdate gives a customer the address that the token confirms, ends its sessions, and makes the one session that
// goes on: the customer's own, even where the organization has members, as on Polar (POST
// /v1/customer-portal/customers/me/email-update/verify). Its refusals are those of [directory.Directory.VerifyEmailUpdate].
func (d *Desk) VerifyEmailUpdate(ctx context.Context, text string) (session.Made, error) {
	c, err := d.Directory.VerifyEmailUpdate(ctx, text)
	if err != nil {
		return session.Made{}, err
	}
	org, err := d.Directory.Organization(ctx, c.Organization.Key())
	if err != nil {
		return session.Made{}, err
	}
	return d.Sessions.Create(ctx, Grant(org, directory.Holder{Customer: c}, ""))
}

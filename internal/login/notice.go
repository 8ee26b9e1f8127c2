package login

import (
	"context"
	"net/url"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
)

// NotifyOfChange mails a notice to the person who may have lost an account by the change: to the old address, or to the former
// owner. Its language is that of the customer, or else English. It returns fault.Unavailable if the queue of mails is full.
func (d *Service) NotifyOfChange(c directory.AccountChange) error {
	n := mail.Notice{Kind: mail.EmailChanged, To: c.Email, At: c.At}
	if c.OwnerChanged { // the former owner can still sign in; the old address cannot
		n.Kind, n.Link = mail.OwnerChanged, d.sessionsPage(c.Organization)
	}
	return d.notify(c.Organization, directory.Holder{Customer: c.Customer}, n)
}

// Invite mails a notice to a pending member of a team: that the member was added, and where to sign in. language is that of the
// person who added the member, and is used unless the customer has a locale. Invite sends nothing to a member who has accepted the
// membership. It returns fault.Unavailable if the queue of mails is full.
func (d *Service) Invite(ctx context.Context, h directory.Holder, m directory.Member, language *locale.Language) error {
	if !m.Pending || m.Email == nil {
		return nil
	}
	org, err := d.Directory.Organization(ctx, m.Organization.Key())
	if err != nil {
		return err
	}
	page := d.PublicURL.JoinPath(directory.PortalPath(org.Slug, "request"))
	page.RawQuery = url.Values{"customer": {h.Customer.ID.String()}, "email": {*m.Email}}.Encode()
	n := mail.Notice{Kind: mail.AddedToTeam, To: *m.Email, Language: language, At: m.CreatedAt, Link: page.String()}
	if h.Customer.Name != nil {
		n.Team = *h.Customer.Name
	}
	return d.notify(org, directory.Holder{Customer: h.Customer}, n)
}

func (d *Service) notify(org directory.Organization, h directory.Holder, n mail.Notice) error {
	return d.Post(n.Kind.String(), func(context.Context) (mail.Mail, bool, error) {
		n.From, n.Organization, n.Language = d.From, letterhead(org), language(n.Language, h)
		m, err := n.Mail()
		return m, err == nil, err
	})
}

// sessionsPage returns the address of the page that lists a customer's sessions.
func (d *Service) sessionsPage(org directory.Organization) string {
	return d.PublicURL.JoinPath(directory.PortalPath(org.Slug, "sessions")).String()
}

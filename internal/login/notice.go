package login

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
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

func (d *Service) notify(org directory.Organization, h directory.Holder, n mail.Notice) error {
	return d.Post("notice", func(context.Context) (mail.Mail, bool, error) {
		n.From, n.Organization, n.Language = d.From, letterhead(org), language(n.Language, h)
		m, err := n.Mail()
		return m, err == nil, err
	})
}

// sessionsPage returns the address of the page that lists a customer's sessions.
func (d *Service) sessionsPage(org directory.Organization) string {
	return d.PublicURL.JoinPath(directory.PortalPath(org.Slug, "sessions")).String()
}

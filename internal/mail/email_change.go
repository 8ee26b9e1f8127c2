package mail

import (
	"time"

	"github.com/postern-go/postern/internal/locale"
)

// EmailChange is the mail that asks a customer to confirm a new email address (Polar: POST
// /v1/customer-portal/customers/me/email-update/request). It is sent to the new address.
type EmailChange struct {
	redacted
	// From is the server's sender address. Recipients see the organization's name, followed by "(via NAME)" with the name of
	// From.
	From         Address
	Organization Organization
	// Language is the customer's language. Nil means English.
	Language *locale.Language
	// NewEmail is the address to confirm.
	NewEmail string
	// Link is the absolute URL of the confirmation page, including the token.
	Link string
	// ExpiresIn is the lifetime of the token, at least one second. Sending is not retried after that time.
	ExpiresIn time.Duration
}

var emailChange = parseTemplates("email_change")

// Mail renders the mail. It returns fault.InvalidRequest if an address, the link or the lifetime is missing or invalid.
func (c EmailChange) Mail() (Mail, error) {
	to, err := newAddress("", c.NewEmail)
	if err != nil {
		return Mail{}, err
	}
	link, err := parseLink(c.Link)
	if err != nil {
		return Mail{}, err
	}
	if c.ExpiresIn < time.Second {
		return Mail{}, invalid("The link of the mail must be valid for at least 1 second.")
	}
	data := newTemplateData(c.Language, c.Organization, link, c.ExpiresIn)
	data.Subject = data.Text("email.subject")
	return emailChange.render(Mail{
		From: c.Organization.sender(c.From), To: to, UsefulFor: c.ExpiresIn, Organization: c.Organization.Slug, Link: link,
	}, data)
}

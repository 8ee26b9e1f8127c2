package mail

import (
	"time"

	"github.com/postern-go/postern/internal/locale"
)

// EmailChange is the mail that asks the owner of a new email address to confirm it (Polar: POST
// /v1/customer-portal/customers/me/email-update/request). It goes to the new address, whose owner alone can follow it.
type EmailChange struct {
	discreet
	// From is the server's sender address. Its name is shown behind the organization's.
	From         Address
	Organization Organization
	// Language is the customer's; nil stands for English.
	Language *locale.Language
	// NewEmail is the address to confirm.
	NewEmail string
	// Link is the absolute URL that confirms it, with its token.
	Link string
	// ExpiresIn is the lifetime of the token, at least a second. The mail is not tried for longer.
	ExpiresIn time.Duration
}

var emailChange = parseLetter("email_change")

// Mail writes the letter. An address, a link or a lifetime that is missing or unfit is fault.InvalidRequest.
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
		return Mail{}, invalid("The mail needs a link that is good for a second at least.")
	}
	w := newWords(c.Language, c.Organization, link, c.ExpiresIn)
	w.Subject = w.Text("email.subject")
	return emailChange.write(Mail{
		From: c.Organization.sender(c.From), To: to, UsefulFor: c.ExpiresIn, Organization: c.Organization.Slug, Link: link,
	}, w)
}

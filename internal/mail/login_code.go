package mail

import (
	"time"

	"github.com/postern-go/postern/internal/locale"
)

// LoginCode is the mail with a customer's login code (Polar: POST /v1/customer-portal/customer-session/request).
type LoginCode struct {
	redacted
	// From is the server's sender address. Recipients see the organization's name, followed by "(via NAME)" with the name of
	// From.
	From Address
	// To is the recipient's email address, without a name.
	To           string
	Organization Organization
	// Language is the recipient's language. Nil means English.
	Language *locale.Language
	// Code is the login code that the recipient types.
	Code string
	// Link is the absolute URL of the page on which the recipient types the code.
	Link string
	// ExpiresIn is the lifetime of the code, at least one second. Sending is not retried after that time.
	ExpiresIn time.Duration
}

var loginCode = parseTemplates("login_code")

// Mail renders the mail. It returns fault.InvalidRequest if the address, link, code or lifetime is missing or invalid.
func (l LoginCode) Mail() (Mail, error) {
	to, err := newAddress("", l.To)
	if err != nil {
		return Mail{}, err
	}
	link, err := parseLink(l.Link)
	if err != nil {
		return Mail{}, err
	}
	if l.Code == "" || l.ExpiresIn < time.Second {
		return Mail{}, invalid("The mail needs a login code that is valid for at least 1 second.")
	}
	data := newTemplateData(l.Language, l.Organization, link, l.ExpiresIn)
	data.Subject, data.Code = data.Text("login.subject", "Organization", data.Organization), l.Code
	return loginCode.render(Mail{
		From: l.Organization.sender(l.From), To: to, UsefulFor: l.ExpiresIn, Organization: l.Organization.Slug, Code: l.Code, Link: link,
	}, data)
}

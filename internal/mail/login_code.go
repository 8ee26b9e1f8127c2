package mail

import (
	"time"

	"github.com/postern-go/postern/internal/locale"
)

// LoginCode is the mail that brings a customer the code of a login (Polar: POST /v1/customer-portal/customer-session/request).
type LoginCode struct {
	discreet
	// From is the server's sender address. Its name is shown behind the organization's.
	From Address
	// To is the recipient's email address, without a name.
	To           string
	Organization Organization
	// Language is the recipient's; nil stands for English.
	Language *locale.Language
	// Code is what the recipient types.
	Code string
	// Link is the absolute URL of the page where it is typed.
	Link string
	// ExpiresIn is the lifetime of the code, at least a second. The mail is not tried for longer.
	ExpiresIn time.Duration
}

var loginCode = parseLetter("login_code")

// Mail writes the letter. An address, a link, a code or a lifetime that is missing or unfit is fault.InvalidRequest.
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
		return Mail{}, invalid("The mail needs a code that is good for a second at least.")
	}
	w := newWords(l.Language, l.Organization, link, l.ExpiresIn)
	w.Subject, w.Code = w.Text("login.subject", "Organization", w.Organization), l.Code
	return loginCode.write(Mail{
		From: l.Organization.sender(l.From), To: to, UsefulFor: l.ExpiresIn, Organization: l.Organization.Slug, Code: l.Code, Link: link,
	}, w)
}

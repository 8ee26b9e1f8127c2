package mail

import (
	"time"

	"github.com/postern-go/postern/internal/locale"
)

// ProofCode is the mail with a code that confirms a change of the account. It goes to the current address of the session's holder.
type ProofCode struct {
	redacted
	// From is the server's sender address. Recipients see the organization's name, followed by "(via NAME)" with the name of
	// From.
	From Address
	// To is the recipient's email address, without a name.
	To           string
	Organization Organization
	// Language is the recipient's language. Nil means English.
	Language *locale.Language
	// Code is the code that the recipient types.
	Code string
	// ExpiresIn is the lifetime of the code, at least one second. Sending is not retried after that time.
	ExpiresIn time.Duration
}

var proofCode = parseTemplates("proof_code")

// Mail renders the mail. It returns fault.InvalidRequest if the address, code or lifetime is missing or invalid.
func (p ProofCode) Mail() (Mail, error) {
	to, err := newAddress("", p.To)
	if err != nil {
		return Mail{}, err
	}
	if p.Code == "" || p.ExpiresIn < time.Second {
		return Mail{}, invalid("The mail needs a code that is valid for at least 1 second.")
	}
	data := newTemplateData(p.Language, p.Organization, "", p.ExpiresIn)
	data.Subject, data.Code = data.Text("proof.subject", "Organization", data.Organization), p.Code
	return proofCode.render(Mail{
		From: p.Organization.sender(p.From), To: to, UsefulFor: p.ExpiresIn, Organization: p.Organization.Slug, Code: p.Code,
	}, data)
}

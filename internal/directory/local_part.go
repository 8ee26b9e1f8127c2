package directory

import (
	"fmt"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// maxLocalPart is the maximum length of the part of an email address before the @, in bytes (RFC 5321, section 4.5.3.1.1). Mail
// servers refuse longer ones, so that no login code would arrive.
const maxLocalPart = 64

// email returns the address of the owner, or nil.
func (n *NewOwner) email() *string {
	if n == nil {
		return nil
	}
	return n.Email
}

// checkAddress returns fault.RuleViolated if an address cannot receive mail because its local part is too long, unless
// [Options.LongLocalParts] is set. A nil address is valid.
func (d *Service) checkAddress(email *string) error {
	if email == nil || d.longLocalParts {
		return nil
	}
	over := strings.LastIndexByte(*email, '@') - maxLocalPart
	if over <= 0 {
		return nil
	}
	unit := "characters"
	if over == 1 {
		unit = "character"
	}
	return fault.Rule(refused("email", fmt.Sprintf("The email address is too long before the @-sign (%d %s too many).", over, unit), email))
}

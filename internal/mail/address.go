package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
)

// Address is the sender or the recipient of a mail.
type Address struct {
	// Name is an optional display name.
	Name string
	// Email is the address. Its domain is in ASCII (RFC 5890); the local part before the @ may be UTF-8 (RFC 6531).
	Email string
}

// ParseAddress parses an address from the configuration: "login@example.com" or "Example <login@example.com>". It returns
// fault.InvalidRequest for an invalid address, with a message that describes the problem.
func ParseAddress(text string) (Address, error) {
	if parsed, err := netmail.ParseAddress(text); err == nil {
		return newAddress(parsed.Name, parsed.Address)
	}
	return newAddress("", text)
}

// newAddress validates an address. It rejects characters that could end a mail header or an SMTP command, and addresses that
// mail servers do not accept.
func newAddress(name, email string) (Address, error) {
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 {
		return Address{}, invalid("An email address needs text before and after an @-sign.")
	}
	local, domain := email[:at], email[at+1:]
	switch {
	case len(local) > 64:
		return Address{}, invalid("The part of the email address before the @-sign is longer than 64 bytes.")
	case !utf8.ValidString(local) || strings.ContainsFunc(local, forbidden):
		return Address{}, invalid("The email address contains characters before the @-sign that are not allowed.")
	case strings.HasPrefix(local, "."), strings.HasSuffix(local, "."), strings.Contains(local, ".."):
		return Address{}, invalid("The email address has a misplaced period before the @-sign.")
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || strings.HasPrefix(ascii, ".") || strings.HasSuffix(ascii, ".") || strings.Contains(ascii, "..") {
		return Address{}, invalid("The email address does not have a valid domain after the @-sign.")
	}
	if len(local)+1+len(ascii) > directory.MaxEmail {
		return Address{}, invalid(fmt.Sprintf("The email address is longer than %d bytes.", directory.MaxEmail))
	}
	return Address{Name: oneLine(name), Email: local + "@" + ascii}, nil
}

// forbidden reports whether a character is invisible or would need quotes in an address (RFC 5322, section 3.2.3).
func forbidden(r rune) bool {
	return strings.ContainsRune(`()<>[]:;,\"@`, r) || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// Domain returns the part after the @, or "" if there is no address. Logs contain no other part of a recipient's address.
func (a Address) Domain() string { return a.Email[strings.LastIndexByte(a.Email, '@')+1:] }

// inASCII reports whether mail servers without the SMTPUTF8 extension accept the address.
func (a Address) inASCII() bool {
	return !strings.ContainsFunc(a.Email, func(r rune) bool { return r > unicode.MaxASCII })
}

func (a Address) header() *netmail.Address { return &netmail.Address{Name: a.Name, Address: a.Email} }

// maxLine is the maximum length of an organization's text in a mail header, in characters. A header line can have 998
// characters (RFC 5322, section 2.1.1).
const maxLine = 200

// oneLine makes a text safe for a mail header. It replaces line ends and control characters by spaces, removes characters
// that change the text direction, breaks up encoded words (RFC 2047), and cuts the text at maxLine characters.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case r == utf8.RuneError, unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "=?", "= ?")
	if runes := []rune(text); len(runes) > maxLine {
		return string(runes[:maxLine-1]) + "…"
	}
	return text
}

// invalid returns the error for a mail that can never be sent. [Permanent] returns true for this error.
func invalid(message string) *fault.Error { return fault.New(fault.InvalidRequest, message) }

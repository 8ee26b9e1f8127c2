package mail

import (
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/postern-go/postern/internal/fault"
)

// Address is whom a mail is from or to.
type Address struct {
	// Name is for people; "" when there is none.
	Name string
	// Email is the address, its domain in ASCII (RFC 5890). What stands before the @ may be any UTF-8 (RFC 6531).
	Email string
}

// ParseAddress reads what an operator configures: "login@example.com" or "Example <login@example.com>". Anything that is not
// one address is fault.InvalidRequest, whose message says what is wrong.
func ParseAddress(text string) (Address, error) {
	if parsed, err := netmail.ParseAddress(text); err == nil {
		return newAddress(parsed.Name, parsed.Address)
	}
	return newAddress("", text)
}

// newAddress refuses what could end a header or a command, and what no mail server would take.
func newAddress(name, email string) (Address, error) {
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 {
		return Address{}, invalid("An email address needs something before and after an @-sign.")
	}
	local, domain := email[:at], email[at+1:]
	switch {
	case len(local) > 64:
		return Address{}, invalid("The email address is too long before the @-sign.")
	case !utf8.ValidString(local) || strings.ContainsFunc(local, forbidden):
		return Address{}, invalid("The email address has characters before the @-sign that cannot be sent.")
	case strings.HasPrefix(local, "."), strings.HasSuffix(local, "."), strings.Contains(local, ".."):
		return Address{}, invalid("The email address has a misplaced period before the @-sign.")
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || strings.HasPrefix(ascii, ".") || strings.HasSuffix(ascii, ".") || strings.Contains(ascii, "..") {
		return Address{}, invalid("The email address does not have a domain after the @-sign.")
	}
	if len(local)+1+len(ascii) > 254 {
		return Address{}, invalid("The email address is too long.")
	}
	return Address{Name: oneLine(name), Email: local + "@" + ascii}, nil
}

// forbidden are the characters that would need quotes in an address (RFC 5322, section 3.2.3), and all that cannot be seen.
func forbidden(r rune) bool {
	return strings.ContainsRune(`()<>[]:;,\"@`, r) || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// Domain is what stands after the @: as much of a recipient as a log may know. "" when there is no address.
func (a Address) Domain() string { return a.Email[strings.LastIndexByte(a.Email, '@')+1:] }

// inASCII is false for an address that only servers with SMTPUTF8 take.
func (a Address) inASCII() bool {
	return !strings.ContainsFunc(a.Email, func(r rune) bool { return r > unicode.MaxASCII })
}

func (a Address) header() *netmail.Address { return &netmail.Address{Name: a.Name, Address: a.Email} }

// maxLine is how many characters of somebody's text a header carries at most; its line may have 998 (RFC 5322, section 2.1.1).
const maxLine = 200

// oneLine makes a text fit for a header and for the first line of a mail: no line ends, no control characters, nothing
// that turns the direction of what follows, and nothing that a reader would decode once more (RFC 2047).
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

// invalid is a mail that no attempt will ever send.
func invalid(message string) *fault.Error { return fault.New(fault.InvalidRequest, message) }

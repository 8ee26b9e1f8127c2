package mail

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/postern-go/postern/internal/fault"
)

// reply is how an attempt failed: with the server's three digits (RFC 5321, section 4.2), or without any.
type reply struct {
	code int
	text string
}

func (r *reply) Error() string { return r.text }

// errNoUTF8 is a server that is too old for the address (RFC 6531).
var errNoUTF8 = &reply{code: 553, text: "the mail server takes no address with characters outside ASCII: it does not offer SMTPUTF8"}

// newReply keeps nothing of err but its text, which the caller masks.
func newReply(err error) *reply {
	r := &reply{text: err.Error()}
	if refused, ok := errors.AsType[*gomail.SendError](err); ok {
		r.code = refused.ErrorCode()
	} else if refused, ok := errors.AsType[*textproto.Error](err); ok {
		r.code = refused.Code
	} else if own, ok := errors.AsType[*reply](err); ok {
		r.code = own.code
	}
	return r
}

// Permanent reports whether trying again is in vain: the server said no for good (5yz), or a fault is in the mail or in what it
// is about, and not in a dependency. It is false for errors that nobody foresaw, and for nil.
func Permanent(err error) bool {
	if r, ok := errors.AsType[*reply](err); ok {
		return r.code/100 == 5
	}
	if _, ok := errors.AsType[*panicked](err); ok {
		return true
	}
	return err != nil && !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Internal)
}

// mask takes out of a text what the mail must not tell, and more of the caller's: mail servers like to repeat what
// they refuse. What is left of the recipient is the domain, which the log has beside it.
func (m Mail) mask(text string, more ...string) string {
	local, _, _ := strings.Cut(m.To.Email, "@")
	secrets := append(secretsOf(m.Link), m.To.Email, m.Subject, m.Code)
	var patterns []string
	for _, secret := range append(secrets, more...) {
		if secret != "" {
			patterns = append(patterns, pattern(secret))
		}
	}
	if local != "" {
		patterns = append(patterns, `\b`+pattern(local)+`\b`)
	}
	if patterns == nil {
		return text
	}
	return regexp.MustCompile("(?i)"+strings.Join(patterns, "|")).ReplaceAllString(text, "…")
}

// pattern matches the text itself. Where that is no UTF-8, it matches too much.
func pattern(text string) string { return strings.ToValidUTF8(regexp.QuoteMeta(text), ".+") }

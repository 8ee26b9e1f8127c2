package mail

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/postern-go/postern/internal/fault"
)

// reply is the error of an attempt to send. code is the reply code of the mail server (RFC 5321, section 4.2), or 0 if the
// server sent none.
type reply struct {
	code int
	text string
}

func (r *reply) Error() string { return r.text }

// errNoUTF8 is returned if the address needs SMTPUTF8 (RFC 6531) and the server does not support it.
var errNoUTF8 = &reply{code: 553, text: "the mail server accepts only ASCII addresses: it does not support SMTPUTF8"}

// newReply takes only the text and the reply code from err. The caller masks secrets in the text.
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

// Permanent reports whether an error makes a retry useless: the mail server has rejected the mail with a 5yz code, composing
// the mail has panicked, or the mail is invalid. It returns false for fault.Unavailable, fault.Internal, unknown errors and
// nil.
func Permanent(err error) bool {
	if r, ok := errors.AsType[*reply](err); ok {
		return r.code/100 == 5
	}
	if _, ok := errors.AsType[*panicked](err); ok {
		return true
	}
	return err != nil && !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Internal)
}

// mask replaces the secrets of the mail in text with "…": its link, code and subject, the recipient's address, and the
// additional strings in more. Replies of mail servers often repeat the content that they reject.
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

// pattern returns a regular expression for the literal text. Invalid UTF-8 in it becomes a wildcard, which masks too much rather
// than too little.
func pattern(text string) string { return strings.ToValidUTF8(regexp.QuoteMeta(text), ".+") }

package mail

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// ready validates the mail and normalizes its addresses and its subject. It sets the Message-ID and the date unless an earlier
// call has set them.
func (m Mail) ready(now time.Time) (ready Mail, err error) {
	if m.Text == "" {
		return Mail{}, invalid("The mail is empty.")
	}
	if m.From, err = newAddress(m.From.Name, m.From.Email); err != nil {
		return Mail{}, err
	}
	if m.To, err = newAddress(m.To.Name, m.To.Email); err != nil {
		return Mail{}, err
	}
	m.Subject = oneLine(m.Subject)
	if m.ID == "" {
		m.ID, m.date = strings.ToLower(rand.Text())+"@"+m.From.Domain(), now.UTC()
	}
	return m, nil
}

// message returns the mail in the format of RFC 5322. Auto-Submitted (RFC 3834) suppresses out-of-office replies.
// X-Entity-Ref-ID keeps mail programs from grouping mails with the same subject, which hides the latest code. There is no
// List-Unsubscribe: every mail is about an action on the recipient's own account, and whoever has taken over a mailbox must not be able
// to turn off its warnings. No header reveals the name of this machine or its software.
func (m Mail) message() *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.From.header())
	msg.ToMailAddress(m.To.header())
	if encoded := encodedSubject(m.Subject); encoded != "" {
		msg.SetGenHeaderPreformatted(gomail.HeaderSubject, encoded)
	} else {
		msg.Subject(m.Subject)
	}
	msg.SetDateWithValue(m.date)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Entity-Ref-ID", m.ID)
	if m.Language != "" {
		msg.SetGenHeader("Content-Language", m.Language)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg
}

// encodedSubject returns a subject for a header: words in base64 (RFC 2047), each in a line of its own, that begin in the line of
// the name. Some mail programs show a space before a subject that begins in the second line. It
// returns "" for a subject in ASCII.
func encodedSubject(subject string) string {
	if !strings.ContainsFunc(subject, func(r rune) bool { return r > unicode.MaxASCII }) {
		return ""
	}
	const most = 36 // bytes of a word, so that a line has at most 76 characters
	var words []string
	for subject != "" {
		n := min(most, len(subject))
		for n < len(subject) && !utf8.RuneStart(subject[n]) {
			n--
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(subject[:n]))+"?=")
		subject = subject[n:]
	}
	return strings.Join(words, "\r\n ")
}

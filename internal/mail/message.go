package mail

import (
	"crypto/rand"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// ready checks the mail and brings its addresses and its subject into the form in which they are sent. It gives it its
// Message-ID and date, once: a mail that is ready stays as it is.
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

// message is a mail that is ready as it goes over the wire. It carries what RFC 5322 asks for, and Auto-Submitted (RFC 3834),
// which keeps out-of-office replies away; nothing tells of this machine or of its software.
func (m Mail) message() *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.From.header())
	msg.ToMailAddress(m.To.header())
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.date)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg
}

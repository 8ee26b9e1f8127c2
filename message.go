package postern

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	netmail "net/mail"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/mail"
)

// Message is a mail to a customer, for [Mail.Deliver]. Printing or logging a Message shows only its ID and the recipient's
// domain, because the contents can give access to a session.
type Message struct {
	// ID is the Message-ID (RFC 5322) without brackets. It does not change between attempts.
	ID string
	// Organization is the slug of the organization in whose name the mail is sent.
	Organization string
	// From has the name of the organization. To has no name.
	From, To netmail.Address
	// Subject is one line.
	Subject string
	// Text and HTML are the same message, as plain text and as HTML.
	Text, HTML string
	// Language is the language tag of the message, such as "de".
	Language string
	// Code is the login code. It is "" in mails of other kinds.
	Code string
	// Link is the URL in the message. In a login mail, it opens the page that asks for the code. In an email change, it confirms
	// the new address and contains a token.
	Link string
}

// String returns the message's ID and the recipient's domain.
func (m Message) String() string {
	to := mail.Address{Email: m.To.Address}
	return fmt.Sprintf("message %s to a recipient at %s", m.ID, to.Domain())
}

// Format writes [Message.String] for every verb. Without it, verbs such as %d would print the fields.
func (m Message) Format(f fmt.State, _ rune) { io.WriteString(f, m.String()) }

// LogValue returns [Message.String], for slog.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// ErrUndeliverable marks an error of [Mail.Deliver] as permanent: the mail provider will never accept the message, so it is not
// sent again.
var ErrUndeliverable = errors.New("mail is undeliverable")

// deliver sends mails with an embedder's [Mail.Deliver].
type deliver func(ctx context.Context, m Message) error

func (d deliver) Send(ctx context.Context, m mail.Mail) error {
	err := d(ctx, Message{
		ID: m.ID, Organization: m.Organization, From: netmail.Address{Name: m.From.Name, Address: m.From.Email},
		To: netmail.Address{Address: m.To.Email}, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Language: m.Language, Code: m.Code, Link: m.Link,
	})
	if errors.Is(err, ErrUndeliverable) {
		return fault.New(fault.InvalidRequest, "The mail was refused.").Because(err)
	}
	return err
}

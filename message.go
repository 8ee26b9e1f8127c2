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

// Message is a mail to a customer, as [Mail.Deliver] gets it. It prints and logs without what it says, which may open a session.
type Message struct {
	// ID is a Message-ID (RFC 5322) without its brackets. It stays the same when a mail is tried again.
	ID string
	// Organization is the slug of the organization on whose behalf the mail is sent.
	Organization string
	// From has the organization's name. To has none.
	From, To netmail.Address
	// Subject is one line.
	Subject string
	// Text and HTML are the same message, for readers without and with HTML.
	Text, HTML string
	// Code is the code of a login; "" in any other mail.
	Code string
	// Link is where the mail leads: to the page where the code is typed, or, with a token in its query, to the one that confirms
	// a new email address.
	Link string
}

// String names the message and the domain that it goes to.
func (m Message) String() string {
	to := mail.Address{Email: m.To.Address}
	return fmt.Sprintf("message %s to somebody at %s", m.ID, to.Domain())
}

// Format prints [Message.String] for every verb: fmt would show the fields for those it does not expect.
func (m Message) Format(f fmt.State, _ rune) { io.WriteString(f, m.String()) }

// LogValue is [Message.String], for slog.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// ErrUndeliverable is for [Mail.Deliver] to wrap: the message will never be taken, and is not tried again.
var ErrUndeliverable = errors.New("the mail cannot be delivered")

// deliver is a sender that is the embedder's own.
type deliver func(ctx context.Context, m Message) error

func (d deliver) Send(ctx context.Context, m mail.Mail) error {
	err := d(ctx, Message{
		ID: m.ID, Organization: m.Organization, From: netmail.Address{Name: m.From.Name, Address: m.From.Email},
		To: netmail.Address{Address: m.To.Email}, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Code: m.Code, Link: m.Link,
	})
	if errors.Is(err, ErrUndeliverable) {
		return fault.New(fault.InvalidRequest, "The mail was refused.").Because(err)
	}
	return err
}

// shown is a sender whose mails a developer sees, too.
type shown struct {
	terminal *mail.Terminal
	mail.Sender
}

func (s shown) Send(ctx context.Context, m mail.Mail) error {
	if err := s.terminal.Send(ctx, m); err != nil {
		return err
	}
	return s.Sender.Send(ctx, m)
}

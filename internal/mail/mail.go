// Package mail writes the server's mails and sends them.
//
// A letter, such as [LoginCode], becomes a [Mail]; a [Sender] hands it to a mail server ([SMTP]) or shows it to whoever
// develops ([Terminal]); an [Outbox] stands in front of the sender, so that no request waits for a mail server:
//
//	smtp, err := mail.ParseSMTP("smtp://user:password@mail.example.com:587")
//	from, err := mail.ParseAddress("Example <login@example.com>")
//	outbox := mail.NewOutbox(smtp, log, mail.Options{})
//
//	err = outbox.Post("login code", func(ctx context.Context) (mail.Mail, bool, error) {
//		customer, found, err := … // looked up here, so that the answer's time does not tell who is known
//		if err != nil || !found {
//			return mail.Mail{}, false, err
//		}
//		m, err := mail.LoginCode{From: from, To: customer.Email, …}.Mail()
//		return m, err == nil, err
//	})
//
//	lost := outbox.Close(ctx)
//
// What a mail says, its code, its link and its recipient's name stay out of every log and every error.
package mail

import (
	"context"
	"time"
)

// Mail is one message to one recipient. Formatting it with fmt or slog shows nothing of it.
type Mail struct {
	discreet
	From, To Address
	// Subject is one line; what would make it several, or turn its direction, is dropped when it is sent.
	Subject string
	// Text is the message for readers without HTML. It must not be empty.
	Text string
	// HTML is the same message as a page; "" sends the text alone.
	HTML string
	// Organization is the slug of the one on whose behalf the mail is sent.
	Organization string
	// Code is what the recipient is to type, and Link where the mail leads; "" where there is none. Both are in the message,
	// and both may open something: they are masked where a server's reply repeats them.
	Code, Link string
	// UsefulFor is for how long after it was written the mail is worth sending, such as the lifetime of its code;
	// 0 leaves that to [Options.Lifetime].
	UsefulFor time.Duration

	// ID is the Message-ID, without its brackets. It and date are those of the first attempt, so that a server that takes two of
	// them can tell that they are one.
	ID   string
	date time.Time
}

// Sender takes one mail to where it is read. Send returns nil once somebody else has taken responsibility for it; about any
// error, [Permanent] tells whether the same mail may be tried again. It is safe for concurrent use and ends soon after ctx.
type Sender interface {
	Send(ctx context.Context, m Mail) error
}

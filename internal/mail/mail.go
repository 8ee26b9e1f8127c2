// Package mail renders the server's mails and sends them.
//
// [LoginCode], [ProofCode], [EmailChange] and [Notice] are the kinds of mail; their Mail method renders a [Mail]. A [Sender] delivers it: [SMTP] to a
// mail server, [Terminal] to the terminal of a developer. An [Outbox] queues mails and retries them, so that no request waits
// for a mail server:
//
//	smtp, err := mail.ParseSMTP("smtp://user:password@mail.example.com:587")
//	from, err := mail.ParseAddress("Example <login@example.com>")
//	outbox := mail.NewOutbox(smtp, log, mail.Options{})
//
//	err = outbox.Enqueue("login code", func(ctx context.Context) (mail.Mail, bool, error) {
//		customer, found, err := … // looked up here, so that response times do not reveal which addresses exist
//		if err != nil || !found {
//			return mail.Mail{}, false, err
//		}
//		m, err := mail.LoginCode{From: from, To: customer.Email, …}.Mail()
//		return m, err == nil, err
//	})
//
//	lost := outbox.Close(ctx)
//
// Logs and errors never contain a mail's text, its code, its link, or its recipient's address before the @.
package mail

import (
	"context"
	"time"
)

// Mail is one message to one recipient. The fmt and slog packages print it as "(mail)", without its content.
type Mail struct {
	redacted
	From, To Address
	// Subject is sent as one line: senders replace line ends and remove characters that change the text direction.
	Subject string
	// Text is the message as plain text. It must not be empty.
	Text string
	// HTML is the same message as HTML. If it is empty, the mail has only Text.
	HTML string
	// Language is the language code of the mail, such as "de". If it is empty, the mail has no Content-Language header.
	Language string
	// Organization is the slug of the organization in whose name the mail is sent.
	Organization string
	// Code is the code in the message, and Link its link; both are optional. They are credentials. Errors that repeat a mail
	// server's reply mask them.
	Code, Link string
	// UsefulFor is how long the server tries to send the mail, counted from its rendering. It is usually the lifetime of the
	// code. 0 means [Options.Lifetime].
	UsefulFor time.Duration

	// Delivery follows the attempts to send the mail. Nil means that nothing does.
	Delivery Delivery

	// ID is the Message-ID without its angle brackets. All attempts have the same ID and date, so that mail servers can
	// recognize duplicates.
	ID   string
	date time.Time
}

// Delivery follows the attempts of an [Outbox] to send a mail.
type Delivery interface {
	// Retry is called before each attempt after the first. If it reports false, the mail is dropped.
	Retry(ctx context.Context) (send bool, err error)
	// Attempted is called after each attempt. ctx ends soon.
	Attempted(ctx context.Context, accepted bool) error
}

// Sender delivers one mail. Send returns nil when the mail server has accepted the mail, and returns an error soon after ctx
// ends. [Permanent] reports whether an error makes a retry useless. A Sender is safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, m Mail) error
}

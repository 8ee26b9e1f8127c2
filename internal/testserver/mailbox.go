package testserver

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Mailbox is an SMTP server that stores the mails that it receives. It has no mailbox for addresses that begin with "refused".
type Mailbox struct {
	// C receives the mails, in the order in which they arrived.
	C <-chan Mail

	t        testing.TB
	url      string
	received chan Mail
}

// Mail is a received mail.
type Mail struct {
	From, To, Subject, Language, Text, HTML string
}

var (
	codeLine         = regexp.MustCompile(`(?m)^\s*([A-Z0-9]{6,32})\s*$`)
	emailUpdateToken = regexp.MustCompile(`polar_cev_[0-9A-Za-z]{43}`)
)

// Code returns the login code in the mail, or "" if the mail has no code.
func (m Mail) Code() string {
	if found := codeLine.FindStringSubmatch(m.Text); found != nil {
		return found[1]
	}
	return ""
}

// EmailUpdateToken returns the token in the link that confirms a new email address, or "" if the mail has no such link.
func (m Mail) EmailUpdateToken() string { return emailUpdateToken.FindString(m.Text) }

func newMailbox(t testing.TB) *Mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	received := make(chan Mail, 1000)
	box := &Mailbox{C: received, t: t, url: "smtp://" + listener.Addr().String(), received: received}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &smtpSession{box: box}, nil }))
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return box
}

// Next waits for the next mail.
func (b *Mailbox) Next() Mail {
	b.t.Helper()
	select {
	case m := <-b.C:
		return m
	case <-time.After(20 * time.Second):
		b.t.Fatal("no mail arrived")
		return Mail{}
	}
}

// Code waits for the next mail, which must contain a login code, and returns the code.
func (b *Mailbox) Code() string {
	b.t.Helper()
	m := b.Next()
	code := m.Code()
	if code == "" {
		b.t.Fatalf("no code in the mail: %s", m.Text)
	}
	return code
}

// Empty reports whether no unread mail has arrived. It does not wait.
func (b *Mailbox) Empty() bool { return len(b.C) == 0 }

// smtpSession receives the mails of one SMTP connection.
type smtpSession struct {
	box  *Mailbox
	mail Mail
}

func (d *smtpSession) Mail(from string, _ *smtp.MailOptions) error { d.mail.From = from; return nil }
func (d *smtpSession) Reset()                                      {}
func (d *smtpSession) Logout() error                               { return nil }

func (d *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "refused") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	d.mail.To = to
	return nil
}

func (d *smtpSession) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	if d.mail.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return err
	}
	d.mail.Language = m.Header.Get("Content-Language")
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			d.box.received <- d.mail
			return nil
		}
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if _, err := io.Copy(&text, quotedprintable.NewReader(part)); err != nil {
			return err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			d.mail.HTML = text.String()
		} else {
			d.mail.Text = text.String()
		}
	}
}

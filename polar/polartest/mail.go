package polartest

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/mail"
)

// Mail is a mail that the server has sent.
type Mail struct {
	// From is the sender of the mail: the name of the organization and an email address.
	From string
	// To is the recipient's email address, without a name.
	To            string
	Subject, Text string
	// Code is the login code. It is "" in other mails.
	Code string
	// Token is the token that confirms a new email address. It is "" in other mails.
	Token string
	// Link is the URL in the mail.
	Link string
}

func newMail(m mail.Mail) Mail {
	return Mail{
		From: harness.Sender(m), To: m.To.Email, Subject: m.Subject, Text: m.Text, Code: m.Code, Token: harness.Token(m), Link: m.Link,
	}
}

// mailTimeout bounds how long a test waits for a mail.
const mailTimeout = 5 * time.Second

// Mail returns the newest mail. It waits until all queued mails are sent. If there is no mail, it waits for the first one. The
// test fails if there is no mail after five seconds. To check whether a mail was sent at all, use [Server.Mails].
func (s *Server) Mail() Mail {
	s.t.Helper()
	return s.newest(harness.Filter{}, "")
}

// MailTo is like [Server.Mail], for mails to one address.
func (s *Server) MailTo(address string) Mail {
	s.t.Helper()
	return s.newest(harness.Filter{To: address}, " to "+address)
}

func (s *Server) newest(f harness.Filter, to string) Mail {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), mailTimeout)
	defer cancel()
	m, found := s.harness.NewestMail(ctx, s.server, f)
	if !found {
		s.t.Fatalf("polartest: no mail%s was sent: the server sends mails for logins and email changes of existing customers", to)
	}
	return newMail(m)
}

// Mails returns all mails, the oldest first, or an empty list. It waits until all queued mails are sent. The test fails if that takes
// more than five seconds.
func (s *Server) Mails() []Mail {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), mailTimeout)
	defer cancel()
	messages, err := s.harness.Mails(ctx, s.server, harness.Filter{})
	if err != nil {
		s.t.Fatalf("polartest: wait for queued mails: %v", err)
	}
	mails := []Mail{}
	for _, m := range messages {
		mails = append(mails, newMail(m))
	}
	return mails
}

package polartest

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/mail"
)

// Mail is a mail that the server has sent.
type Mail struct {
	// From has the organization's name and an address, and To an address alone.
	From, To      string
	Subject, Text string
	// Code is what logs a customer in; "" in any other mail.
	Code string
	// Token is what confirms a new email address; "" in any other mail.
	Token string
	// Link is where the mail leads.
	Link string
}

func newMail(m mail.Mail) Mail {
	return Mail{
		From: harness.Sender(m), To: m.To.Email, Subject: m.Subject, Text: m.Text, Code: m.Code, Token: harness.Token(m), Link: m.Link,
	}
}

// mailTimeout bounds the wait for a mail that does not come.
const mailTimeout = 5 * time.Second

// Mail returns the newest mail. It waits for those that were asked for and are not written yet, and when there is none, for the
// first; when none has come after five seconds, the test ends. Whether one has come at all, [Server.Mails] tells.
func (s *Server) Mail() Mail {
	s.t.Helper()
	return s.newest(harness.Filter{}, "")
}

// MailTo is [Server.Mail] of the mails to one address.
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
		s.t.Fatalf("polartest: no mail%s has come: the server sends one when a customer's login or change of email address is asked for, to an address that it knows", to)
	}
	return newMail(m)
}

// Mails returns all mails, the oldest first; none when none was sent. It waits for those that were asked for and are not written
// yet; when they do not come within five seconds, the test ends.
func (s *Server) Mails() []Mail {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), mailTimeout)
	defer cancel()
	messages, err := s.harness.Mails(ctx, s.server, harness.Filter{})
	if err != nil {
		s.t.Fatalf("polartest: the mails are not written: %v", err)
	}
	mails := []Mail{}
	for _, m := range messages {
		mails = append(mails, newMail(m))
	}
	return mails
}

package main

import (
	"time"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/server"
)

// mailing holds the flags of mails and of logins by email.
type mailing struct {
	SMTPURL         string        `name:"smtp-url" placeholder:"URL" help:"Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS)."`
	MailFrom        string        `placeholder:"ADDRESS" help:"Sender of mails, such as \"Example <login@example.com>\". Default: no-reply at the host of the public URL."`
	LoginDisclosure string        `default:"" placeholder:"WHEN" enum:"after-proof,before-proof," help:"When the login shows which customers have an email address: after-proof shows them after the code from the mail was entered; before-proof shows them when the code is requested, as Polar does. Default: after-proof, or before-proof with --strict-polar."`
	LoginCodeTTL    time.Duration `name:"login-code-ttl" placeholder:"DURATION" help:"Lifetime of login codes, from 1m to 24h. Default: ${code_ttl}, or 30m with --strict-polar."`
	LoginCodeLength int           `placeholder:"N" help:"Length of login codes, from ${code_min} to ${code_max} characters. Default: ${code_length}, or ${code_min} with --strict-polar."`
}

func (m mailing) apply(c *server.Config) {
	c.SMTPURL, c.MailFrom = m.SMTPURL, m.MailFrom
	c.Login = login.Options{Lifetime: m.LoginCodeTTL, Length: m.LoginCodeLength, Disclosure: login.Disclosure(m.LoginDisclosure)}
}

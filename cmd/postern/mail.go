package main

import (
	"time"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/server"
)

// mailing are the flags that say how mails are sent, and login those of the login by email.
type mailing struct {
	SMTPURL         string        `name:"smtp-url" placeholder:"URL" help:"Mail server for login codes: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS)."`
	MailFrom        string        `placeholder:"ADDRESS" help:"Sender of mails, such as \"Example <login@example.com>\" (no-reply at the host of the public URL)."`
	LoginDisclosure string        `default:"after-proof" placeholder:"WHEN" enum:"after-proof,before-proof" help:"When somebody hears which customers have an email address: after-proof, with the code that was sent there, or before-proof, as on Polar (${default})."`
	LoginCodeTTL    time.Duration `name:"login-code-ttl" default:"30m" placeholder:"DURATION" help:"How long a login code is good for (${default})."`
	LoginCodeLength int           `default:"6" placeholder:"N" help:"How many characters a login code has, 6 to 32 (${default})."`
}

func (m mailing) apply(c *server.Config) {
	c.SMTPURL, c.MailFrom = m.SMTPURL, m.MailFrom
	c.Login = login.Options{Lifetime: m.LoginCodeTTL, Length: m.LoginCodeLength, BeforeProof: m.LoginDisclosure == "before-proof"}
}

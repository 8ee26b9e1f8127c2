package mail

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Check connects to the mail server as [SMTP.Send] does, encrypts the connection, and logs in. It sends no mail. from is the sender of
// mails, whose domain the server greets. The error says which step failed, and contains no secret. encrypted reports whether mails
// would be sent over TLS.
func (s *SMTP) Check(ctx context.Context, from Address) (encrypted bool, err error) {
	at := net.JoinHostPort(s.host, strconv.Itoa(s.port))
	conn, err := s.dial(ctx)
	if err != nil {
		return false, fmt.Errorf("connect to %s: %w", at, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client, err := gomail.NewClient(s.host, s.options(from, conn, true)...)
	if err != nil {
		return false, err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		reply := newReply(err)
		reply.text = Mail{}.mask(reply.text, s.secrets()...)
		return false, fmt.Errorf("start a session with %s: %w", at, reply)
	}
	_, plain := session.GetTLSConnectionState()
	if session.UpdateDeadline(5*time.Second) == nil {
		_ = session.Quit() // the server has accepted everything that a mail needs
	}
	return s.implicit || plain == nil, nil
}

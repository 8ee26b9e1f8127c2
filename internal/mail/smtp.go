package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/postern-go/postern/internal/fault"
)

// SMTP sends mails to one mail server, each over a new connection. Create one with [ParseSMTP].
type SMTP struct {
	// Roots are the trusted certificate authorities for the server's certificate. Nil means the authorities of the system.
	Roots *x509.CertPool

	host           string
	port           int
	user, password string
	implicit       bool // use TLS from the first byte (RFC 8314)
	starttls       gomail.TLSPolicy
	connect        func(ctx context.Context, network, address string) (net.Conn, error)
}

// Send implements [Sender]. Once the server has accepted the mail, it returns nil even if the connection then fails, so that the
// mail is not sent twice. The error for an invalid mail is fault.InvalidRequest. Any other error is fault.Unavailable, and its
// cause is the server's reply with all secrets masked.
func (s *SMTP) Send(ctx context.Context, m Mail) error {
	m, err := m.ready(time.Now())
	if err != nil {
		return err
	}
	err = s.deliver(ctx, m)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	reply := newReply(err)
	reply.text = m.mask(reply.text, s.secrets()...)
	return fault.New(fault.Unavailable, "The mail server did not accept the mail. Repeat the request later.").Because(reply)
}

// secrets returns the password in all forms that a reply of the server can repeat.
func (s *SMTP) secrets() []string {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + s.user + "\x00" + s.password))
	return []string{s.password, base64.StdEncoding.EncodeToString([]byte(s.password)), plain}
}

// deliver sends the mail over a new connection. It closes the connection when ctx ends, because go-mail uses ctx only for
// dialing.
func (s *SMTP) deliver(ctx context.Context, m Mail) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	inASCII := m.From.inASCII() && m.To.inASCII()
	client, err := gomail.NewClient(s.host, s.options(m.From, conn, inASCII)...)
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	if supported, _ := session.Extension("SMTPUTF8"); !supported && !inASCII {
		return errNoUTF8
	}
	if err := client.SendWithSMTPClient(session, m.message()); err != nil {
		return err
	}
	// The server has accepted the mail. QUIT is only a courtesy, so its error does not matter.
	if session.UpdateDeadline(5*time.Second) == nil {
		_ = session.Quit()
	}
	return nil
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	conn, err := s.connect(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil || !s.implicit {
		return conn, err
	}
	encrypted := tls.Client(conn, s.tls())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return encrypted, nil
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

// maxSession is the timeout of an SMTP session whose ctx has no deadline.
const maxSession = 5 * time.Minute

func (s *SMTP) options(from Address, conn net.Conn, inASCII bool) []gomail.Option {
	options := []gomail.Option{
		gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
		gomail.WithTimeout(maxSession),
		// The EHLO command sends the sender's domain. The name of this machine is private, and in a container it is not a
		// domain.
		gomail.WithHELO(from.Domain()),
		gomail.WithTLSConfig(s.tls()),
		gomail.WithTLSPolicy(s.starttls),
		gomail.WithoutNoop(),
		gomail.WithoutRset(), // go-mail would report a failed RSET as a failure to send the mail
	}
	if s.implicit {
		options = append(options, gomail.WithSSL())
	}
	if inASCII {
		options = append(options, gomail.WithoutSMTPUTF8()) // relays without SMTPUTF8 reject a mail that requests it
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password), s.auth())
	}
	return options
}

// auth prefers authentication methods that do not send the password. Over an unencrypted connection, the password is only sent
// to a server on this machine.
func (s *SMTP) auth() gomail.Option {
	if loopback(s.host) {
		return gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthCramMD5,
			gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)
	}
	return gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin,
		gomail.SMTPAuthCramMD5)
}

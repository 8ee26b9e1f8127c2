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

// SMTP hands mails to one mail server, over a connection of its own for each. Make one with [ParseSMTP].
type SMTP struct {
	// Roots are the certificate authorities that may vouch for the server; nil stands for the system's.
	Roots *x509.CertPool

	host           string
	port           int
	user, password string
	implicit       bool // TLS from the first byte (RFC 8314)
	starttls       gomail.TLSPolicy
	connect        func(ctx context.Context, network, address string) (net.Conn, error)
}

// Send implements [Sender]. It returns nil as soon as the server has answered for the mail, whatever happens to the
// connection afterwards, so that nothing is sent twice. A mail that is not fit to be sent is fault.InvalidRequest; everything
// else is fault.Unavailable, with the server's reply as the cause, in which what the mail must not tell is masked.
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
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + s.user + "\x00" + s.password))
	reply := newReply(err)
	reply.text = m.mask(reply.text, s.password, base64.StdEncoding.EncodeToString([]byte(s.password)), plain)
	return fault.New(fault.Unavailable, "The mail server did not take the mail.").Because(reply)
}

// deliver closes the connection when ctx ends: the library heeds ctx only while it dials.
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
	if takes, _ := session.Extension("SMTPUTF8"); !takes && !inASCII {
		return errNoUTF8
	}
	if err := client.SendWithSMTPClient(session, m.message()); err != nil {
		return err
	}
	// The mail is the server's now. A goodbye is good manners, and no more than that.
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

// longest bounds a conversation whose ctx has no end.
const longest = 5 * time.Minute

func (s *SMTP) options(from Address, conn net.Conn, inASCII bool) []gomail.Option {
	options := []gomail.Option{
		gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
		gomail.WithTimeout(longest),
		// Not this machine's name, which is nobody's business and, in a container, no domain.
		gomail.WithHELO(from.Domain()),
		gomail.WithTLSConfig(s.tls()),
		gomail.WithTLSPolicy(s.starttls),
		gomail.WithoutNoop(),
		gomail.WithoutRset(), // its failure would look like the mail's
	}
	if s.implicit {
		options = append(options, gomail.WithSSL())
	}
	if inASCII {
		options = append(options, gomail.WithoutSMTPUTF8()) // asked for needlessly, it makes later servers refuse the mail
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password), s.auth())
	}
	return options
}

// auth prefers what does not show the password. In the clear it is shown to this machine alone.
func (s *SMTP) auth() gomail.Option {
	if loopback(s.host) {
		return gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthCramMD5,
			gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)
	}
	return gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin,
		gomail.SMTPAuthCramMD5)
}

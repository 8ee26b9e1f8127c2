package mail_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// rules configures which extensions a test mail server offers and which commands it refuses.
type rules struct {
	starttls, implicit, utf8 bool
	password                 string                 // of the user "postern"; if empty, the server does not offer AUTH
	rcpt, data               func(number int) error // called with the number of the connection, from 1
}

// server is an SMTP server on a loopback port.
type server struct {
	rules
	addr  string
	roots *x509.CertPool
	stop  func()

	mu    sync.Mutex
	conns int
	auths int
	seen  []string // all messages, also the refused ones
	got   []received
}

type received struct {
	hello, user, from, to, data string
	encrypted, utf8             bool
}

// serve starts a server on addr. If addr is empty, it uses any free port.
func serve(t *testing.T, addr string, r rules) *server {
	t.Helper()
	https := httptest.NewTLSServer(nil) // its certificate is for 127.0.0.1 and example.com
	certificate, roots := https.TLS.Certificates[0], x509.NewCertPool()
	roots.AddCert(https.Certificate())
	https.Close()

	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{rules: r, addr: l.Addr().String(), roots: roots}
	backend := smtp.NewServer(smtp.BackendFunc(s.session))
	backend.Domain = "example.com"
	backend.AllowInsecureAuth = true
	backend.EnableSMTPUTF8 = r.utf8
	backend.ErrorLog = log.New(io.Discard, "", 0)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch {
	case r.implicit:
		l = tls.NewListener(l, config)
	case r.starttls:
		backend.TLSConfig = config
	}
	go backend.Serve(l)
	s.stop = func() { backend.Close(); l.Close() } // backend.Close does not close a listener that Serve has not yet received
	t.Cleanup(s.stop)
	return s
}

// mails returns the messages that the server has accepted.
func (s *server) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

// counts returns the number of connections and of login attempts.
func (s *server) counts() (conns, auths int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns, s.auths
}

func (s *server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, encrypted := c.TLSConnectionState(); !encrypted || s.implicit {
		s.conns++ // do not count the second session that STARTTLS creates on the same connection
	}
	return &session{server: s, conn: c, number: s.conns}, nil
}

type session struct {
	server *server
	conn   *smtp.Conn
	number int
	received
}

func (s *session) AuthMechanisms() []string {
	if s.server.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	s.server.mu.Lock()
	s.server.auths++
	s.server.mu.Unlock()
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "postern" || password != s.server.password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "not with " + password}
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if s.server.password != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.from, s.utf8 = from, o.UTF8
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.server.rcpt != nil {
		return s.server.rcpt(s.number)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.seen = append(s.server.seen, string(data))
	s.server.mu.Unlock()
	if s.server.data != nil {
		if err := s.server.data(s.number); err != nil {
			return err
		}
	}
	s.data, s.hello = string(data), s.conn.Hostname()
	_, s.encrypted = s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.got = append(s.server.got, s.received)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// scripted starts a server that answers each line with answer(line); an empty answer closes the connection. The lines of a
// mail's content get no answer, except the final ".".
func scripted(t *testing.T, answer func(line string) string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			all.Go(func() { defer c.Close(); converse(c, answer) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}

func converse(c net.Conn, answer func(line string) string) {
	content := false
	lines := bufio.NewScanner(c)
	for line := "CONNECT"; ; line = lines.Text() {
		if content && line != "." {
			if !lines.Scan() {
				return
			}
			continue
		}
		content = strings.HasPrefix(line, "DATA")
		reply := answer(line)
		if reply == "" {
			return
		}
		if _, err := io.WriteString(c, reply+"\r\n"); err != nil || !lines.Scan() {
			return
		}
	}
}

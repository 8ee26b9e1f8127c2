package mail

import (
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strconv"

	gomail "github.com/wneessen/go-mail"
)

// The errors of ParseSMTP quote nothing: a password with a / or a # in it can end up in any part of a URL.
var (
	errURL = errors.New("the mail server must be a URL such as smtp://user:password@mail.example.com:587 or " +
		"smtps://user:password@mail.example.com:465; write special characters of the password percent-encoded, / as %2F and # as %23")
	errUser = errors.New("the URL of the mail server needs both a user and a password, or neither: " +
		"smtp://user:password@mail.example.com:587")
	errParameter = errors.New("the URL of the mail server takes one parameter alone: starttls=never, starttls=optional or " +
		"starttls=required; write a ? in the password as %3F")
	errImplicit = errors.New("the URL of the mail server begins with smtps://, which is encrypted from the first byte: " +
		"leave starttls away, or begin it with smtp://")
	errInClear = errors.New("the URL of the mail server would let its password be sent unencrypted: " +
		"leave starttls away, or write starttls=required, or begin the URL with smtps://")
)

// ParseSMTP reads the URL of a mail server:
//
//	smtp://user:password@mail.example.com:587    STARTTLS is required, because there is a password
//	smtp://relay.internal:25                     STARTTLS is used where the server offers it
//	smtp://127.0.0.1:1025?starttls=never         in the clear
//	smtps://user:password@mail.example.com:465   TLS from the first byte
//
// Without a port it is 587 for smtp (RFC 6409) and 465 for smtps (RFC 8314). Whenever TLS is used, the server's certificate
// must be good; a relay on the same machine that has none of its own needs starttls=never. A password never goes unencrypted to
// another machine. The errors say what to do and hold no part of the URL.
func ParseSMTP(text string) (*SMTP, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.Fragment != "" || u.Opaque != "" {
		return nil, errURL
	}
	s := &SMTP{host: u.Hostname(), connect: (&net.Dialer{}).DialContext}
	switch u.Scheme {
	case "smtp":
		s.port = 587
	case "smtps":
		s.port, s.implicit = 465, true
	default:
		return nil, errURL
	}
	if port := u.Port(); port != "" {
		if s.port, err = strconv.Atoi(port); err != nil || s.port < 1 || s.port > 65535 {
			return nil, errURL
		}
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
		if s.user == "" || s.password == "" {
			return nil, errUser
		}
	}
	if err := s.parseStartTLS(u.RawQuery); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *SMTP) parseStartTLS(query string) error {
	secret := s.user != "" && !loopback(s.host)
	s.starttls = gomail.TLSOpportunistic
	if secret {
		s.starttls = gomail.TLSMandatory
	}
	switch query {
	case "":
		return nil
	case "starttls=never":
		s.starttls = gomail.NoTLS
	case "starttls=optional":
		s.starttls = gomail.TLSOpportunistic
	case "starttls=required":
		s.starttls = gomail.TLSMandatory
	default:
		return errParameter
	}
	switch {
	case s.implicit:
		return errImplicit
	case secret && s.starttls != gomail.TLSMandatory:
		return errInClear
	}
	return nil
}

// loopback is true for names and addresses that do not leave the machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// String is the server's URL without user and password.
func (s SMTP) String() string {
	scheme := "smtp://"
	if s.implicit {
		scheme = "smtps://"
	}
	if s.user != "" {
		scheme += "…@"
	}
	return scheme + net.JoinHostPort(s.host, strconv.Itoa(s.port))
}

// GoString is [SMTP.String], for %#v.
func (s SMTP) GoString() string { return s.String() }

// LogValue is [SMTP.String], for slog.
func (s SMTP) LogValue() slog.Value { return slog.StringValue(s.String()) }

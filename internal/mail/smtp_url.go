package mail

import (
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strconv"

	gomail "github.com/wneessen/go-mail"
)

// The errors of ParseSMTP do not quote the URL: if the password contains a / or a #, parts of it can appear anywhere in the
// parsed URL.
var (
	errURL = errors.New("parse mail server URL: want a URL such as smtp://user:password@mail.example.com:587 or smtps://user:password@mail.example.com:465; " +
		"percent-encode special characters in the password (/ as %2F, # as %23)")
	errUser = errors.New("parse mail server URL: user and password must be given together, or not at all; " +
		"an example is smtp://user:password@mail.example.com:587")
	errParameter = errors.New("parse mail server URL: the only parameters are starttls=never, starttls=optional and starttls=required; " +
		"write a ? in the password as %3F")
	errImplicit = errors.New("parse mail server URL: smtps:// always uses TLS; remove the starttls parameter, or use smtp://")
	errInClear  = errors.New("parse mail server URL: with this starttls value the password could be sent unencrypted; " +
		"remove the parameter, use starttls=required, or use smtps://")
)

// ParseSMTP parses the URL of a mail server:
//
//	smtp://user:password@mail.example.com:587    requires STARTTLS, because there is a password
//	smtp://relay.internal:25                     uses STARTTLS if the server offers it
//	smtp://127.0.0.1:1025?starttls=never         unencrypted
//	smtps://user:password@mail.example.com:465   uses TLS from the first byte
//
// The default port is 587 for smtp (RFC 6409) and 465 for smtps (RFC 8314). With TLS, the server needs a valid certificate; a
// local relay with a self-signed certificate needs starttls=never. A password is never sent unencrypted to another machine. The
// errors tell the operator what to change, and contain no part of the URL.
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

// loopback reports whether host is "localhost" or a loopback IP address.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// String returns the server's URL without user and password.
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

// GoString hides the password from %#v.
func (s SMTP) GoString() string { return s.String() }

// LogValue hides the password from slog.
func (s SMTP) LogValue() slog.Value { return slog.StringValue(s.String()) }

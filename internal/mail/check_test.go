package mail_test

import (
	"net"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/mail"
)

func TestCheckUsesTheMailServerAsAMailDoesAndSendsNone(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		rules     rules
		encrypted bool
		err       string
	}{
		{"STARTTLS and a password", "smtp://postern:PASSWORD@example.com:587", rules{starttls: true, password: password}, true, ""},
		{"TLS and a password", "smtps://postern:PASSWORD@example.com", rules{implicit: true, password: password}, true, ""},
		{"neither", "smtp://HOST", rules{}, false, ""},
		{"STARTTLS is offered", "smtp://example.com", rules{starttls: true}, true, ""},
		{"no STARTTLS for a password", "smtp://postern:PASSWORD@example.com:587", rules{password: password}, false, "STARTTLS"},
		{"a wrong password", "smtp://postern:PASSWORD@example.com:587", rules{starttls: true, password: "another"}, false, "535"},
		{"no AUTH", "smtp://postern:PASSWORD@example.com:587", rules{starttls: true}, false, "AUTH"},
		{"a certificate for another host", "smtps://other.test", rules{implicit: true}, false, "connect to other.test:465"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, "", tt.rules)
			encrypted, err := sender(t, s, tt.url).Check(t.Context(), mail.Address{Email: "login@example.com"})
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) || encrypted != tt.encrypted {
				t.Errorf("encrypted %t, error %v; want %t, %q", encrypted, err, tt.encrypted, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the error shows the password: %v", err)
			}
			if len(s.mails()) > 0 {
				t.Error("a mail was sent")
			}
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	smtp, err := mail.ParseSMTP("smtp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := smtp.Check(t.Context(), mail.Address{Email: "login@example.com"}); err == nil || !strings.Contains(err.Error(), "connect to "+l.Addr().String()) {
		t.Errorf("without a server: %v", err)
	}
}

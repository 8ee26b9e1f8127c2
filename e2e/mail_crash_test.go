package e2e

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// The mail server refuses mails for a while, and the server is killed with the codes in its memory. The address must not have to wait
// until these codes have expired.
func TestKillLosesCodesAndLocksNoAddress(t *testing.T) { onBothEngines(t, killLosesCodes) }

func killLosesCodes(t *testing.T, c config) {
	org := initialize(t, c)
	busy := busyMailServer(t)
	s := serve(t, c, "--smtp-url", "smtp://"+busy, "--mail-from", "login@example.com")
	s.createCustomer(org, "ada")
	const maximum = 3
	for range maximum {
		s.requestCode(org, "ada@example.com")
	}
	refused := func() int { return strings.Count(s.log.String(), "sending a mail failed; retrying later") }
	for end := time.Now().Add(patience); refused() < maximum; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the mail server refused %d mails, want %d", refused(), maximum)
		}
	}
	s.kill()

	box := newMailbox(t)
	s = serve(t, c, box.flags()...)
	for range maximum {
		s.requestCode(org, "ada@example.com")
		select {
		case <-box.to("ada@example.com"):
		case <-time.After(patience):
			t.Fatal("after the restart, no code was sent")
		}
	}
	s.stop()
}

func (s *server) requestCode(org organization, email string) {
	s.t.Helper()
	status, body, err := s.call("POST", "/v1/customer-portal/customer-session/request", org.AccessToken, map[string]string{
		"email": email, "organization_id": org.ID,
	})
	if err != nil || status != http.StatusAccepted {
		s.t.Fatalf("request a code: %d %s %v", status, body, err)
	}
}

// busyMailServer starts a mail server that asks every client to come back later, and returns its address.
func busyMailServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mails := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &refusal{}, nil }))
	go mails.Serve(listener)
	t.Cleanup(func() { mails.Close() })
	return listener.Addr().String()
}

// refusal is an SMTP session with a busy server.
type refusal struct{ delivery }

func (*refusal) Mail(string, *smtp.MailOptions) error {
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
}

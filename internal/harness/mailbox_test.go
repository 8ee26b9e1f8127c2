package harness_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/server"
)

func TestMailboxDropsTheOldestMails(t *testing.T) {
	s := newTestServer(t)
	var h harness.Harness
	var config server.Config
	h.Configure(&config)
	for i := range 1001 {
		if err := config.Sender.Send(t.Context(), mail.Mail{ID: fmt.Sprint(i), To: mail.Address{Email: "ada@example.com"}}); err != nil {
			t.Fatal(err)
		}
	}
	mails, err := h.Mails(t.Context(), s.server, harness.Filter{To: "ADA@EXAMPLE.COM"})
	if err != nil || len(mails) != 1000 || mails[0].ID != "1" || mails[999].ID != "1000" {
		t.Errorf("there are %d: %v", len(mails), err)
	}
	if mails, err := h.Mails(t.Context(), s.server, harness.Filter{To: "bob@example.com"}); err != nil || len(mails) != 0 {
		t.Errorf("there are %v for Bob: %v", mails, err)
	}
}

func TestNewestMailStopsWithItsContext(t *testing.T) {
	s := newTestServer(t)
	var h harness.Harness
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, found := h.NewestMail(ctx, s.server, harness.Filter{}); found {
		t.Errorf("there is %v", m)
	}
}

func TestTokenOfLink(t *testing.T) {
	for link, want := range map[string]string{
		"https://portal.example.com/acme/portal/verify-email?token=polar_cev_" + strings.Repeat("a", 43): "polar_cev_" + strings.Repeat("a", 43),
		"https://portal.example.com/acme/portal/authenticate":                                            "",
		"https://portal.example.com/?token=" + url.QueryEscape("a&b"):                                    "a&b",
		"": "", "://": "",
	} {
		if got := harness.Token(mail.Mail{Link: link}); got != want {
			t.Errorf("%q has the token %q", link, got)
		}
	}
}

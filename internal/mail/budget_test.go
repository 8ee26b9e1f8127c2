package mail_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/rate"
)

// Mails of every kind count for the recipient, the organization and the server. The log names the spent budget once.
func TestMailsHaveBudgets(t *testing.T) {
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	sent := map[string]int{}
	sender := senderFunc(func(_ context.Context, m mail.Mail) error {
		mu.Lock()
		defer mu.Unlock()
		sent[m.To.Email+" "+m.Organization]++
		return nil
	})
	o, log := open(sender, mail.Options{
		Counts: rate.NewMemory(rate.Limits{rate.MailRecipient: {Hour: 3}, rate.MailOrganization: {Hour: 5}, rate.MailServer: {Hour: 9}}), Now: func() time.Time { return now },
	})
	post := func(n int, kind, to, organization string) {
		t.Helper()
		for range n {
			if err := o.Enqueue(kind, composed(mail.Mail{From: from, To: mail.Address{Email: to}, Subject: "s", Text: "t", Organization: organization})); err != nil {
				t.Fatal(err)
			}
			if err := o.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	allows := func(want bool, to, organization string) {
		t.Helper()
		err := o.Allows(t.Context(), to, organization)
		if (err == nil) != want || err != nil && !fault.Is(err, fault.TooMany) {
			t.Errorf("%s %s: %v", to, organization, err)
		}
	}
	for range 10 {
		allows(true, "ada@example.com", "acme")
	}
	post(2, "login code", "ada@example.com", "acme")
	post(3, "email change", "ADA+news@example.com", "beta") // the same mailbox
	allows(false, "ada@example.com", "gamma")
	post(9, "login code", "bob@example.com", "acme")
	post(9, "login code", "eve@example.com", "acme") // the organization has two mails left, and Bob got none of them
	allows(false, "new@example.com", "acme")
	allows(true, "new@example.com", "gamma")
	post(9, "notice", "dan@example.com", "gamma")
	post(9, "notice", "new@example.com", "delta")
	want := map[string]int{
		"ada@example.com acme": 2, "ADA+news@example.com beta": 1, "bob@example.com acme": 3, "dan@example.com gamma": 3,
	}
	for key, n := range want {
		if sent[key] != n {
			t.Errorf("%s: %d mails, want %d", key, sent[key], n)
		}
	}
	if total := sum(sent); total != 9 {
		t.Errorf("%d mails were sent: %v", total, sent)
	}
	drain(t, o)
	text := log.String()
	if strings.Count(text, "budget=mail-server") != 1 || !strings.Contains(text, "budget=mail-recipient") || !strings.Contains(text, "domain=example.com") || strings.Contains(text, "ada@") {
		t.Errorf("the log: %s", text)
	}
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

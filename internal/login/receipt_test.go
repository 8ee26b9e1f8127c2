package login

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/token"
)

func TestReceipts(t *testing.T) {
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	d := New(Deps{Secrets: secrets, Now: func() time.Time { return now }}, Options{})
	org, other := token.NewID(now), token.NewID(now)
	text := ""
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com", "B@Example.com", "d@example.com"} {
		text = d.Receipt(org, email, text)
	}
	tags := d.askedFor(text)
	if len(tags) != 3 || tags[0] != d.tag(org, "D@example.com") || tags[1] != d.tag(org, "b@example.com") || tags[2] != d.tag(org, "c@example.com") {
		t.Errorf("%d tags: %v", len(tags), tags)
	}
	if d.tag(org, "b@example.com") == d.tag(other, "b@example.com") || strings.Contains(text, "example") {
		t.Error("a receipt does not depend on the organization, or shows the address")
	}
	first, _, _ := strings.Cut(text, ".")
	changed := []byte(first)
	changed[3] ^= 1
	for _, bad := range []string{"", ".", "x", string(changed), first[1:], first + "A", strings.Repeat(".", 10000), strings.Repeat("A", 54)} {
		if tags := d.askedFor(bad); tags != nil {
			t.Errorf("%.60q shows %v", bad, tags)
		}
	}
	if tags := d.askedFor(strings.Repeat(first+".", 1000)); len(tags) != 1 {
		t.Errorf("a repeated receipt shows %d addresses", len(tags))
	}
	now = now.Add(d.Lifetime)
	if tags := d.askedFor(text); tags != nil {
		t.Errorf("expired receipts show %v", tags)
	}
}

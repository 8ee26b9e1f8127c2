package mail_test

import (
	"mime"
	"strings"
	"testing"
)

func TestSubjectsAreEncoded(t *testing.T) {
	for _, subject := range []string{
		"Your sign-in code for Acme",
		"Your sign-in code for Blåbær & Søn",
		"ご注文の確認のためのサインインコードをお送りします。有効期限は10分です。",
		strings.Repeat("a", 40) + " and é",
		strings.Repeat("🫐", 60),
	} {
		m := letter(t, "ada@example.org")
		m.Subject = subject
		raw, msg := sendAndRead(t, m)
		decoded, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
		if err != nil || decoded != subject {
			t.Errorf("%q became %q (%v)", subject, decoded, err)
		}
		if strings.Contains(strings.ReplaceAll(raw, "\r", ""), "\nSubject:\n") {
			t.Errorf("%q begins in the second line of the header", subject)
		}
	}
}

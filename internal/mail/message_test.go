package mail_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/mail"
)

// sendAndRead sends the mail to a test server and returns what the server received.
func sendAndRead(t *testing.T, m mail.Mail) (raw string, msg *netmail.Message) {
	t.Helper()
	s := serve(t, "", rules{utf8: true})
	if err := sender(t, s, "smtp://HOST").Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	raw = s.mails()[0].data
	msg, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return raw, msg
}

func TestMessage(t *testing.T) {
	sent := letter(t, "ada@example.org")
	raw, msg := sendAndRead(t, sent)
	for name, want := range map[string]string{
		"From": `"Acme (via Postern)" <login@example.com>`, "To": "<ada@example.org>", "Subject": "Your sign-in code for Acme",
		"Mime-Version": "1.0", "Auto-Submitted": "auto-generated", "Content-Language": "en",
	} {
		if got := msg.Header[name]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := msg.Header.Date(); err != nil || !strings.HasSuffix(msg.Header.Get("Date"), "+0000") {
		t.Errorf("Date is %q: %v", msg.Header.Get("Date"), err)
	}
	if id := msg.Header.Get("Message-Id"); !strings.HasSuffix(id, "@example.com>") || len(id) < 30 {
		t.Errorf("Message-Id is %q", id)
	}
	if len(msg.Header) != 10 { // these, Date, Message-Id, X-Entity-Ref-Id and Content-Type
		t.Errorf("unexpected headers: %v", msg.Header)
	}
	host, err := os.Hostname()
	if err == nil && len(host) > 3 && strings.Contains(raw, host) {
		t.Errorf("the mail contains this machine's name")
	}
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 78 || strings.Contains(line, "\n") {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
	}
	if got, want := parts(t, msg), []string{sent.Text, sent.HTML}; !slices.Equal(got, want) {
		t.Errorf("the parts are %q, want %q", got, want)
	}
}

// parts returns the decoded plain text and HTML of a mail.
func parts(t *testing.T, msg *netmail.Message) (bodies []string) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %q: %v", kind, err)
	}
	r := multipart.NewReader(msg.Body, parameters["boundary"])
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		kind, parameters, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want || !strings.EqualFold(parameters["charset"], "utf-8") ||
			part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("part %s: %v, %v", want, part.Header, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		contains(t, want, text, []string{code}, []string{"\r"})
		bodies = append(bodies, text)
	}
	if _, err := r.NextRawPart(); err != io.EOF {
		t.Errorf("want two parts, got a third: %v", err)
	}
	return bodies
}

func TestOrganizationNamesCannotInjectHeaders(t *testing.T) {
	for _, name := range []string{
		"Acme", `Acme "The" \ Best, Inc. <eve@example.net>`, "Blåbær & Søn 🫐", "日本語の会社名はとても長いことがありますから折り返しが必要です、きっと", strings.Repeat("long", 40), "a:b;c",
		"Acme\r\nBcc: eve@example.net", "Acme\nX: y\n\nbody", "=?utf-8?q?a=0D=0ABcc:_eve=40example.net?=", "Acme\u2028Bcc: eve@example.net", "A\x00\x1b[31mB",
	} {
		l := login("ada@example.org")
		l.Organization.Name, l.From.Name = name, ""
		m, err := l.Mail()
		if err != nil {
			t.Fatal(err)
		}
		_, msg := sendAndRead(t, m)
		if len(msg.Header) != 10 || msg.Header.Get("Bcc") != "" {
			t.Errorf("%q: %v", name, msg.Header)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
		if err != nil || subject != m.Subject || strings.ContainsAny(subject, "\r\n\x00\x1b") {
			t.Errorf("%q: subject %q, want %q, %v", name, subject, m.Subject, err)
		}
		from, err := msg.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Address != "login@example.com" || from[0].Name != m.From.Name {
			t.Errorf("%q: from %v, want %q, %v", name, from, m.From.Name, err)
		}
		parts(t, msg)
	}
}

func TestHandwrittenMailCannotInjectHeaders(t *testing.T) {
	_, msg := sendAndRead(t, mail.Mail{
		From:    mail.Address{Name: "Acme\r\nBcc: eve@example.net", Email: "login@bücher.example"},
		To:      mail.Address{Name: "Ada\nX: y", Email: "ada@example.org"},
		Subject: "Hello\r\nBcc: eve@example.net\r\n\r\nbody", Text: ".\r\nQUIT\r\n",
	})
	body, err := io.ReadAll(msg.Body)
	if err != nil || !bytes.HasPrefix(body, []byte(".\r\nQUIT\r\n")) {
		t.Errorf("%q, %v", body, err)
	}
	if got := msg.Header.Get("Subject"); got != "Hello Bcc: eve@example.net body" {
		t.Errorf("subject %q", got)
	}
	if msg.Header.Get("Bcc")+msg.Header.Get("X")+msg.Header.Get("Content-Language") != "" || !strings.HasPrefix(msg.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%v", msg.Header)
	}
	if got := msg.Header.Get("Message-Id"); !strings.HasSuffix(got, "@xn--bcher-kva.example>") {
		t.Errorf("Message-Id %q", got)
	}
}

func TestTerminal(t *testing.T) {
	var out strings.Builder
	terminal := mail.NewTerminal(&out)
	m := letter(t, "ada@example.org")
	m.Text += "\x1b[2J\a"
	if err := terminal.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	contains(t, "terminal", out.String(), []string{
		"From:    Acme (via Postern) <login@example.com>\n", "To:      ada@example.org\n", "Subject: Your sign-in code for Acme\n",
		"    " + code + "\n", "https://example.com/acme/portal/authenticate?a=1&b=2\n",
	}, []string{"<td", "\x1b", "\a"})
	if err := terminal.Send(t.Context(), mail.Mail{}); !mail.Permanent(err) {
		t.Errorf("sending an empty mail: %v", err)
	}
}

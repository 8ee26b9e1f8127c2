package mail_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/mail"
)

const (
	code  = "K7Q2ZX"
	token = "polar_cev_0123456789abcdefghijABCDEFGHIJ"
)

var (
	from = mail.Address{Name: "Postern", Email: "login@example.com"}
	acme = mail.Organization{Name: "Acme", Slug: "acme"}
)

func login(to string) mail.LoginCode {
	return mail.LoginCode{From: from, To: to, Organization: acme, Code: code,
		Link: "https://example.com/acme/portal/authenticate?a=1&b=2", ExpiresIn: 30 * time.Minute}
}

func change(to string) mail.EmailChange {
	return mail.EmailChange{From: from, Organization: acme, NewEmail: to,
		Link: "https://example.com/acme/portal/verify?token=" + token, ExpiresIn: time.Hour}
}

// contains checks that text has every wanted substring and no forbidden one.
func contains(t *testing.T, what, text string, wanted, forbidden []string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("the %s lacks %q:\n%s", what, w, text)
		}
	}
	for _, f := range forbidden {
		if strings.Contains(text, f) {
			t.Errorf("the %s contains %q:\n%s", what, f, text)
		}
	}
}

func TestOrganizationNameBecomesOneLineOfText(t *testing.T) {
	for name, c := range map[string]struct{ name, subject, html string }{
		"line ends":      {"Acme\r\nBcc: eve@example.net\u2028X", "Your sign-in code for Acme Bcc: eve@example.net X", ">Acme Bcc: eve@example.net X</td>"},
		"markup":         {`<b>"A" & 'B'</b>`, `Your sign-in code for <b>"A" & 'B'</b>`, ">&lt;b&gt;&#34;A&#34; &amp; &#39;B&#39;&lt;/b&gt;</td>"},
		"encoded word":   {"=?utf-8?q?=0D=0ABcc:_e?=", "Your sign-in code for = ?utf-8?q?=0D=0ABcc:_e?=", ""},
		"text direction": {"Acme\u202emca", "Your sign-in code for Acmemca", ""},
		"unicode":        {"Blåbær 🫐", "Your sign-in code for Blåbær 🫐", ">Blåbær 🫐</td>"},
		"invalid UTF-8":  {"A\xffcme", "Your sign-in code for Acme", ""},
		"invisible":      {" \t\x00", "Your sign-in code for acme", ">acme</td>"},
		"too long":       {strings.Repeat("é", 5000), "Your sign-in code for " + strings.Repeat("é", 199) + "…", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := login("ada@example.com")
			l.Organization.Name = c.name
			m, err := l.Mail()
			if err != nil {
				t.Fatal(err)
			}
			if m.Subject != c.subject {
				t.Errorf("subject %q, want %q", m.Subject, c.subject)
			}
			contains(t, "page", m.HTML, []string{c.html}, []string{"\u202e", "\r", "\x00", "<b>"})
			contains(t, "text", m.Text, []string{code}, []string{"\u202e", "\r", "\x00", "\nBcc"})
		})
	}
}

func TestInvalidMailsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*mail.LoginCode){
		"no recipient":   func(l *mail.LoginCode) { l.To = "" },
		"two recipients": func(l *mail.LoginCode) { l.To = "ada@example.com, eve@example.com" },
		"header":         func(l *mail.LoginCode) { l.To = "ada@example.com\r\nBcc: eve@example.com" },
		"name":           func(l *mail.LoginCode) { l.To = "Ada <ada@example.com>" },
		"no code":        func(l *mail.LoginCode) { l.Code = "" },
		"no time":        func(l *mail.LoginCode) { l.ExpiresIn = 0 },
		"no link":        func(l *mail.LoginCode) { l.Link = "" },
		"relative link":  func(l *mail.LoginCode) { l.Link = "/acme/portal" },
		"script":         func(l *mail.LoginCode) { l.Link = "javascript:alert(1)" },
		"broken link":    func(l *mail.LoginCode) { l.Link = "https://example.com/\r\n" },
	} {
		t.Run(name, func(t *testing.T) {
			l := login("ada@example.com")
			change(&l)
			_, err := l.Mail()
			if !fault.Is(err, fault.InvalidRequest) || !mail.Permanent(err) {
				t.Fatalf("%v", err)
			}
			contains(t, "error", err.Error(), nil, []string{"ada", "eve", code, "alert"})
		})
	}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]mail.Address{
		"login@example.com":                  {Email: "login@example.com"},
		"Example Login <login@example.com>":  {Name: "Example Login", Email: "login@example.com"},
		`"Login, Example" <l+1@example.com>`: {Name: "Login, Example", Email: "l+1@example.com"},
		"o'neil@BÜCHER.example":              {Email: "o'neil@xn--bcher-kva.example"},
		"jürgen@example.com":                 {Email: "jürgen@example.com"},
		"postern@localhost":                  {Email: "postern@localhost"},
	} {
		if got, err := mail.ParseAddress(text); err != nil || got != want {
			t.Errorf("ParseAddress(%q) = %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "@", "a@", "@example.com", "example.com", "a b@example.com", "a@b@example.com", "a@example.com>", "<a@example.com",
		"a@example.com, b@example.com", "a@exa mple.com", "a\r\n@example.com", "a@example.com\r\nRCPT TO:<b@example.com>", "a..b@example.com",
		".a@example.com", "a.@example.com", "a@[127.0.0.1]", "a@example..com", "a@example.com.", "a\x00@example.com", "a\u200b@example.com",
		`"a b"@example.com`, "a\xff@example.com", strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("a.", 126) + "com",
	} {
		if got, err := mail.ParseAddress(text); !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("ParseAddress(%q) = %+v, %v", text, got, err)
		}
	}
}

func TestMailShowsTheLifetime(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "for 1 second and", 59 * time.Second: "for 59 seconds and", time.Minute: "for 1 minute and", 119 * time.Second: "for 1 minute and",
		30 * time.Minute: "for 30 minutes and", time.Hour: "for 60 minutes and", 90 * time.Minute: "for 90 minutes and", 47 * time.Hour: "for 47 hours and", 48 * time.Hour: "for 2 days and",
	} {
		l := login("ada@example.com")
		l.ExpiresIn = d
		m, err := l.Mail()
		if err != nil || !strings.Contains(m.Text, want) {
			t.Errorf("%v: %v, want %q in %q", d, err, want, m.Text)
		}
	}
}

func TestMailsAreRedactedInLogs(t *testing.T) {
	m, err := login("ada@example.com").Mail()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	for _, v := range []any{m, &m, login("ada@example.com"), change("ada@example.com"), []mail.Mail{m}} {
		slog.New(slog.NewTextHandler(&log, nil)).Info("test", "mail", v)
		fmt.Fprintf(&log, "%v %+v %#v %s", v, v, v, v)
	}
	contains(t, "log", log.String(), []string{"(mail)"}, slices.Concat([]string{code, token, "ada", "authenticate"}))
}

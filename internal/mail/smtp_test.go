package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/mail"
)

const password = "correct horse/battery#staple"

// sender returns an SMTP sender for url that connects to s. HOST in the URL is the address of s; for example.com, which is not a
// loopback name, the sender requires TLS before it sends a password.
func sender(t *testing.T, s *server, url string) *mail.SMTP {
	t.Helper()
	smtp, err := mail.ParseSMTP(strings.NewReplacer("HOST", s.addr, "PASSWORD", "correct%20horse%2Fbattery%23staple").Replace(url))
	if err != nil {
		t.Fatal(err)
	}
	smtp.Roots = s.roots
	smtp.ConnectTo(s.addr)
	return smtp
}

func letter(t *testing.T, to string) mail.Mail {
	t.Helper()
	m, err := login(to).Mail()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSMTPSends(t *testing.T) {
	for name, c := range map[string]struct {
		url       string
		rules     rules
		user      string
		encrypted bool
	}{
		"unencrypted":                    {url: "smtp://HOST"},
		"unencrypted, STARTTLS not used": {url: "smtp://HOST?starttls=never", rules: rules{starttls: true}},
		"password over loopback":         {url: "smtp://postern:PASSWORD@HOST", rules: rules{password: password}, user: "postern"},
		"STARTTLS where offered":         {url: "smtp://HOST", rules: rules{starttls: true}, encrypted: true},
		"STARTTLS required":              {url: "smtp://HOST?starttls=required", rules: rules{starttls: true}, encrypted: true},
		"STARTTLS for a password":        {url: "smtp://postern:PASSWORD@example.com", rules: rules{starttls: true, password: password}, user: "postern", encrypted: true},
		"implicit TLS":                   {url: "smtps://HOST", rules: rules{implicit: true}, encrypted: true},
		"implicit TLS with a password":   {url: "smtps://postern:PASSWORD@example.com", rules: rules{implicit: true, password: password}, user: "postern", encrypted: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "", c.rules)
			if err := sender(t, s, c.url).Send(t.Context(), letter(t, "ada@example.org")); err != nil {
				t.Fatal(err)
			}
			got := s.mails()
			if len(got) != 1 || got[0].user != c.user || got[0].encrypted != c.encrypted || got[0].from != "login@example.com" ||
				got[0].to != "ada@example.org" || got[0].hello != "example.com" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestSMTPRefused(t *testing.T) {
	no := func(code int, text string) func(int) error {
		return func(int) error { return &smtp.SMTPError{Code: code, Message: text} }
	}
	for name, c := range map[string]struct {
		url       string
		rules     rules
		permanent bool
		wanted    string
	}{
		"wrong password":                    {"smtps://postern:wr0ng@example.com", rules{implicit: true, password: password}, true, "535"},
		"password but STARTTLS not offered": {"smtp://postern:PASSWORD@example.com", rules{password: password}, false, "STARTTLS"},
		"STARTTLS required but not offered": {"smtp://HOST?starttls=required", rules{}, false, "STARTTLS"},
		"no AUTH":                           {"smtps://postern:PASSWORD@example.com", rules{implicit: true}, false, "AUTH"},
		"busy":                              {"smtp://HOST", rules{rcpt: no(451, "Try ada@example.org, I mean ADA, later")}, false, "451"},
		"no such user":                      {"smtp://HOST", rules{rcpt: no(550, "<Ada@Example.ORG>: ada is unknown")}, true, "550"},
		"content busy":                      {"smtp://HOST", rules{data: no(452, "not "+code+" now")}, false, "452"},
		"content refused": {"smtp://HOST", rules{data: no(554, "Spam: "+code+" "+strings.ToLower(code)+
			" https://example.com/acme/portal/authenticate?a=1&b=2 Your sign-in code for Acme")}, true, "554"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "", c.rules)
			err := sender(t, s, c.url).Send(t.Context(), letter(t, "ada@example.org"))
			if !fault.Is(err, fault.Unavailable) || mail.Permanent(err) != c.permanent {
				t.Fatalf("permanent is %v: %v", mail.Permanent(err), err)
			}
			contains(t, "error", err.Error(), []string{c.wanted}, []string{"ada", "ADA", "Ada", code, strings.ToLower(code),
				"authenticate", "sign-in code", "wr0ng", "correct horse", base64.StdEncoding.EncodeToString([]byte("wr0ng"))})
			if got := s.mails(); len(got) != 0 {
				t.Errorf("the mail was accepted: %+v", got)
			}
		})
	}
}

// A man in the middle that hides STARTTLS or has another certificate never receives the password.
func TestSMTPDoesNotSendThePasswordInsecurely(t *testing.T) {
	for name, r := range map[string]rules{"STARTTLS hidden": {}, "implicit": {implicit: true}, "untrusted certificate": {starttls: true}} {
		t.Run(name, func(t *testing.T) {
			r.password = password
			s := serve(t, "", r)
			url := "smtp://postern:PASSWORD@example.com"
			if r.implicit {
				url = "smtps://postern:PASSWORD@example.com"
			}
			client := sender(t, s, url)
			client.Roots = nil
			if err := client.Send(t.Context(), letter(t, "ada@example.org")); !fault.Is(err, fault.Unavailable) || mail.Permanent(err) {
				t.Errorf("%v", err)
			}
			if _, auths := s.counts(); auths != 0 {
				t.Errorf("the password was sent")
			}
		})
	}
}

func TestSMTPRefusesInvalidMails(t *testing.T) {
	s := serve(t, "", rules{utf8: true})
	for name, m := range map[string]mail.Mail{
		"empty":        {From: from, To: mail.Address{Email: "ada@example.org"}, Subject: "s"},
		"no recipient": {From: from, Subject: "s", Text: "t"},
		"no sender":    {To: mail.Address{Email: "ada@example.org"}, Text: "t"},
		"recipient":    {From: from, To: mail.Address{Email: "ada@example.org>\r\nRCPT TO:<eve@example.net"}, Text: "t"},
		"sender":       {From: mail.Address{Email: "a@example.org\r\nBcc: eve@example.net"}, To: mail.Address{Email: "ada@example.org"}, Text: "t"},
	} {
		if err := sender(t, s, "smtp://HOST").Send(t.Context(), m); !fault.Is(err, fault.InvalidRequest) || !mail.Permanent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if conns, _ := s.counts(); conns != 0 {
		t.Errorf("%d connections, want none", conns)
	}
}

// Only an address with a local part outside ASCII needs SMTPUTF8; other mails are sent without it.
func TestSMTPUTF8(t *testing.T) {
	utf8Server, asciiServer := serve(t, "", rules{utf8: true}), serve(t, "", rules{})
	for to, want := range map[string]received{
		"jürgen@bücher.example": {to: "jürgen@xn--bcher-kva.example", utf8: true},
		"ada@bücher.example":    {to: "ada@xn--bcher-kva.example"},
	} {
		if err := sender(t, utf8Server, "smtp://HOST").Send(t.Context(), letter(t, to)); err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		got := utf8Server.mails()
		if last := got[len(got)-1]; last.to != want.to || last.utf8 != want.utf8 {
			t.Errorf("%s: %+v", to, last)
		}
	}
	err := sender(t, asciiServer, "smtp://HOST").Send(t.Context(), letter(t, "jürgen@example.com"))
	if !fault.Is(err, fault.Unavailable) || !mail.Permanent(err) || !strings.Contains(err.Error(), "SMTPUTF8") || strings.Contains(err.Error(), "jürgen") {
		t.Errorf("server without SMTPUTF8: %v", err)
	}
}

// hang returns a sender for a server that stops answering at the first line with that prefix. It closes silent at that moment.
func hang(t *testing.T, prefix string) (client *mail.SMTP, silent chan struct{}) {
	silent = make(chan struct{})
	over := make(chan struct{})
	var once sync.Once
	addr := scripted(t, func(line string) string {
		if strings.HasPrefix(line, prefix) {
			once.Do(func() { close(silent) })
			<-over
			return ""
		}
		return accept(line)
	})
	t.Cleanup(func() { close(over) })
	client, err := mail.ParseSMTP("smtp://" + addr)
	if err != nil {
		t.Fatal(err)
	}
	return client, silent
}

// accept is the answer of a server that accepts everything.
func accept(line string) string {
	switch {
	case line == "CONNECT":
		return "220 example.com"
	case line == "DATA":
		return "354 go on"
	case line == "QUIT":
		return "221 bye"
	}
	return "250 yes"
}

func TestSMTPStopsWhenContextEnds(t *testing.T) {
	for _, at := range []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."} {
		t.Run(at, func(t *testing.T) {
			client, silent := hang(t, at)
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() { <-silent; cancel(errors.New("test ended the attempt")) }()
			err := client.Send(ctx, letter(t, "ada@example.org"))
			if !fault.Is(err, fault.Unavailable) || mail.Permanent(err) || !strings.Contains(err.Error(), "test ended the attempt") {
				t.Errorf("%v", err)
			}
		})
	}
}

// Once the server has accepted the mail, an error at QUIT is ignored: a retry would send the mail twice.
func TestSMTPIgnoresErrorsAfterAcceptance(t *testing.T) {
	for name, answer := range map[string]string{"refuses QUIT": "500 no", "hangs up": ""} {
		t.Run(name, func(t *testing.T) {
			addr := scripted(t, func(line string) string {
				if line == "QUIT" || line == "RSET" {
					return answer
				}
				return accept(line)
			})
			client, err := mail.ParseSMTP("smtp://" + addr)
			if err != nil {
				t.Fatal(err)
			}
			if err := client.Send(t.Context(), letter(t, "ada@example.org")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSMTPUnreachableServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	client, err := mail.ParseSMTP("smtp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := client.Send(ctx, letter(t, "ada@example.org")); !fault.Is(err, fault.Unavailable) || mail.Permanent(err) || ctx.Err() != nil {
		t.Errorf("%v", err)
	}
}

// Spam filters quote links in their replies; errors must mask the link and its token.
func TestSMTPMasksTokens(t *testing.T) {
	m, err := change("ada@example.org").Mail()
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, "", rules{data: func(int) error {
		return &smtp.SMTPError{Code: 554, Message: "bad link https://example.com/acme/portal/verify?token=" + token + " or http://example.com/?t=" + token}
	}})
	err = sender(t, s, "smtp://HOST").Send(t.Context(), m)
	if !mail.Permanent(err) {
		t.Fatal(err)
	}
	contains(t, "error", err.Error(), []string{"554", "bad link"}, []string{token, token[11:], "verify?"})
}

package e2e

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// mailbox is a mail server that accepts mail for all addresses. The scenarios, which are not written in Go, read mails over HTTP:
// GET url?to=ADDRESS waits for the next mail to the address and answers with its plain text.
type mailbox struct {
	smtpURL, url string

	mu    sync.Mutex
	mails map[string]chan string
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{smtpURL: "smtp://" + listener.Addr().String(), mails: map[string]chan string{}}
	mails := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{box: box}, nil }))
	go mails.Serve(listener)
	t.Cleanup(func() { mails.Close() })

	reader := httptest.NewServer(box)
	t.Cleanup(reader.Close)
	box.url = reader.URL + "/"
	return box
}

// flags returns the flags of a server that sends its mails to b.
func (b *mailbox) flags() []string {
	return []string{"--smtp-url", b.smtpURL, "--mail-from", "Postern <login@example.com>"}
}

// to returns the channel with the mails to an address.
func (b *mailbox) to(address string) chan string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mails[address] == nil {
		b.mails[address] = make(chan string, 100)
	}
	return b.mails[address]
}

func (b *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case text := <-b.to(r.URL.Query().Get("to")):
		io.WriteString(w, text)
	case <-r.Context().Done():
	case <-time.After(patience):
		http.Error(w, "no mail was received", http.StatusNotFound)
	}
}

// delivery is an SMTP session.
type delivery struct {
	box *mailbox
	to  string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }
func (d *delivery) Reset()                                    {}
func (d *delivery) Logout() error                             { return nil }

func (d *delivery) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextPart() // decodes quoted-printable
		if err != nil {
			return fmt.Errorf("mail has no plain text: %w", err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			text, err := io.ReadAll(part)
			if err == nil {
				d.box.to(d.to) <- string(text)
			}
			return err
		}
	}
}

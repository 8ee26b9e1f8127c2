package api_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// postbox is a mail server that keeps what it is sent.
type postbox struct {
	t    *testing.T
	url  string
	come chan letter
}

// letter is a mail as it arrived.
type letter struct {
	from, to, subject, language, text, html string
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &postbox{t: t, url: "smtp://" + listener.Addr().String(), come: make(chan letter, 1000)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{box: box}, nil }))
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return box
}

// next waits for a letter.
func (b *postbox) next() letter {
	b.t.Helper()
	select {
	case l := <-b.come:
		return l
	case <-time.After(20 * time.Second):
		b.t.Fatal("no mail has come")
		return letter{}
	}
}

var codes = regexp.MustCompile(`(?m)^\s*([A-Z0-9]{6})\s*$`)

// code waits for a letter with a login code.
func (b *postbox) code() string {
	b.t.Helper()
	l := b.next()
	found := codes.FindStringSubmatch(l.text)
	if found == nil {
		b.t.Fatalf("no code in %s", l.text)
	}
	return found[1]
}

// empty waits for nothing: what was asked for has been answered, and the letter that a test sends last has come.
func (b *postbox) empty() bool { return len(b.come) == 0 }

type delivery struct {
	box *postbox
	letter
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error { d.from = from; return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error   { d.to = to; return nil }
func (d *delivery) Reset()                                      {}
func (d *delivery) Logout() error                               { return nil }

func (d *delivery) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	if d.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return err
	}
	d.language = m.Header.Get("Content-Language")
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			d.box.come <- d.letter
			return nil
		}
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if _, err := io.Copy(&text, quotedprintable.NewReader(part)); err != nil {
			return err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			d.html = text.String()
		} else {
			d.text = text.String()
		}
	}
}

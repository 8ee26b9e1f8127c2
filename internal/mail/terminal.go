package mail

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Terminal prints mails, including their codes, instead of sending them. It is for servers on a developer's machine. Create a
// Terminal with [NewTerminal].
type Terminal struct {
	mu  sync.Mutex
	out io.Writer
}

// NewTerminal returns a Terminal that prints to out.
func NewTerminal(out io.Writer) *Terminal { return &Terminal{out: out} }

// Send implements [Sender]. It returns the writer's error, or fault.InvalidRequest for an invalid mail.
func (t *Terminal) Send(_ context.Context, m Mail) error {
	m, err := m.ready(time.Now())
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err = fmt.Fprintf(t.out, "\n--- mail ---\nFrom:    %s\nTo:      %s\nSubject: %s\n\n%s\n------------\n",
		m.From.display(), m.To.display(), m.Subject, visible(strings.TrimSpace(m.Text)))
	return err
}

func (a Address) display() string {
	if a.Name != "" {
		return a.Name + " <" + a.Email + ">"
	}
	return a.Email
}

// visible removes control characters, which could change the state of the terminal.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

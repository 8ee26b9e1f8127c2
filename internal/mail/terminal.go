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

// Terminal shows mails instead of sending them, codes and all: for a server on a developer's machine. Make one with [NewTerminal].
type Terminal struct {
	mu  sync.Mutex
	out io.Writer
}

// NewTerminal shows every mail on out, one at a time.
func NewTerminal(out io.Writer) *Terminal { return &Terminal{out: out} }

// Send implements [Sender]. Its errors are those of the writer, and fault.InvalidRequest for a mail that no server would take.
func (t *Terminal) Send(_ context.Context, m Mail) error {
	m, err := m.ready(time.Now())
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err = fmt.Fprintf(t.out, "\n--- mail ---\nFrom:    %s\nTo:      %s\nSubject: %s\n\n%s\n------------\n",
		m.From.shown(), m.To.shown(), m.Subject, visible(strings.TrimSpace(m.Text)))
	return err
}

func (a Address) shown() string {
	if a.Name != "" {
		return a.Name + " <" + a.Email + ">"
	}
	return a.Email
}

// visible drops what would command the terminal instead of being shown by it.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

package harness

import (
	"context"
	netmail "net/mail"
	"net/url"
	"slices"
	"sync"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/mail"
)

// Mailbox stores the last 1,000 mails that a server sends. It is safe for concurrent use.
type Mailbox struct {
	// Terminal, unless it is nil, also prints each mail.
	Terminal *mail.Terminal

	mu    sync.Mutex
	mails []mail.Mail
	// more is closed when a mail arrives. It is nil if no caller waits for a mail.
	more chan struct{}
}

const mailboxSize = 1000

// Send implements [mail.Sender].
func (b *Mailbox) Send(ctx context.Context, m mail.Mail) error {
	if b.Terminal != nil {
		if err := b.Terminal.Send(ctx, m); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.mails) == mailboxSize {
		b.mails = slices.Delete(b.mails, 0, 1)
	}
	b.mails = append(b.mails, m)
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
	return nil
}

// Filter selects mails. The zero value selects all.
type Filter struct {
	// To is the address of the recipient, ignoring the case of letters of ASCII. "" selects all mails.
	To string
	// Organization is the slug of the organization in whose name the mail was sent. "" selects all mails.
	Organization string
}

func (f Filter) match(m mail.Mail) bool {
	return (f.To == "" || directory.FoldEmail(f.To) == directory.FoldEmail(m.To.Email)) && (f.Organization == "" || f.Organization == m.Organization)
}

// list returns the selected mails, the oldest first, and a channel that is closed when another mail arrives.
func (b *Mailbox) list(f Filter) (mails []mail.Mail, more <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.mails {
		if f.match(m) {
			mails = append(mails, m)
		}
	}
	if b.more == nil {
		b.more = make(chan struct{})
	}
	return mails, b.more
}

// Sender returns the sender of a mail in the format of the From header (RFC 5322).
func Sender(m mail.Mail) string {
	return (&netmail.Address{Name: m.From.Name, Address: m.From.Email}).String()
}

// Token returns the token in the link of a mail that confirms a new email address. It returns "" for other mails.
func Token(m mail.Mail) string {
	link, err := url.Parse(m.Link)
	if err != nil {
		return ""
	}
	return link.Query().Get("token")
}

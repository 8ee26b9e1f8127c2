package harness

import (
	"context"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/postern-go/postern/internal/mail"
)

// Mailbox keeps the mails that a server sends, the last thousand of them. The zero Mailbox is empty. Safe for concurrent use.
type Mailbox struct {
	// Terminal also prints each mail, unless it is nil.
	Terminal *mail.Terminal

	mu    sync.Mutex
	mails []mail.Mail
	// more is closed when a mail comes; nil while nobody waits for one.
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

// Filter says which mails are meant. The zero Filter lets every mail through.
type Filter struct {
	// To is the address of the recipient, in any case of its letters; "" is any.
	To string
	// Organization is the slug of the one on whose behalf the mail was sent; "" is any.
	Organization string
}

func (f Filter) match(m mail.Mail) bool {
	return (f.To == "" || strings.EqualFold(f.To, m.To.Email)) && (f.Organization == "" || f.Organization == m.Organization)
}

// look returns what is there, the oldest first, and a channel that is closed when there is more.
func (b *Mailbox) look(f Filter) (mails []mail.Mail, more <-chan struct{}) {
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

// Sender returns the sender of a mail as in its From header (RFC 5322).
func Sender(m mail.Mail) string {
	return (&netmail.Address{Name: m.From.Name, Address: m.From.Email}).String()
}

// Token returns the token in the link of a mail that confirms a new email address; "" for any other mail.
func Token(m mail.Mail) string {
	link, err := url.Parse(m.Link)
	if err != nil {
		return ""
	}
	return link.Query().Get("token")
}

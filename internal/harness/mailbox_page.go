package harness

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/mail"
)

// MailboxPath is the path at which the pages of a mailbox must be served.
const MailboxPath = "/dev/mailbox"

var (
	//go:embed mailbox.html
	mailboxText string
	//go:embed mailbox.css
	mailboxStyle string

	mailboxPage = template.Must(template.New("mailbox").Parse(mailboxText))
)

// Pages returns the handler of pages that show the mails, the newest first, as text and as HTML. The codes and links in mails give
// access to sessions, so the handler refuses requests from other machines.
func (b *Mailbox) Pages() http.Handler {
	return local(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		id := r.URL.Query().Get("id")
		switch strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, MailboxPath), "/") {
		case "":
			b.showList(w)
		case "/style.css":
			show(w, "default-src 'none'", "text/css; charset=utf-8", mailboxStyle)
		case "/mail":
			b.showMail(w, r, id)
		case "/html":
			b.showHTML(w, r, id)
		default:
			http.NotFound(w, r)
		}
	}))
}

// pagePolicy allows a page to load its style sheet and to show a mail in a frame.
const pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mailPolicy allows the inline styles and the logo of a mail. It forbids scripts and forms.
const mailPolicy = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src https:; frame-ancestors 'self'"

func show(w http.ResponseWriter, policy, contentType, text string) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", contentType)
	w.Write([]byte(text)) // an error means that the client has disconnected
}

func (b *Mailbox) showList(w http.ResponseWriter) {
	mails, _ := b.list(Filter{})
	slices.Reverse(mails)
	fill(w, "list", mails)
}

func (b *Mailbox) showMail(w http.ResponseWriter, r *http.Request, id string) {
	if m, found := b.find(id); found {
		fill(w, "mail", m)
		return
	}
	http.NotFound(w, r)
}

func (b *Mailbox) showHTML(w http.ResponseWriter, r *http.Request, id string) {
	if m, found := b.find(id); found {
		show(w, mailPolicy, "text/html; charset=utf-8", m.HTML)
		return
	}
	http.NotFound(w, r)
}

func (b *Mailbox) find(id string) (mail.Mail, bool) {
	mails, _ := b.list(Filter{})
	if i := slices.IndexFunc(mails, func(m mail.Mail) bool { return m.ID == id }); i >= 0 {
		return mails[i], true
	}
	return mail.Mail{}, false
}

func fill(w http.ResponseWriter, name string, data any) {
	var text strings.Builder
	if err := mailboxPage.ExecuteTemplate(&text, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	show(w, pagePolicy, "text/html; charset=utf-8", text.String())
}

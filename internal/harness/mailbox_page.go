package harness

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/mail"
)

// MailboxPath is where the pages of a mailbox expect to be served.
const MailboxPath = "/dev/mailbox"

var (
	//go:embed mailbox.html
	mailboxText string
	//go:embed mailbox.css
	mailboxStyle string

	mailboxPage = template.Must(template.New("mailbox").Parse(mailboxText))
)

// Pages shows the mails to whoever develops, the newest first, each as text and as the page that it is. They open sessions: the
// pages are for this machine alone.
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

// ownPolicy lets a page have its sheet, and the mail within it.
const ownPolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mailPolicy lets a mail be seen, with the styles that mails carry in themselves and the logo, and lets it do nothing.
const mailPolicy = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src https:; frame-ancestors 'self'"

func show(w http.ResponseWriter, policy, contentType, text string) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", contentType)
	w.Write([]byte(text)) // who goes away does not read it
}

func (b *Mailbox) showList(w http.ResponseWriter) {
	mails, _ := b.look(Filter{})
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
	mails, _ := b.look(Filter{})
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
	show(w, ownPolicy, "text/html; charset=utf-8", text.String())
}

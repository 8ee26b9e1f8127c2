package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// The cookies of a portal beside the session's. All have the path of one organization's portal, and none is for scripts.
const (
	// memoryCookie holds what a browser should find again on the next page.
	memoryCookie = "postern_portal"
	localeCookie = "postern_locale"
	// emailCookie holds the token of a mail that confirms an email address, on its way from the link to the button.
	emailCookie = "postern_email"
)

func (r *request) cookies() page.Cookies { return r.PortalCookies(r.slug) }

func (r *request) setSession(t token.Token, s session.Session) {
	r.cookies().SetSession(r.Exchange, t, s.ExpiresAt)
}

func (r *request) deleteSession() { r.cookies().DeleteSession(r.Exchange) }

// setEmailToken stores the token of a mail in a cookie for the page that confirms the email address. A negative lifetime deletes it.
func (r *request) setEmailToken(text string, lifetime time.Duration) {
	c := r.cookies()
	c.Path += "/verify-email"
	c.Set(r.Exchange, emailCookie, text, lifetime)
}

// memory is what a browser remembers from one page to the next. It holds no secret and is believed in nothing: whoever forges
// it tells themselves a tale.
type memory struct {
	// Email is who is signing in, and SentAt when a code was asked for.
	Email  string
	SentAt time.Time
	// Next is the page to show after signing in.
	Next string
	// Return is where the visitor came from, if that is somewhere the organization lets people return to.
	Return string
	// Note is what the next page says first, and About whom it is about.
	Note  note
	About string
}

const maxRemembered = 2048

func readMemory(r *http.Request) memory {
	c, err := r.Cookie(memoryCookie)
	if err != nil || len(c.Value) > 2*maxRemembered {
		return memory{}
	}
	values, err := url.ParseQuery(c.Value)
	if err != nil {
		return memory{}
	}
	m := memory{
		Email: singleLine(values.Get("email"), directory.MaxEmail), Next: values.Get("next"), Return: singleLine(values.Get("return"), maxRemembered),
		Note: note(values.Get("note")), About: singleLine(values.Get("about"), directory.MaxEmail),
	}
	if sent, err := strconv.ParseInt(values.Get("sent"), 10, 64); err == nil {
		m.SentAt = time.Unix(sent, 0)
	}
	if !navigable(m.Next) {
		m.Next = ""
	}
	if _, known := notes[m.Note]; !known {
		m.Note = ""
	}
	return m
}

// saveMemory stores the memory in a cookie until the browser is closed.
func (r *request) saveMemory() {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	m := r.memory
	set("email", m.Email)
	set("next", m.Next)
	set("return", m.Return)
	set("note", string(m.Note))
	set("about", m.About)
	if !m.SentAt.IsZero() {
		set("sent", strconv.FormatInt(m.SentAt.Unix(), 10))
	}
	if len(values) == 0 {
		r.cookies().Set(r.Exchange, memoryCookie, "", -1)
		return
	}
	r.cookies().Set(r.Exchange, memoryCookie, values.Encode(), 0)
}

// singleLine is a text of strangers that can be shown in one line; "" for one that is too long, or cannot.
func singleLine(text string, most int) string {
	if len(text) > most || !utf8.ValidString(text) {
		return ""
	}
	for _, r := range text {
		if r < ' ' || r == 0x7f {
			return ""
		}
	}
	return text
}

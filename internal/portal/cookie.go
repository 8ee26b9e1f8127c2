package portal

import (
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// The portal's cookies, except for the session cookie. The browser sends them only to the portal of one organization.
const (
	// memoryCookie stores a [memory].
	memoryCookie = "postern_portal"
	localeCookie = "postern_locale"
	// askedCookie shows that this browser asked for a code; see [login.Service.Receipt].
	askedCookie = "postern_asked"
	// emailCookie stores the token of a confirmation mail between the mail's link and the button that confirms the address.
	emailCookie = "postern_email"
	// deviceCookie says with which accounts this browser has signed in. See [login.Service.SignedIn].
	deviceCookie = "postern_device"
	// linkCookie stores the token or the ticket of a link between the link and the button that signs in with it.
	linkCookie = "postern_link"
)

func (r *request) cookies() page.Cookies { return r.PortalCookies(r.slug) }

func (r *request) setSession(t token.Token, s session.Session) {
	r.cookies().SetSession(r.Exchange, t, s.ExpiresAt)
}

// rememberDevice stores in a cookie that this browser has signed in to the account, and mails a notice if the device
// is new for the account. If that fails, the sign-in still succeeds, and the browser stays unknown.
func (r *request) rememberDevice(s session.Session) {
	r.setDevice(r.Login.SignedIn(r.Context(), s, r.Client(), r.CookieValues(deviceCookie)))
}

func (r *request) setDevice(value string, err error) {
	if err != nil {
		r.Log.Error("remembering the device of a sign-in, or mailing the notice, failed", "organization", r.slug, "error", err, "request_id", r.RequestID())
	}
	if value != "" {
		r.cookies().Set(r.Exchange, deviceCookie, value, login.DeviceLifetime)
	}
}

func (r *request) deleteSession() { r.cookies().DeleteSession(r.Exchange) }

// setEmailToken stores the token of a mail in a cookie for the page that confirms the email address. A negative lifetime
// deletes the cookie.
func (r *request) setEmailToken(text string, lifetime time.Duration) {
	c := r.cookies()
	c.Path += "/verify-email"
	c.Set(r.Exchange, emailCookie, text, lifetime)
}

// memory is the state that a browser carries from one page to the next in a cookie. The cookie is not signed: a client that
// changes it affects only its own pages.
type memory struct {
	// Email is the address with which the customer signs in. SentAt is the time at which the last code for this address was
	// requested.
	Email  string
	SentAt time.Time
	// Customer is the ID of the customer for which that code was requested, or "".
	Customer string
	// Next is the page to open after the sign-in.
	Next string
	// Note is shown on the next page. About is the name or email address that the note contains.
	Note  note
	About string
}

const maxRemembered = 2048

// readMemory parses the value of the cookie.
func readMemory(text string) memory {
	if len(text) > 2*maxRemembered {
		return memory{}
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return memory{}
	}
	m := memory{
		Email: singleLine(values.Get("email"), directory.MaxEmail), Next: values.Get("next"),
		Customer: singleLine(values.Get("customer"), maxUUID), Note: note(values.Get("note")), About: singleLine(values.Get("about"), directory.MaxEmail),
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
	set("customer", m.Customer)
	set("next", m.Next)
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

// singleLine returns the text if it is valid UTF-8 without control characters and has at most most bytes, and "" otherwise.
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

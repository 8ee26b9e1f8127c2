package portal

import (
	"embed"
	"html/template"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/page"
)

// view is the data of a page.
type view struct {
	page.View
	// Path is the path of the page relative to Base. The links to other languages use this path.
	Path    string
	Back    *back
	Session *sessionView
	// Impersonated reports whether a team member of the merchant looks at the customer's account.
	Impersonated bool
	Languages    []*languageLink
	// Contact has the links to the organization's support and legal texts.
	Contact contact
	// Self is the path of the page for the links to other languages, if it is not Path.
	Self string
	// NoMail reports whether the sign-in pages say that the server sends no mail.
	NoMail bool
}

// back is a link to the application from which the customer came. Host is its host, or the scheme of an app. The templates trust the
// URL, which has been checked, because they allow no schemes of apps.
type back struct {
	URL  template.URL
	Host string
}

// contact has the links to the organization's support and legal texts. A link that the organization has not set is "".
type contact struct{ Email, Support, Terms, Privacy string }

// Help reports whether there is a way to reach the organization.
func (c contact) Help() bool { return c.Email+c.Support != "" }

type languageLink struct{ Code, Name string }

// sessionView is the session of the signed-in customer.
type sessionView struct {
	// Who is the holder's name, shortened.
	Who      string
	EndsAt   time.Time
	Left     time.Duration
	ReadOnly bool
	// Idle reports whether the session ends when it is not used.
	Idle bool
}

// warnBefore is the time before the end of a session at which pages show a warning.
const warnBefore = 5 * time.Minute

// Ending reports whether the session ends soon.
func (s sessionView) Ending() bool { return s.Left <= warnBefore }

// Seconds returns the number of seconds until the session ends.
func (s sessionView) Seconds() int { return int(s.Left / time.Second) }

// refresh returns the number of seconds after which a browser without scripts reloads the page: when the warning is due, and
// when the session has ended. If the session has an idle timeout, the page is not reloaded for the warning, because the request
// would count as a use of the session.
func (s sessionView) refresh() int {
	if s.Ending() || s.Idle {
		return s.Seconds() + 1
	}
	return int((s.Left-warnBefore)/time.Second) + 1
}

// shorten shortens a text for use within a sentence.
func shorten(text string) string {
	const most = 80
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

var (
	//go:embed static
	staticFiles embed.FS
	//go:embed template
	templateFiles embed.FS

	files = sync.OnceValue(func() *page.Files { return page.NewFiles(staticFiles) })
	// baseTemplates are the templates without a language. Each language uses a copy of them.
	baseTemplates = sync.OnceValue(func() *template.Template { return files().Templates(templateFiles, (&localizer{}).funcs()) })
)

func (l *localizer) parse() *template.Template {
	return template.Must(baseTemplates().Clone()).Funcs(l.funcs())
}

func (l *localizer) funcs() template.FuncMap {
	return template.FuncMap{
		"lang": func() string { return l.Code }, "rtl": func() bool { return l.RightToLeft }, "t": l.Text, "n": l.Count, "formatTime": l.FormatTime, "duration": l.FormatDuration,
	}
}

func (l *localizer) render(name string, v view) ([]byte, error) {
	if v.Self == "" {
		v.Self = v.Base + "/" + v.Path
	}
	if v.Test = name; name != "application" {
		v.Languages = languageLinks()
	}
	return page.Render(l.templates(), name, v)
}

func languageLinks() (all []*languageLink) {
	for _, l := range localizers() {
		all = append(all, &languageLink{l.Code, l.Name})
	}
	return all
}

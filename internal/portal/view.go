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
	// Path is the path of the page below Base. The links to other languages lead there.
	Path    string
	Back    *back
	Session *sessionView
	// Impersonated reports whether the merchant looks at the customer's account.
	Impersonated bool
	Languages    []*languageLink
}

// back leads to where the customer came from.
type back struct{ URL, Host string }

type languageLink struct{ Code, Name string }

// sessionView is the session of whoever looks.
type sessionView struct {
	// Who is the holder, in a few words.
	Who      string
	EndsAt   time.Time
	Left     time.Duration
	ReadOnly bool
	// Idle is whether it ends when it is not used.
	Idle bool
}

// warnBefore is how long before its end a session is said to end.
const warnBefore = 5 * time.Minute

// Ending reports whether the end is near.
func (s sessionView) Ending() bool { return s.Left <= warnBefore }

// Seconds is how many are left.
func (s sessionView) Seconds() int { return int(s.Left / time.Second) }

// refresh is in how many seconds a page without scripts should be looked at again: when the warning is due, and when the
// session has ended. To look is to use it, so one that ends when it is idle is left alone until it has ended.
func (s sessionView) refresh() int {
	if s.Ending() || s.Idle {
		return s.Seconds() + 1
	}
	return int((s.Left-warnBefore)/time.Second) + 1
}

// short is a text of strangers in a sentence of ours.
func short(text string) string {
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
		"lang": func() string { return l.Code }, "t": l.Text, "n": l.Count, "formatTime": l.FormatTime, "duration": l.FormatDuration,
	}
}

func (l *localizer) render(name string, v view) ([]byte, error) {
	v.Test, v.Languages = name, languageLinks()
	return page.Render(l.templates(), name, v)
}

func languageLinks() (all []*languageLink) {
	for _, l := range localizers() {
		all = append(all, &languageLink{l.Code, l.Name})
	}
	return all
}

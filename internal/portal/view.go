package portal

import (
	"bytes"
	"embed"
	"html/template"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/design"
)

// view is what a page shows. Page is the page's own part.
type view struct {
	// Base is the path of the organization's portal, and Path the page's own below it.
	Base, Path string
	// Test names the page for tests.
	Test, Title string
	Brand       brand
	Back        *back
	Session     *sessionView
	// Impersonated is whether the organization's own people look at the account.
	Impersonated bool
	Nav          []link
	Notice       *notice
	Errors       []flaw
	// Refresh is in how many seconds a browser without scripts asks again; 0 for never.
	Refresh   int
	Languages []*tongueLink
	Page      any
}

// brand is how an organization looks.
type brand struct {
	// Letter stands in for a logo.
	Name, Letter, Logo string
	// Accent is the name of its style sheet; "" for none.
	Accent string
}

// back leads to where the customer came from.
type back struct{ URL, Host string }

// link is a page of the portal. Text says more of it, and Current is whether it is the one that is shown.
type link struct {
	Path, Label, Text string
	Current           bool
}

type tongueLink struct{ Code, Name string }

// notice is told at the top of a page. Kind is "good" or "warn".
type notice struct{ Kind, Text string }

// flaw is something wrong in a form. Field is the id of the input, and Label its name; "" for the form as a whole.
type flaw struct{ Field, Label, Text string }

// field is an input, or with Options a select. One that is Alone on its page is where writing begins.
type field struct {
	ID, Name, Label, Type, Value, Hint, Error, Autocomplete string
	MaxLength                                               int
	Required, Optional, Alone                               bool
	Options                                                 []option
}

type option struct {
	Value, Text string
	Chosen      bool
}

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

// initial is the letter that stands in for a logo or a picture.
func initial(name string) string {
	for _, r := range name {
		if unicode.In(r, unicode.L, unicode.N) {
			return strings.ToUpper(string(r))
		}
	}
	return ""
}

// short is a text of strangers in a sentence of ours.
func short(text string) string {
	const most = 80
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

//go:embed template
var templateFiles embed.FS

// skeleton has the templates without a language.
var skeleton = sync.OnceValue(func() *template.Template {
	return design.WithIcons(template.Must(template.New("").Funcs((&tongue{}).funcs()).ParseFS(templateFiles, "template/*.html")))
})

func (l *tongue) parse() *template.Template {
	return template.Must(skeleton().Clone()).Funcs(l.funcs())
}

func (l *tongue) funcs() template.FuncMap {
	return template.FuncMap{
		"lang": func() string { return l.Code }, "t": l.Text, "n": l.Count, "moment": l.FormatTime, "lasting": l.FormatDuration,
		"stamp": stamp, "asset": assetAddress,
	}
}

// render writes a page. It is written whole or not at all.
func (l *tongue) render(page string, v view) ([]byte, error) {
	v.Test = page
	for _, other := range tongues() {
		v.Languages = append(v.Languages, &tongueLink{other.Code, other.Name})
	}
	var b bytes.Buffer
	err := l.templates().ExecuteTemplate(&b, page, v)
	return b.Bytes(), err
}

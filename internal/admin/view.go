package admin

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/postern-go/postern/internal/design"
	"github.com/postern-go/postern/internal/fault"
)

// view is what a page shows. Page is the page's own part.
type view struct {
	// Base is the path of these pages.
	Base string
	// Test names the page for tests.
	Test, Title string
	Brand       brand
	// Operator is who is signed in; nil for nobody.
	Operator *operator
	Nav      []link
	Notice   *notice
	Errors   []flaw
	// Refresh is in how many seconds a browser without scripts asks again; 0 for never.
	Refresh int
	Page    any
}

// brand is whose customers are operated on. Accent is the name of its style sheet.
type brand struct{ Name, Letter, Accent string }

// operator is who is signed in: an access token, by what people call it.
type operator struct{ Name string }

// link is a page; one that is not Allowed is named all the same.
type link struct {
	Path, Label      string
	Current, Allowed bool
}

// notice is told at the top of a page. Kind is "good" or "warn".
type notice struct{ Kind, Text string }

// flaw is something wrong in a form. Field is the id of the input, and Label its name; "" for the form as a whole.
type flaw struct{ Field, Label, Text string }

// field is an input, with Options a select, and of the Type "textarea" one with several lines.
type field struct {
	ID, Name, Label, Type, Value, Hint, Error, Autocomplete string
	Required, Autofocus                                     bool
	Options                                                 []option
}

// option is a choice of a select, a radio or a checkbox.
type option struct {
	Value, Text string
	Chosen      bool
}

// denied says which scopes would allow what is not allowed; nil where it is.
type denied struct{ What, Scopes string }

// unless is nil for what the operator may do.
func (v *visit) unless(needs scopes, what string) *denied {
	if v.may(needs) {
		return nil
	}
	texts := make([]string, len(needs))
	for i, scope := range needs {
		texts[i] = string(scope)
	}
	return &denied{what, strings.Join(texts, " or ")}
}

// frame is what all pages have around them. Of nobody who is signed in, it is the narrow one.
func (v *visit) frame(title string) view {
	shown := view{Base: v.base, Title: title}
	if n, known := notes[v.noted()]; known {
		shown.Notice = &n
	}
	if !v.signedIn {
		return shown
	}
	shown.Brand = brand{v.org.Name, initial(v.org.Name), design.AccentSheet(v.org.Portal.AccentColor)}
	shown.Operator = &operator{v.by.Comment}
	if v.by.Comment == "" {
		shown.Operator.Name = v.by.ID.String()
	}
	here, _, _ := strings.Cut(v.path, "/")
	for _, page := range []struct {
		path, label string
		needs       scopes
	}{
		{"", "Overview", nil}, {"customers", "Customers", customersRead}, {"sessions", "Sessions", sessionsRead},
		{"access-tokens", "Access tokens", accessTokensRead}, {"settings", "Settings", settingsRead},
	} {
		shown.Nav = append(shown.Nav, link{page.path, page.label, here == page.path, v.may(page.needs)})
	}
	return shown
}

// flawed adds what rooms below have refused, and reports whether err was about the form. Fields are known by what the API calls
// them.
func (shown *view) flawed(err error, fields ...*field) bool {
	if !fault.Is(err, fault.RuleViolated) && !fault.Is(err, fault.InvalidRequest) {
		return false
	}
	f := faultOf(err)
	if len(f.Fields) == 0 {
		shown.Errors = append(shown.Errors, flaw{Text: f.Message})
	}
	for _, wrong := range f.Fields {
		name := ""
		if len(wrong.Name) > 0 {
			name, _ = wrong.Name[0].(string)
		}
		found := flaw{Text: wrong.Msg}
		for _, in := range fields {
			if in.Name == name {
				in.Error = wrong.Msg
				found.Field, found.Label = in.ID, in.Label
			}
		}
		shown.Errors = append(shown.Errors, found)
	}
	return true
}

// initial is the letter that stands in for a logo.
func initial(name string) string {
	for _, r := range name {
		if unicode.In(r, unicode.L, unicode.N) {
			return strings.ToUpper(string(r))
		}
	}
	return ""
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// stamp is a time for programs, such as the script that shows it where the reader lives.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// moment is a time for people.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// lasting is a duration in its largest unit, never less than it is.
func lasting(d time.Duration) string {
	units := []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}}
	for _, u := range units {
		if d >= u.unit || u.unit == time.Second {
			return count(int((d+u.unit-1)/u.unit), u.name)
		}
	}
	return ""
}

// count is a number of things.
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + one + "s"
}

// grouped is a number with commas.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

//go:embed static
var staticFiles embed.FS

// files are what pages link to.
var files = sync.OnceValue(func() *design.Files { return design.New(staticFiles) })

// part is for a template within a page that needs the whole of it, and what it is about.
type part struct {
	Frame view
	Of    any
}

//go:embed template
var templateFiles embed.FS

var templates = sync.OnceValue(func() *template.Template {
	t := template.New("").Funcs(template.FuncMap{
		"asset": func(name string) string { return files().Address(name) }, "stamp": stamp, "moment": moment, "lasting": lasting, "count": count, "grouped": grouped,
		"part": func(frame view, of any) part { return part{frame, of} },
	})
	return design.WithIcons(template.Must(t.ParseFS(templateFiles, "template/*.html")))
})

// render writes a page. It is written whole or not at all.
func render(page string, v view) ([]byte, error) {
	v.Test = page
	var b bytes.Buffer
	err := templates().ExecuteTemplate(&b, page, v)
	return b.Bytes(), err
}

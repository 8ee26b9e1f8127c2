package admin

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
)

// view is the data of a page.
type view struct {
	page.View
	// Operator is the name of the access token with which the operator is signed in, or "".
	Operator string
}

// denied lists the scopes that an action needs and the operator lacks. What is the beginning of the sentence on the page. A nil
// denied means that the action is allowed.
type denied struct{ What, Scopes string }

// denial returns nil if the operator has one of the scopes. Otherwise, it returns what the page shows about the missing scopes.
func (r *request) denial(needs scopes, what string) *denied {
	if r.may(needs) {
		return nil
	}
	texts := make([]string, len(needs))
	for i, scope := range needs {
		texts[i] = string(scope)
	}
	return &denied{what, strings.Join(texts, " or ")}
}

// newView returns a view without content. Only signed-in operators get the navigation.
func (r *request) newView(title string) view {
	shown := view{View: page.View{Base: r.Base, Title: title, Section: "Admin"}}
	if n, known := notes[r.note()]; known {
		shown.Notice = &n
	}
	if !r.signedIn {
		return shown
	}
	shown.Brand = page.Brand{Name: r.org.Name, Letter: page.Initial(r.org.Name), Accent: page.AccentSheet(r.org.Portal.AccentColor)}
	shown.Operator = tokenName(r.operator)
	here, _, _ := strings.Cut(r.Path, "/")
	for _, p := range []struct {
		path, label string
		needs       scopes
	}{
		{"", "Overview", nil}, {"customers", "Customers", customersRead}, {"sessions", "Sessions", sessionsRead},
		{"access-tokens", "Access tokens", accessTokensRead}, {"sign-ins", "Sign-ins", accessTokensRead}, {"audit-log", "Audit log", auditLogRead},
		{"deliveries", "Webhooks", webhooksRead}, {"failed-mails", "Failed mails", customersRead}, {"settings", "Settings", settingsRead},
	} {
		link := page.Link{Path: p.path, Label: p.label, Current: here == p.path, Denied: !r.may(p.needs)}
		if link.Denied {
			link.Text = "not allowed"
		}
		shown.Nav = append(shown.Nav, link)
	}
	return shown
}

// addErrors adds a validation error to the page, and to the form fields with the names of the API's fields. It reports false if
// err is not a validation error.
func (shown *view) addErrors(err error, fields ...*page.Field) bool {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.RuleViolated && f.Code != fault.InvalidRequest {
		return false
	}
	if len(f.Fields) == 0 {
		shown.Errors = append(shown.Errors, page.FieldError{Text: f.Message})
	}
	for _, invalid := range f.Fields {
		name := ""
		if len(invalid.Name) > 0 {
			name, _ = invalid.Name[0].(string)
		}
		found := page.FieldError{Text: invalid.Msg}
		for _, in := range fields {
			if in.Name == name {
				in.Error = invalid.Msg
				found.Field, found.Label = in.ID, in.Label
			}
		}
		shown.Errors = append(shown.Errors, found)
	}
	return true
}

// formatTime formats a time for people.
func formatTime(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// formatDuration rounds a duration up to its largest unit.
func formatDuration(d time.Duration) string {
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

// count formats a number with a noun, such as "2 sessions".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if stem, ok := strings.CutSuffix(one, "ry"); ok {
		return formatNumber(n) + " " + stem + "ries"
	}
	return formatNumber(n) + " " + one + "s"
}

// formatNumber formats a number with commas between groups of three digits.
func formatNumber(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// part is the argument of a template that needs both the whole view and the data of one part of the page.
type part struct {
	Frame view
	Of    any
}

var (
	//go:embed static
	staticFiles embed.FS
	//go:embed template
	templateFiles embed.FS

	files     = sync.OnceValue(func() *page.Files { return page.NewFiles(staticFiles) })
	templates = sync.OnceValue(func() *template.Template {
		return files().Templates(templateFiles, template.FuncMap{
			"t": text, "lang": func() string { return "en" }, "rtl": func() bool { return false }, "formatTime": formatTime, "duration": formatDuration, "count": count, "number": formatNumber,
			"part":             func(frame view, of any) part { return part{frame, of} },
			"operatorLifetime": func() string { return formatDuration(directory.OperatorLifetime) },
			"operatorIdle":     func() string { return formatDuration(directory.OperatorIdle) },
		})
	})
)

// texts are the texts of the templates that the admin pages and the portal share.
var texts = map[string]string{
	"errors": "Please check the following", "nav": "Admin", "optional": "(optional)", "pages": "Pages", "pages.next": "Next",
	"pages.of": "Page {Page} of {Last}", "pages.previous": "Previous", "skip": "Skip to content", "title.error": "Error: {Title}",
}

// text returns a text for the shared templates. pairs are the names and values of the placeholders of the text.
func text(key string, pairs ...any) string {
	s := texts[key]
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return s
}

package mail

import (
	"embed"
	htmltemplate "html/template"
	"net/url"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"github.com/postern-go/postern/internal/accent"
	"github.com/postern-go/postern/internal/locale"
)

// Organization is on whose behalf a mail is sent.
type Organization struct {
	// Name is for people; where it is empty the slug stands in for it.
	Name string
	Slug string
	// LogoURL is the address of its logo; one that is not on https is not shown.
	LogoURL string
	// AccentColor is "#rrggbb"; anything else stands for [accent.Default].
	AccentColor string
}

func (o Organization) name() string {
	if name := oneLine(o.Name); name != "" {
		return name
	}
	return oneLine(o.Slug)
}

// logo is where a mail reader may load the logo; "" for nowhere.
func (o Organization) logo() string {
	u, err := url.Parse(o.LogoURL)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return u.String()
}

func (o Organization) palette() accent.Palette {
	if c, ok := accent.Parse(o.AccentColor); ok {
		return c.Palette()
	}
	return accent.Default.Palette()
}

// sender is how Polar names it, "Acme (via Polar)": the organization, and who sends for it.
func (o Organization) sender(from Address) Address {
	if via := from.Name; via != "" {
		from.Name = o.name() + " (via " + via + ")"
	} else {
		from.Name = o.name()
	}
	return from
}

//go:embed template
var templates embed.FS

//go:embed locale
var localeFiles embed.FS

// catalog is what the letters say.
var catalog = sync.OnceValue(func() locale.Catalog { return locale.Load(localeFiles) })

// letter is one kind of mail, as text and as a page.
type letter struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

func parseLetter(name string) letter {
	return letter{
		text: texttemplate.Must(texttemplate.ParseFS(templates, "template/"+name+".txt")),
		html: htmltemplate.Must(htmltemplate.ParseFS(templates, "template/layout.html", "template/"+name+".html")),
	}
}

// words fill a letter, in the language of their messages.
type words struct {
	*locale.Messages
	Subject, Organization, Logo, Code, Link, Lifetime string
	Accent                                            accent.Palette
}

// newWords are those that every letter needs; nil is English.
func newWords(l *locale.Language, o Organization, link string, lifetime time.Duration) words {
	m := catalog().In(l)
	return words{Messages: m, Organization: o.name(), Logo: o.logo(), Link: link, Lifetime: m.FormatDuration(lifetime), Accent: o.palette()}
}

func (l letter) write(m Mail, w words) (Mail, error) {
	var text, html strings.Builder
	if err := l.text.Execute(&text, w); err != nil {
		return Mail{}, err
	}
	if err := l.html.Execute(&html, w); err != nil {
		return Mail{}, err
	}
	m.Subject, m.Text, m.HTML, m.Language = w.Subject, text.String(), html.String(), w.Language.Code
	return m, nil
}

// parseLink takes absolute http and https URLs only. It returns the link as it is to be shown.
func parseLink(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return "", invalid("The mail needs a link that begins with http:// or https:// and a host.") // err would hold the link
	}
	return u.String(), nil
}

// secretsOf are the link and those parts of its query and fragment that may open something.
func secretsOf(link string) []string {
	secrets := []string{link}
	_, parameters, _ := strings.Cut(strings.Replace(link, "#", "?", 1), "?")
	for _, part := range strings.FieldsFunc(parameters, func(r rune) bool { return strings.ContainsRune("?#&=", r) }) {
		if len(part) >= 16 {
			secrets = append(secrets, part)
		}
	}
	return secrets
}

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

// Organization is the organization in whose name a mail is sent.
type Organization struct {
	// Name is the display name. If it is empty, mails show the slug.
	Name string
	Slug string
	// LogoURL is the URL of the logo. Only an https URL is shown.
	LogoURL string
	// AccentColor has the form "#rrggbb". Any other value means [accent.Default].
	AccentColor string
}

func (o Organization) name() string {
	if name := oneLine(o.Name); name != "" {
		return name
	}
	return oneLine(o.Slug)
}

// logo returns the logo's URL, or "" if it is not an https URL with a host and without credentials.
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

// sender returns from with the organization's name in front, as in Polar's mails: "Acme (via Polar)".
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

var catalog = sync.OnceValue(func() locale.Catalog { return locale.Load(localeFiles) })

// templatePair renders one kind of mail as plain text and as HTML.
type templatePair struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

func parseTemplates(name string) templatePair {
	return templatePair{
		text: texttemplate.Must(texttemplate.ParseFS(templates, "template/"+name+".txt")),
		html: htmltemplate.Must(htmltemplate.ParseFS(templates, "template/layout.html", "template/"+name+".html")),
	}
}

// templateData is the data for the templates. Messages holds the texts in the mail's language.
type templateData struct {
	*locale.Messages
	Subject, Organization, Logo, Code, Link, Lifetime string
	Accent                                            accent.Palette
	// Notice is set for a [Notice] only.
	Notice noticeText
}

// newTemplateData returns the data that all kinds of mail need. A nil language means English.
func newTemplateData(l *locale.Language, o Organization, link string, lifetime time.Duration) templateData {
	m := catalog().In(l)
	return templateData{Messages: m, Organization: o.name(), Logo: o.logo(), Link: link, Lifetime: m.FormatDuration(lifetime), Accent: o.palette()}
}

func (p templatePair) render(m Mail, data templateData) (Mail, error) {
	var text, html strings.Builder
	if err := p.text.Execute(&text, data); err != nil {
		return Mail{}, err
	}
	if err := p.html.Execute(&html, data); err != nil {
		return Mail{}, err
	}
	m.Subject, m.Text, m.HTML, m.Language = data.Subject, text.String(), html.String(), data.Language.Code
	return m, nil
}

// parseLink returns the link with special characters escaped. It returns an error unless the link is an absolute http or https
// URL.
func parseLink(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return "", invalid("The mail needs a link that begins with http:// or https:// and a host.") // err contains the link, so it is dropped
	}
	return u.String(), nil
}

// secretsOf returns the link, and the parts of its query and fragment that are long enough to be a token.
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

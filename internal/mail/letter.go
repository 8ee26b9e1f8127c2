package mail

import (
	"embed"
	htmltemplate "html/template"
	"net/url"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"
)

// Organization is on whose behalf a mail is sent.
type Organization struct {
	// Name is for people; where it is empty the slug stands in for it.
	Name string
	Slug string
}

func (o Organization) name() string {
	if name := oneLine(o.Name); name != "" {
		return name
	}
	return oneLine(o.Slug)
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

// words fill a letter.
type words struct {
	Subject, Organization, Code, Link, Lifetime string
}

func (l letter) write(m Mail, w words) (Mail, error) {
	var text, html strings.Builder
	if err := l.text.Execute(&text, w); err != nil {
		return Mail{}, err
	}
	if err := l.html.Execute(&html, w); err != nil {
		return Mail{}, err
	}
	m.Subject, m.Text, m.HTML = w.Subject, text.String(), html.String()
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

// lifetime says how long something is good for, never more than it is.
func lifetime(d time.Duration) string {
	switch {
	case d < time.Minute:
		return count(d/time.Second, "second")
	case d >= time.Hour && d%time.Hour == 0:
		return count(d/time.Hour, "hour")
	}
	return count(d/time.Minute, "minute")
}

func count(n time.Duration, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(int(n)) + " " + unit
}

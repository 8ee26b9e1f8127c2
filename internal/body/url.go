package body

import (
	"strings"
	"unicode/utf8"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// maxURL is how long a URL may be, in characters.
const maxURL = 2083

// url reads an http or https URL and normalizes it as browsers do; "" when there is none to be had.
func (o object) url(name string) string {
	v, ok := o.member(name, false)
	if !ok {
		return ""
	}
	if v.kind != stringKind {
		o.refuse(v, "url_type", "URL input should be a string or URL", nil, name)
		return ""
	}
	if !o.clean(v, name) {
		return ""
	}
	if utf8.RuneCountInString(v.text) > maxURL {
		o.refuse(v, "url_too_long", "URL should have at most 2083 characters", contextInt("max_length", maxURL), name)
		return ""
	}
	u, err := whatwg.Parse(v.text)
	if err != nil || u.Hostname() == "" && httpScheme(u) {
		why := urlFlaw(v.text)
		o.refuse(v, "url_parsing", "Input should be a valid URL, "+why, context("error", why), name)
		return ""
	}
	if !httpScheme(u) {
		o.refuse(v, "url_scheme", "URL scheme should be 'http' or 'https'", context("expected_schemes", "'http' or 'https'"), name)
		return ""
	}
	return u.Href(false)
}

func httpScheme(u *whatwg.Url) bool { return u.Protocol() == "http:" || u.Protocol() == "https:" }

// urlFlaw names the flaws that people make; the library behind it has finer words for rarer ones.
func urlFlaw(text string) string {
	text = strings.TrimSpace(text)
	scheme, rest, found := strings.Cut(text, ":")
	switch {
	case text == "":
		return "input is empty"
	case !found || strings.ContainsAny(scheme, "/?# "):
		return "relative URL without a base"
	case strings.Trim(rest, "/") == "":
		return "empty host"
	}
	return "invalid international domain name"
}

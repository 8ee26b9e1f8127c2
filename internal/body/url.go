package body

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/postern-go/postern/internal/directory"
)

// url reads an http or https URL and normalizes it as browsers do. It returns "" if the field is absent, null or invalid.
func (o object) url(name string) string {
	o.describe(name, false, Schema{Type: "string", Format: "uri", Nullable: true, MinLength: 1, MaxLength: directory.MaxURL})
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
	if utf8.RuneCountInString(v.text) > directory.MaxURL {
		o.refuse(v, "url_too_long", fmt.Sprintf("URL should have at most %d characters", directory.MaxURL), contextInt("max_length", directory.MaxURL), name)
		return ""
	}
	u, err := whatwg.Parse(v.text)
	if err != nil || u.Hostname() == "" && httpScheme(u) {
		why := urlProblem(v.text)
		o.refuse(v, "url_parsing", "Input should be a valid URL, "+why, context("error", why), name)
		return ""
	}
	if !httpScheme(u) {
		o.refuse(v, "url_scheme", "URL scheme should be 'http' or 'https'", context("expected_schemes", "'http' or 'https'"), name)
		return ""
	}
	return u.Href(false)
}

// optionalURL reads a URL. It returns nil if the field is absent, null or invalid.
func (o object) optionalURL(name string) *string {
	if text := o.url(name); text != "" {
		return &text
	}
	return nil
}

func httpScheme(u *whatwg.Url) bool { return u.Protocol() == "http:" || u.Protocol() == "https:" }

var schemeOf = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// urlProblem returns the reason why a URL is invalid, as an error text of the parser that Pydantic uses (the Rust crate url).
func urlProblem(text string) string {
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	text = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(text)
	scheme := schemeOf.FindString(text)
	switch {
	case text == "":
		return "input is empty"
	case scheme == "":
		return "relative URL without a base"
	}
	authority := strings.TrimLeft(text[len(scheme):], `/\`)
	if end := strings.IndexAny(authority, `/\?#`); end >= 0 {
		authority = authority[:end]
	}
	return hostProblem(authority[strings.LastIndexByte(authority, '@')+1:])
}

// hostProblem returns the reason why a host with an optional port is invalid. If the host is valid, the reason is the port.
func hostProblem(hostAndPort string) string {
	if strings.HasPrefix(hostAndPort, "[") {
		end := strings.IndexByte(hostAndPort, ']')
		if _, err := netip.ParseAddr(hostAndPort[1:max(end, 1)]); err != nil || end+1 < len(hostAndPort) && hostAndPort[end+1] != ':' {
			return "invalid IPv6 address"
		}
		return "invalid port number"
	}
	host, _, _ := strings.Cut(hostAndPort, ":")
	if host == "" {
		return "empty host"
	}
	if u, err := whatwg.Parse("http://" + host); err == nil && u.Hostname() != "" {
		return "invalid port number"
	} else if err == nil {
		return "empty host"
	}
	last := host[strings.LastIndexByte(strings.TrimSuffix(host, "."), '.')+1:]
	if '0' <= last[0] && last[0] <= '9' {
		return "invalid IPv4 address"
	}
	return "invalid international domain name"
}

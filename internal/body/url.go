package body

import (
	"fmt"
	"regexp"
	"strings"

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
	if len(v.text) > directory.MaxURL {
		o.refuse(v, "url_too_long", fmt.Sprintf("URL should have at most %d characters", directory.MaxURL), contextInt("max_length", directory.MaxURL), name)
		return ""
	}
	scheme, text, err := parseURL(v.text)
	if err != nil {
		o.refuse(v, "url_parsing", "Input should be a valid URL, "+err.Error(), context("error", err.Error()), name)
		return ""
	}
	if scheme != "http" && scheme != "https" {
		o.refuse(v, "url_scheme", "URL scheme should be 'http' or 'https'", context("expected_schemes", "'http' or 'https'"), name)
		return ""
	}
	return text
}

// optionalURL reads a URL. It returns nil if the field is absent, null or invalid.
func (o object) optionalURL(name string) *string {
	if text := o.url(name); text != "" {
		return &text
	}
	return nil
}

var schemeOf = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)

// parseURL returns the scheme of a URL in lower case and, for http and https, the normalized URL.
func parseURL(text string) (scheme, normalized string, err error) {
	if text == "" {
		return "", "", errEmptyURL
	}
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	text = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(text)
	m := schemeOf.FindStringSubmatch(text)
	if m == nil {
		return "", "", errRelative
	}
	scheme, rest := strings.ToLower(m[1]), text[len(m[0]):]
	ends := `/?#`
	switch scheme {
	case "http", "https", "ws", "wss", "ftp":
		ends, rest = `/\?#`, strings.TrimLeft(rest, `/\`)
	default:
		if rest, err = otherAuthority(scheme, rest); err != nil || rest == "" {
			return scheme, "", err
		}
	}
	authority, path := rest, ""
	if end := strings.IndexAny(rest, ends); end >= 0 {
		authority, path = rest[:end], rest[end:]
	}
	at := strings.LastIndexByte(authority, '@') + 1
	host, port, err := parseHost(authority[at:], ends != `/?#`)
	if err != nil || scheme != "http" && scheme != "https" {
		return scheme, "", err
	}
	u, err := whatwg.Parse(scheme + "://" + authority[:at] + "host" + port + path)
	if err != nil {
		return scheme, "", errHostName
	}
	return scheme, withHost(u.Href(false), host), nil
}

// withHost replaces the host of a normalized URL. The package that normalizes the rest refuses some hosts that Pydantic accepts.
func withHost(text, host string) string {
	start := strings.Index(text, "//") + len("//")
	end := start + strings.IndexAny(text[start:], "/?#")
	start += strings.LastIndexByte(text[start:end], '@') + 1
	return text[:start] + host + text[start+len("host"):]
}

// otherAuthority returns the part of a URL after the two slashes, or "" if the scheme is not that of a web page and the URL has no
// host to check.
func otherAuthority(scheme, rest string) (string, error) {
	rest, found := strings.CutPrefix(rest, "//")
	if !found || scheme == "file" {
		return "", nil
	}
	return rest, nil
}

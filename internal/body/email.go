package body

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// email reads an email address; nil when there is none to be had. A name in front of it is dropped, and its domain is
// lower-cased. No name server is asked.
func (o object) email(name string, required bool) *string {
	v, ok := o.member(name, required)
	if !ok {
		return nil
	}
	if v.kind != stringKind {
		o.refuse(v, "string_type", "Input should be a valid string", nil, name)
		return nil
	}
	if !o.clean(v, name) {
		return nil
	}
	address, why := parseEmail(v.text)
	if why != "" {
		o.refuse(v, "value_error", "value is not a valid email address: "+why, context("reason", why), name)
		return nil
	}
	return &address
}

// optionalEmail is nil for a member that is absent, null or refused.
func (o object) optionalEmail(name string) *string { return o.email(name, false) }

// requiredEmail is "" for a member that is refused.
func (o object) requiredEmail(name string) string {
	if address := o.email(name, true); address != nil {
		return *address
	}
	return ""
}

// reserved are the domains under which nobody receives mail (RFC 6761). Those for documentation are taken.
var reserved = map[string]bool{"arpa": true, "invalid": true, "local": true, "localhost": true, "onion": true, "test": true}

func parseEmail(text string) (address, why string) {
	if named, err := mail.ParseAddress(text); err == nil && strings.HasSuffix(strings.TrimSpace(text), ">") {
		text = named.Address
	}
	text = strings.TrimSpace(text)
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return "", "An email address must have an @-sign."
	}
	local, domain := text[:at], text[at+1:]
	switch {
	case local == "":
		return "", "There must be something before the @-sign."
	case domain == "":
		return "", "There must be something after the @-sign."
	case len(local) > 64:
		return "", "The email address is too long before the @-sign."
	case strings.Contains(local, ".."):
		return "", "An email address cannot have two periods in a row."
	case strings.HasPrefix(local, "."):
		return "", "An email address cannot start with a period."
	case strings.HasSuffix(local, "."):
		return "", "An email address cannot have a period immediately before the @-sign."
	}
	if strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r == 0x7F || strings.ContainsRune(`@()<>[]:;,\"`, r) }) {
		return "", "The email address contains invalid characters before the @-sign."
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || strings.Contains(domain, "..") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", "The part after the @-sign contains invalid characters or misplaced periods."
	}
	dot := strings.LastIndexByte(ascii, '.')
	switch {
	case reserved[ascii[dot+1:]]:
		return "", "The part after the @-sign is a special-use or reserved name that cannot be used with email."
	case dot < 0:
		return "", "The part after the @-sign is not valid. It should have a period."
	case len(local)+1+len(ascii) > 254:
		return "", "The email address is too long."
	}
	unicode, err := idna.ToUnicode(ascii)
	if err != nil {
		unicode = ascii
	}
	return local + "@" + unicode, ""
}

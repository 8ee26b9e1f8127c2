package body

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of an address: in characters with a name in front of it, in bytes without.
const (
	maxNamedEmail = 2048
	maxEmail      = 254
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

// named is an address in angle brackets, perhaps behind a name.
var named = regexp.MustCompile("^\\s*(?:(?:[\\pL\\pN_!#$%&'*+\\-/=?^`{|}~]+\\s+)*[\\pL\\pN_!#$%&'*+\\-/=?^`{|}~]+|\"(?s:.+)\")?\\s*<(.+)>\\s*$")

// parseEmail returns an address, or what is wrong with it in the words of the validator behind Pydantic.
func parseEmail(text string) (address, why string) {
	if utf8.RuneCountInString(text) > maxNamedEmail {
		return "", fmt.Sprintf("Length must not exceed %d characters", maxNamedEmail)
	}
	if m := named.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	text = strings.TrimFunc(text, isSpace)
	at := unquoted(text, "@<")
	if why := atFlaw(text, at); why != "" {
		return "", why
	}
	local, domain := text[:at], text[at+1:]
	if why := localFlaw(local); why != "" {
		return "", why
	}
	ascii, why := parseDomain(domain)
	if why == "" {
		why = lengthFlaw(text, local+"@"+ascii)
	}
	if why != "" {
		return "", why
	}
	if shared[strings.ToLower(local)] {
		local = strings.ToLower(local)
	}
	unicode, err := domains.ToUnicode(ascii)
	if err != nil {
		return "", "The part after the @-sign is not valid IDNA."
	}
	return local + "@" + unicode, ""
}

// unquoted is where the first of the characters stands that is not between quotes, or -1.
func unquoted(text, any string) int {
	quoted, escaped := false, false
	for i, r := range text {
		switch {
		case quoted && r == '\\':
			escaped = !escaped
			continue
		case r == '"' && !escaped:
			quoted = !quoted
		case !quoted && strings.ContainsRune(any, r):
			return i
		}
		escaped = false
	}
	return -1
}

// atFlaw says why there is no address around the sign at that place.
func atFlaw(text string, at int) string {
	switch {
	case at < 0 && strings.Contains(text, "＠"):
		return `The email address has the "full-width" at-sign (@) character instead of a regular at-sign.`
	case at < 0 && strings.Contains(text, "﹫"):
		return `The email address has the "small commercial at" character instead of a regular at-sign.`
	case at < 0:
		return "An email address must have an @-sign."
	case text[at] == '@':
		return ""
	}
	name := strings.TrimRightFunc(text[:at], isSpace)
	if odd := oddCharacters(name, func(r rune) bool { return r == ' ' || r != '.' && isAtom(r) && r < utf8.RuneSelf }); odd != "" && !strings.HasPrefix(name, `"`) {
		return "The display name contains invalid characters when not quoted: " + odd + "."
	}
	switch {
	case !strings.Contains(text[at:], ">"):
		return "An open angle bracket at the start of the email address has to be followed by a close angle bracket at the end."
	case !strings.HasSuffix(text, ">"):
		return "There can't be anything after the email address."
	}
	return "A display name and angle brackets around the email address are not permitted here."
}

// shared are the mailboxes that every domain has, in any case (RFC 2142).
var shared = map[string]bool{
	"info": true, "marketing": true, "sales": true, "support": true, "abuse": true, "noc": true, "security": true,
	"postmaster": true, "hostmaster": true, "usenet": true, "news": true, "webmaster": true, "www": true, "uucp": true, "ftp": true,
}

func localFlaw(local string) string {
	if local == "" {
		return "There must be something before the @-sign."
	}
	if strings.HasPrefix(local, `"`) {
		return "Quoting the part before the @-sign is not allowed here."
	}
	if odd := oddCharacters(local, isAtom); odd != "" {
		return "The email address contains invalid characters before the @-sign: " + odd + "."
	}
	switch {
	case strings.HasSuffix(local, "."):
		return "An email address cannot have a period immediately before the @-sign."
	case strings.HasPrefix(local, "."):
		return "An email address cannot start with a period."
	case strings.Contains(local, ".."):
		return "An email address cannot have two periods in a row."
	}
	return unsafeFlaw(local)
}

// isAtom reports whether a character may stand before the @-sign: RFC 5322's atext, the period, and RFC 6531's additions.
func isAtom(r rune) bool {
	return r >= utf8.RuneSelf || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("_!#$%&'*+-/=?^`{|}~.", r)
}

// unsafeFlaw names characters that cannot be seen, or that change what stands before them.
func unsafeFlaw(part string) string {
	first, _ := utf8.DecodeRuneInString(part)
	odd := oddCharacters(part, func(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S, unicode.M) })
	if unicode.Is(unicode.M, first) {
		odd = displayed(first)
	}
	if odd == "" {
		return ""
	}
	return "The email address contains unsafe characters: " + odd + "."
}

func lengthFlaw(original, ascii string) string {
	if over := len(original) - maxEmail; over > 0 {
		widest := 1
		for _, r := range original {
			widest = max(widest, utf8.RuneLen(r))
		}
		if fewest := max(1, over/widest); fewest < over {
			return fmt.Sprintf("The email address is too long (%d-%d characters too many).", fewest, over)
		}
		return "The email address is too long " + tooMany(over, "character") + "."
	}
	if over := len(ascii) - maxEmail; over > 0 {
		return "The email address is too long when the part after the @-sign is converted to IDNA ASCII " + tooMany(over, "byte") + "."
	}
	return ""
}

func tooMany(n int, unit string) string {
	if n > 1 {
		unit += "s"
	}
	return fmt.Sprintf("(%d %s too many)", n, unit)
}

// oddCharacters lists those that are not allowed, sorted, each once; "" when there is none.
func oddCharacters(text string, allowed func(rune) bool) string {
	var odd []string
	for _, r := range text {
		if !allowed(r) {
			odd = append(odd, displayed(r))
		}
	}
	slices.Sort(odd)
	return strings.Join(slices.Compact(odd), ", ")
}

// displayed is a character for people: quoted, or by its number when it cannot be seen.
func displayed(r rune) string {
	switch {
	case r == ' ':
		return "SPACE"
	case r == '\'' || r == '\\':
		return `"` + string(r) + `"`
	case unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S):
		return "'" + string(r) + "'"
	}
	return fmt.Sprintf("U+%04X", r)
}

package body

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
)

// maxNamedEmail is the maximum length of an address with a display name, in characters.
const maxNamedEmail = 2048

// email reads an email address without a display name, and converts its domain to lower case. It returns nil if the field is
// invalid. If required is false, it also returns nil if the field is absent or null. It does not look the domain up in DNS.
func (o object) email(name string, required bool) *string {
	o.describe(name, required, Schema{Type: "string", Format: "email", Nullable: !required})
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

// optionalEmail reads an email address. It returns nil if the field is absent, null or invalid.
func (o object) optionalEmail(name string) *string { return o.email(name, false) }

// requiredEmail reads an email address. It returns "" if the field is absent or invalid.
func (o object) requiredEmail(name string) string {
	if address := o.email(name, true); address != nil {
		return *address
	}
	return ""
}

// named matches an address in angle brackets, with or without a display name in front.
var named = regexp.MustCompile("^\\s*(?:(?:[\\pL\\pN_!#$%&'*+\\-/=?^`{|}~]+\\s+)*[\\pL\\pN_!#$%&'*+\\-/=?^`{|}~]+|\"(?s:.+)\")?\\s*<(.+)>\\s*$")

// parseEmail returns the normalized address, or the error text of the validator that Pydantic uses, email-validator.
func parseEmail(text string) (address, why string) {
	if utf8.RuneCountInString(text) > maxNamedEmail {
		return "", fmt.Sprintf("Length must not exceed %d characters", maxNamedEmail)
	}
	if m := named.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	text = strings.TrimFunc(text, isSpace)
	at := unquoted(text, "@<")
	if why := atProblem(text, at); why != "" {
		return "", why
	}
	local, domain := text[:at], text[at+1:]
	if why := localProblem(local); why != "" {
		return "", why
	}
	ascii, why := parseDomain(domain)
	if why == "" {
		why = lengthProblem(text, local+"@"+ascii)
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

// unquoted returns the index of the first of the given characters outside of quotes, or -1.
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

// atProblem returns the reason why the @ at index at is not valid, or "". If the address has no @, at is -1.
func atProblem(text string, at int) string {
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

// shared lists the mailbox names of RFC 2142, which are case-insensitive.
var shared = map[string]bool{
	"info": true, "marketing": true, "sales": true, "support": true, "abuse": true, "noc": true, "security": true,
	"postmaster": true, "hostmaster": true, "usenet": true, "news": true, "webmaster": true, "www": true, "uucp": true, "ftp": true,
}

func localProblem(local string) string {
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
	return unsafeProblem(local)
}

// isAtom reports whether a character is allowed before the @-sign: atext of RFC 5322, a period, or UTF-8 (RFC 6531).
func isAtom(r rune) bool {
	return r >= utf8.RuneSelf || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("_!#$%&'*+-/=?^`{|}~.", r)
}

// unsafeProblem returns an error text that lists the invisible characters of part, or its first character if that is a combining
// one; otherwise "".
func unsafeProblem(part string) string {
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

func lengthProblem(original, ascii string) string {
	if over := len(original) - directory.MaxEmail; over > 0 {
		widest := 1
		for _, r := range original {
			widest = max(widest, utf8.RuneLen(r))
		}
		if fewest := max(1, over/widest); fewest < over {
			return fmt.Sprintf("The email address is too long (%d-%d characters too many).", fewest, over)
		}
		return "The email address is too long " + tooMany(over, "character") + "."
	}
	if over := len(ascii) - directory.MaxEmail; over > 0 {
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

// oddCharacters lists the characters that are not allowed, sorted and without duplicates.
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

// displayed formats a character for an error text: quoted, or as U+XXXX if it is invisible.
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

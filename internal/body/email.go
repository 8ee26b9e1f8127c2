package body

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/postern-go/postern/internal/directory"
)

// maxNamedEmail is the maximum length of an address with a display name, in characters.
const maxNamedEmail = 2048

// email reads an email address without a display name, and normalizes it: the local part has the Unicode normalization form C, the
// domain the form of IDNA 2008. It returns nil if the field is invalid. If required is false, it also returns nil if the field is
// absent or null. It does not look the domain up in DNS.
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
var named = func() *regexp.Regexp {
	const word, space = "[\\pL\\pN_!#$%&'*+\\-/=?^`{|}~]+", `[\s\v\x1c-\x1f\x{85}\pZ]`
	return regexp.MustCompile("^" + space + "*(?:(?:" + word + space + "+)*" + word + "|\"(?s:.+)\")?" + space + "*<(.+)>" + space + "*$")
}()

// parseEmail returns the normalized address, or the error text of the validator that Pydantic uses, email-validator. It makes the
// checks in the order of that validator, because only the first error is reported.
func parseEmail(text string) (address, why string) {
	if utf8.RuneCountInString(text) > maxNamedEmail {
		return "", fmt.Sprintf("Length must not exceed %d characters", maxNamedEmail)
	}
	if m := named.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	parts, why := splitEmail(strings.TrimFunc(text, isSpace))
	if why != "" {
		return "", why
	}
	local := norm.NFC.String(parts.local)
	if why := localProblem(parts.local, parts.quoted); why != "" {
		return "", why
	}
	if why := localProblem(local, parts.quoted); why != "" {
		return "", "After Unicode normalization: " + why
	}
	if parts.quoted {
		return "", "Quoting the part before the @-sign is not allowed here."
	}
	if shared[strings.ToLower(local)] {
		local = strings.ToLower(local)
	}
	if strings.HasPrefix(parts.domain, "[") && strings.HasSuffix(parts.domain, "]") {
		return "", literalProblem(strings.TrimSuffix(parts.domain[1:], "]"))
	}
	ascii, domain, why := parseDomain(parts.domain)
	if why == "" {
		why = lengthProblem(parts.local+"@"+parts.domain, local+"@"+domain, local+"@"+ascii)
	}
	if why == "" && parts.named {
		why = "A display name and angle brackets around the email address are not permitted here."
	}
	if why != "" {
		return "", why
	}
	return local + "@" + domain, ""
}

// emailParts is an address that is split at its @. local has no quotes around it; quoted reports whether there were any. named
// reports whether the address is in angle brackets.
type emailParts struct {
	local, domain string
	quoted, named bool
}

// splitEmail splits an address, or returns the reason why it has no two parts.
func splitEmail(text string) (emailParts, string) {
	at := unquoted(text, "@<")
	if at < 0 {
		return emailParts{}, noAtSign(text)
	}
	parts := emailParts{named: text[at] == '<'}
	if parts.named {
		if why := displayNameProblem(strings.TrimRightFunc(text[:at], isSpace)); why != "" {
			return emailParts{}, why
		}
		bracketed := strings.TrimRight(text[at:], " ")
		switch {
		case !strings.Contains(bracketed, ">"):
			return emailParts{}, "An open angle bracket at the start of the email address has to be followed by a close angle bracket at the end."
		case !strings.HasSuffix(bracketed, ">"):
			return emailParts{}, "There can't be anything after the email address."
		}
		text = strings.TrimRight(bracketed[1:], ">")
		if at = unquoted(text, "@"); at < 0 {
			return emailParts{}, noAtSign(text)
		}
	}
	parts.domain = text[at+1:]
	var why string
	parts.local, parts.quoted, why = unquote(text[:at])
	return parts, why
}

// unquoted returns the index of the first of the given characters outside of quotes, or -1. A character that forms one character
// with the combining characters after it does not count.
func unquoted(text, any string) int {
	quoted, escaped := false, false
	for i, r := range text {
		composed := norm.NFC.String(text[i : i+norm.NFC.NextBoundaryInString(text[i:], true)])
		switch first, _ := utf8.DecodeRuneInString(composed); {
		case first != r:
		case quoted:
			if r == '"' && !escaped {
				quoted = false
			}
			escaped = r == '\\' && !escaped
		case r == '"':
			quoted = true
		case strings.ContainsRune(any, r):
			return i
		}
	}
	return -1
}

// unquote removes the quotes around a text, and the backslashes before quoted characters.
func unquote(text string) (value string, quoted bool, why string) {
	if !strings.HasPrefix(text, `"`) {
		return text, false, ""
	}
	var b strings.Builder
	escaped := false
	for i, r := range text {
		switch {
		case i == 0:
		case escaped:
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"' && i < len(text)-1:
			var rest []string
			for _, r := range text[i+1:] {
				rest = append(rest, displayed(r))
			}
			return "", true, "Extra character(s) found after close quote: " + strings.Join(rest, ", ")
		case r != '"':
			b.WriteRune(r)
		}
	}
	return b.String(), true, ""
}

func noAtSign(text string) string {
	switch {
	case strings.Contains(text, "＠"):
		return `The email address has the "full-width" at-sign (@) character instead of a regular at-sign.`
	case strings.Contains(text, "﹫"):
		return `The email address has the "small commercial at" character instead of a regular at-sign.`
	}
	return "An email address must have an @-sign."
}

// displayNameProblem returns the reason why a display name before angle brackets is not valid, or "".
func displayNameProblem(text string) string {
	name, quoted, why := unquote(text)
	if why != "" {
		return why
	}
	if !quoted {
		odd := oddCharacters(name, func(r rune) bool { return r == ' ' || r != '.' && r < utf8.RuneSelf && isAtom(r) })
		if odd != "" {
			return "The display name contains invalid characters when not quoted: " + odd + "."
		}
	}
	return unsafeProblem(name, true)
}

// shared lists the mailbox names of RFC 2142, which are case-insensitive.
var shared = map[string]bool{
	"info": true, "marketing": true, "sales": true, "support": true, "abuse": true, "noc": true, "security": true,
	"postmaster": true, "hostmaster": true, "usenet": true, "news": true, "webmaster": true, "www": true, "uucp": true, "ftp": true,
}

func localProblem(local string, quoted bool) string {
	switch {
	case local == "":
		return "There must be something before the @-sign."
	case isDotAtom(local):
		return unsafeProblem(local, false)
	case quoted:
		odd := oddCharacters(local, func(r rune) bool { return ' ' <= r && r <= '~' || r >= utf8.RuneSelf })
		if odd != "" {
			return "The email address contains invalid characters in quotes before the @-sign: " + odd + "."
		}
		return unsafeProblem(local, true)
	}
	if odd := oddCharacters(local, isAtom); odd != "" {
		return "The email address contains invalid characters before the @-sign: " + odd + "."
	}
	return periodProblem(local, "An email address cannot start with a period.", "An email address cannot have a period immediately before the @-sign.")
}

// isDotAtom reports whether a text consists of atoms that are separated by single periods.
func isDotAtom(text string) bool {
	return oddCharacters(text, isAtom) == "" && !strings.HasPrefix(text, ".") && !strings.HasSuffix(text, ".") && !strings.Contains(text, "..")
}

// periodProblem returns the reason why periods are misplaced, or "".
func periodProblem(text, start, end string) string {
	switch {
	case strings.HasSuffix(text, "."):
		return end
	case strings.HasPrefix(text, "."):
		return start
	case strings.Contains(text, ".."):
		return "An email address cannot have two periods in a row."
	}
	return ""
}

// isAtom reports whether a character is allowed before the @-sign: atext of RFC 5322, a period, or UTF-8 (RFC 6531).
func isAtom(r rune) bool {
	return r >= utf8.RuneSelf || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("_!#$%&'*+-/=?^`{|}~.", r)
}

// lengthProblem returns the reason why an address is too long, or "". It checks the address as it was sent, as it is stored, and
// with an ASCII domain.
func lengthProblem(original, normalized, ascii string) string {
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
	if over := len(normalized) - directory.MaxEmail; over > 0 {
		return "The email address is too long after normalization " + tooMany(over, "byte") + "."
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

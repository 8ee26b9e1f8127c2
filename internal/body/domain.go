package body

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/postern-go/postern/internal/directory"
)

// maxLabel is the maximum length of a label of a domain name, in bytes (RFC 1035, section 2.3.4).
const maxLabel = 63

// reserved lists the top-level domains that cannot receive mail (RFC 6761). Domains for examples, such as example.com, are not
// in the list.
var reserved = map[string]bool{"arpa": true, "invalid": true, "local": true, "localhost": true, "onion": true, "test": true}

// parseDomain returns the ASCII form and the Unicode form of the domain of an email address, or the reason why it is invalid.
func parseDomain(text string) (ascii, domain, why string) {
	switch {
	case text == "":
		return "", "", "There must be something after the @-sign."
	case oddCharacters(text, isHostname) != "":
		return "", "", "The part after the @-sign contains invalid characters: " + oddCharacters(text, isHostname) + "."
	}
	if why := unsafeProblem(text, false); why != "" {
		return "", "", why
	}
	if odd := oddCharacters(text, mappable); odd != "" {
		return "", "", "The part after the @-sign contains invalid characters: " + odd + "."
	}
	mapped, err := mapDomain(text)
	if err != nil {
		return "", "", "The part after the @-sign contains invalid characters (" + err.Error() + ")."
	}
	if odd := oddCharacters(mapped, isHostname); odd != "" {
		return "", "", "The part after the @-sign contains invalid characters after Unicode normalization: " + odd + "."
	}
	if why := labelProblem(mapped); why != "" {
		return "", "", why
	}
	if ascii, err = asciiDomain(mapped); err != nil {
		return "", "", "The part after the @-sign is invalid (" + err.Error() + ")."
	}
	if why := asciiProblem(ascii, text); why != "" {
		return "", "", why
	}
	if domain, err = unicodeDomain(ascii); err != nil {
		return "", "", "The part after the @-sign is not valid IDNA (" + err.Error() + ")."
	}
	return ascii, domain, unsafeProblem(domain, false)
}

// isHostname reports whether a domain may contain the character before the domain is normalized.
func isHostname(r rune) bool {
	return r >= utf8.RuneSelf || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.'
}

// mappable reports whether a domain may contain a visible character. It returns false for control characters, and for
// characters that map to a period, except for the full-width period.
func mappable(r rune) bool {
	if r >= 0x80 && r <= 0x9f {
		return false
	}
	d := norm.NFKD.PropertiesString(string(r)).Decomposition()
	return r == '．' || !strings.Contains(string(d), ".")
}

// literalProblem returns the reason why an IP address in brackets is rejected. Every such address is rejected.
func literalProblem(literal string) string {
	if literal != "" && strings.Trim(literal, "0123456789.") == "" {
		if why := ipv4Problem(literal); why != "" {
			return "The address in brackets after the @-sign is not valid: It is not an IPv4 address (" + why + ") or is missing an address literal tag."
		}
		return "A bracketed IP address after the @-sign is not allowed here."
	}
	if text, found := strings.CutPrefix(literal, "IPv6:"); found {
		if ip, err := netip.ParseAddr(text); err == nil && ip.Is6() {
			return "A bracketed IP address after the @-sign is not allowed here."
		}
		return "The IPv6 address in brackets after the @-sign is not valid (" + ipv6Problem(text) + ")."
	}
	if !strings.Contains(literal, ":") {
		return "The part after the @-sign in brackets is not an IPv4 address and has no address literal tag."
	}
	if odd := oddCharacters(literal, func(r rune) bool { return '!' <= r && r <= 'ú' }); odd != "" {
		return "The part after the @-sign contains invalid characters in brackets: " + odd + "."
	}
	return "The part after the @-sign contains an invalid address literal tag in brackets."
}

// labelProblem returns the reason why a domain has misplaced periods or hyphens, or "".
func labelProblem(domain string) string {
	const start, end = "An email address cannot have a %s immediately after the @-sign.", "An email address cannot end with a %s."
	if why := periodProblem(domain, fmt.Sprintf(start, "period"), fmt.Sprintf(end, "period")); why != "" {
		return why
	}
	switch {
	case strings.HasSuffix(domain, "-"):
		return fmt.Sprintf(end, "hyphen")
	case strings.HasPrefix(domain, "-"):
		return fmt.Sprintf(start, "hyphen")
	case strings.Contains(domain, ".-") || strings.Contains(domain, "-."):
		return "An email address cannot have a period and a hyphen next to each other."
	}
	for label := range strings.SplitSeq(domain, ".") {
		if start, _, found := strings.Cut(label, "--"); found && utf8.RuneCountInString(start) == 2 && !strings.EqualFold(start, "xn") {
			return "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode."
		}
	}
	return ""
}

// asciiProblem returns the reason why a domain is too long or has no valid top-level domain, or "". text is the domain as it was
// sent.
func asciiProblem(domain, text string) string {
	if over := len(domain) - directory.MaxDomain; over > 0 {
		if domain == text {
			return "The email address is too long after the @-sign " + tooMany(over, "character") + "."
		}
		return "The email address is too long after the @-sign " + strings.TrimSuffix(tooMany(over, "byte"), ")") + " after IDNA encoding)."
	}
	for label := range strings.SplitSeq(domain, ".") {
		if over := len(label) - maxLabel; over > 0 {
			return "After the @-sign, periods cannot be separated by so many characters " + tooMany(over, "character") + "."
		}
	}
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	switch last := rune(top[len(top)-1]); {
	case top == domain:
		return "The part after the @-sign is not valid. It should have a period."
	case !unicode.IsLetter(last):
		return "The part after the @-sign is not valid. It is not within a valid top-level domain."
	case reserved[top]:
		return "The part after the @-sign is a special-use or reserved name that cannot be used with email."
	}
	return ""
}

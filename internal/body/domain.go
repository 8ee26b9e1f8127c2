package body

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/postern-go/postern/internal/directory"
)

// maxLabel is the maximum length of a label of a domain name, in bytes (RFC 1035, section 2.3.4).
const maxLabel = 63

// domains normalizes domain names as UTS 46 specifies. It does not use transitional processing, which would turn ß into ss.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.BidiRule())

// reserved lists the top-level domains that cannot receive mail (RFC 6761). Domains for examples, such as example.com, are not
// in the list.
var reserved = map[string]bool{"arpa": true, "invalid": true, "local": true, "localhost": true, "onion": true, "test": true}

// parseDomain returns the ASCII form of the domain of an email address, or the reason why it is invalid.
func parseDomain(domain string) (ascii, why string) {
	if domain == "" {
		return "", "There must be something after the @-sign."
	}
	if strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]") {
		return "", literalProblem(domain[1 : len(domain)-1])
	}
	if odd := oddCharacters(domain, isHostname); odd != "" {
		return "", "The part after the @-sign contains invalid characters: " + odd + "."
	}
	if why := unsafeProblem(domain); why != "" {
		return "", why
	}
	mapped := strings.ToLower(domain)
	if strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) {
		mapped, _ = domains.ToUnicode(domain) // ToASCII below returns the same error
	}
	if why := labelProblem(mapped); why != "" {
		return "", why
	}
	ascii, err := domains.ToASCII(mapped)
	if err != nil || strings.ContainsFunc(mapped, unregistrable) {
		return "", "The part after the @-sign is invalid."
	}
	return ascii, asciiProblem(ascii)
}

// isHostname reports whether a domain may contain the character before the domain is normalized.
func isHostname(r rune) bool {
	return r >= utf8.RuneSelf || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.'
}

// unregistrable reports whether a character cannot be part of a domain although UTS 46 accepts it, such as an emoji.
func unregistrable(r rune) bool {
	return r != '-' && r != '.' && !unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// literalProblem returns the reason why an IP address in brackets is rejected. Every such address is rejected.
func literalProblem(literal string) string {
	if _, err := netip.ParseAddr(strings.TrimPrefix(literal, "IPv6:")); err != nil && !strings.Contains(literal, ":") {
		return "The part after the @-sign in brackets is not an IPv4 address and has no address literal tag."
	}
	return "A bracketed IP address after the @-sign is not allowed here."
}

// labelProblem returns the reason why a domain has misplaced periods or hyphens, or "".
func labelProblem(domain string) string {
	switch {
	case strings.HasSuffix(domain, "."):
		return "An email address cannot end with a period."
	case strings.HasPrefix(domain, "."):
		return "An email address cannot have a period immediately after the @-sign."
	case strings.Contains(domain, ".."):
		return "An email address cannot have two periods in a row."
	case strings.HasSuffix(domain, "-"):
		return "An email address cannot end with a hyphen."
	case strings.HasPrefix(domain, "-"):
		return "An email address cannot have a hyphen immediately after the @-sign."
	case strings.Contains(domain, ".-") || strings.Contains(domain, "-."):
		return "An email address cannot have a period and a hyphen next to each other."
	}
	for label := range strings.SplitSeq(domain, ".") {
		if start, rest, found := strings.Cut(label, "--"); found && rest != "" && utf8.RuneCountInString(start) == 2 && start != "xn" {
			return "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode."
		}
	}
	return ""
}

// asciiProblem returns the reason why a domain is too long or has no valid top-level domain, or "".
func asciiProblem(domain string) string {
	if over := len(domain) - directory.MaxDomain; over > 0 {
		return "The email address is too long after the @-sign " + tooMany(over, "character") + "."
	}
	for label := range strings.SplitSeq(domain, ".") {
		if over := len(label) - maxLabel; over > 0 {
			return "After the @-sign, periods cannot be separated by so many characters " + tooMany(over, "character") + "."
		}
	}
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	switch last := top[len(top)-1]; {
	case top == domain:
		return "The part after the @-sign is not valid. It should have a period."
	case last < 'a' || 'z' < last:
		return "The part after the @-sign is not valid. It is not within a valid top-level domain."
	case reserved[top]:
		return "The part after the @-sign is a special-use or reserved name that cannot be used with email."
	}
	return ""
}

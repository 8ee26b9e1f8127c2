package body

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// The limits of a domain, in bytes.
const (
	maxDomain = 253
	maxLabel  = 63
)

// domains maps names as UTS 46 does, and keeps ß and its like apart.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.BidiRule())

// reserved are the domains under which nobody receives mail (RFC 6761). Those for documentation are taken.
var reserved = map[string]bool{"arpa": true, "invalid": true, "local": true, "localhost": true, "onion": true, "test": true}

// parseDomain returns the ASCII form of what stands after the @-sign, or what is wrong with it.
func parseDomain(domain string) (ascii, why string) {
	if domain == "" {
		return "", "There must be something after the @-sign."
	}
	if strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]") {
		return "", literalFlaw(domain[1 : len(domain)-1])
	}
	if odd := oddCharacters(domain, isHostname); odd != "" {
		return "", "The part after the @-sign contains invalid characters: " + odd + "."
	}
	if why := unsafeFlaw(domain); why != "" {
		return "", why
	}
	mapped := strings.ToLower(domain)
	if strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) {
		mapped, _ = domains.ToUnicode(domain) // what is wrong with it, ToASCII says again
	}
	if why := labelFlaw(mapped); why != "" {
		return "", why
	}
	ascii, err := domains.ToASCII(mapped)
	if err != nil || strings.ContainsFunc(mapped, unregistrable) {
		return "", "The part after the @-sign is invalid."
	}
	return ascii, asciiFlaw(ascii)
}

// isHostname reports whether a character may stand in a domain before it is mapped.
func isHostname(r rune) bool {
	return r >= utf8.RuneSelf || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.'
}

// unregistrable reports whether no domain has such a character, though UTS 46 maps it: a smiley, for one.
func unregistrable(r rune) bool {
	return r != '-' && r != '.' && !unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// literalFlaw says what is wrong with an address in brackets, which is never taken.
func literalFlaw(literal string) string {
	if _, err := netip.ParseAddr(strings.TrimPrefix(literal, "IPv6:")); err != nil && !strings.Contains(literal, ":") {
		return "The part after the @-sign in brackets is not an IPv4 address and has no address literal tag."
	}
	return "A bracketed IP address after the @-sign is not allowed here."
}

// labelFlaw looks at periods and hyphens.
func labelFlaw(domain string) string {
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

// asciiFlaw looks at lengths, and at who could have the domain.
func asciiFlaw(domain string) string {
	if over := len(domain) - maxDomain; over > 0 {
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

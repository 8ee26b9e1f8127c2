package body

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// joiners checks the characters that join or separate letters (CONTEXTJ of RFC 5892).
var joiners = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.CheckJoiners(true))

// asciiHost converts a domain in a URL to ASCII, as UTS 46 specifies: all characters are allowed that its table maps. It reports
// false if the domain is invalid.
func asciiHost(text string) (string, bool) {
	if isASCII(text) && !strings.Contains(strings.ToLower(text), acePrefix) {
		return strings.ToLower(text), true
	}
	var b strings.Builder
	for _, r := range text {
		mapped, ok := mapRune(r)
		if !ok {
			return "", false
		}
		b.WriteString(mapped)
	}
	labels := strings.Split(norm.NFC.String(b.String()), ".")
	var ok bool
	for i, label := range labels {
		if labels[i], ok = unicodeLabel(label); !ok {
			return "", false
		}
	}
	rightToLeft := slices.ContainsFunc(labels, isRightToLeft)
	for i, label := range labels {
		if rightToLeft && label != "" && checkDirection(label) != nil {
			return "", false
		}
		if !isASCII(label) {
			if labels[i], ok = encodeHostLabel(label); !ok {
				return "", false
			}
		}
	}
	return strings.Join(labels, "."), true
}

// mapRune maps a character. It reports false if UTS 46 disallows it.
func mapRune(r rune) (string, bool) {
	if r < utf8.RuneSelf {
		return string(unicode.ToLower(r)), true
	}
	if slices.Contains([]rune("≠≮≯"), r) { // valid since Unicode 15.1
		return string(r), true
	}
	mapped, err := mapping.ToUnicode(string(r))
	return mapped, err == nil
}

// unicodeLabel decodes a label, if it is encoded, and checks it.
func unicodeLabel(label string) (string, bool) {
	if puny, found := strings.CutPrefix(label, acePrefix); found {
		decoded, err := idna.Punycode.ToUnicode(acePrefix + puny)
		if err != nil || puny == "" || !isASCII(puny) || isASCII(decoded) || !norm.NFC.IsNormalString(decoded) {
			return "", false
		}
		for _, r := range decoded {
			if mapped, ok := mapRune(r); !ok || mapped != string(r) {
				return "", false
			}
		}
		label = decoded
	}
	if first, _ := utf8.DecodeRuneInString(label); unicode.Is(unicode.M, first) {
		return "", false
	}
	if strings.ContainsFunc(label, isJoiner) {
		if _, err := joiners.ToASCII(label); err != nil {
			return "", false
		}
	}
	return label, true
}

func encodeHostLabel(label string) (string, bool) {
	encoded, err := encodePunycode(label)
	return encoded, err == nil
}

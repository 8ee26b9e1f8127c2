//lint:file-ignore ST1005 The texts are those of Python's idna, which Polar sends.

package body

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// The functions in this file convert domains with the rules of IDNA 2008 and the error texts of the Python library idna, which
// email-validator uses. golang.org/x/net/idna follows UTS 46, which accepts more characters, such as emoji.

// mapping applies the table of UTS 46 to one character.
var mapping = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.ValidateLabels(false), idna.CheckHyphens(false))

// mapDomain converts a domain to lower case and replaces full-width and similar characters, as UTS 46 specifies.
func mapDomain(text string) (string, error) {
	var b strings.Builder
	position := 0
	for _, r := range text {
		position++
		if r < utf8.RuneSelf {
			b.WriteRune(unicode.ToLower(r))
			continue
		}
		mapped, err := mapping.ToUnicode(string(r))
		if err != nil {
			return "", fmt.Errorf("Codepoint U+%04X not allowed at position %d in %s", r, position, pythonString(text))
		}
		b.WriteString(mapped)
	}
	return norm.NFC.String(b.String()), nil
}

const acePrefix = "xn--"

var errLabelTooLong = errors.New("Label too long")

// asciiDomain converts a mapped domain to ASCII. It only looks at the labels if the domain has other characters, as
// email-validator does.
func asciiDomain(domain string) (string, error) {
	if isASCII(domain) {
		return domain, nil
	}
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		check := func(label string) error { _, err := decodeLabel(label); return err }
		if !isASCII(label) {
			check = checkLabel
		}
		if err := check(label); err != nil {
			return "", err
		}
		if encoded, err := encodePunycode(label); err == nil {
			labels[i] = encoded
		}
		if len(labels[i]) > maxLabel {
			return "", errLabelTooLong
		}
	}
	return strings.Join(labels, "."), nil
}

// unicodeDomain converts an ASCII domain to Unicode.
func unicodeDomain(domain string) (string, error) {
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		decoded, err := decodeLabel(label)
		if err != nil {
			return "", err
		}
		labels[i] = decoded
	}
	return strings.Join(labels, "."), nil
}

// decodeLabel checks a label and converts it to Unicode.
func decodeLabel(label string) (string, error) {
	puny, found := strings.CutPrefix(strings.ToLower(label), acePrefix)
	switch {
	case !found:
		return label, checkLabel(label)
	case puny == "":
		return "", errors.New("Malformed A-label, no Punycode eligible content found")
	case strings.HasSuffix(puny, "-"):
		return "", errors.New("A-label must not end with a hyphen")
	}
	decoded, err := idna.Punycode.ToUnicode(acePrefix + puny)
	if err != nil {
		return "", errors.New("Invalid A-label")
	}
	if again, err := encodePunycode(decoded); err != nil || again != acePrefix+puny {
		return "", errors.New("A-label is not the canonical Punycode encoding of its U-label")
	}
	return decoded, checkLabel(decoded)
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

func encodePunycode(label string) (string, error) { return idna.Punycode.ToASCII(label) }

// checkLabel returns the first rule of IDNA 2008 that a label in Unicode breaks, or nil.
func checkLabel(label string) error {
	runes := []rune(label)
	switch {
	case len(runes) == 0:
		return errors.New("Empty Label")
	case len(runes) > 254:
		return errLabelTooLong
	case !norm.NFC.IsNormalString(label):
		return errors.New("Label must be in Normalization Form C")
	case len(runes) >= 4 && runes[2] == '-' && runes[3] == '-':
		return errors.New("Label has disallowed hyphens in 3rd and 4th position")
	case runes[0] == '-' || runes[len(runes)-1] == '-':
		return errors.New("Label must not start or end with a hyphen")
	case unicode.Is(unicode.M, runes[0]):
		return errors.New("Label begins with an illegal combining character")
	}
	for i, r := range runes {
		switch {
		case isJoiner(r):
			if i == 0 || norm.NFC.PropertiesString(string(runes[i-1])).CCC() != virama {
				return fmt.Errorf("Joiner U+%04X not allowed at position %d in %s", r, i+1, pythonString(label))
			}
		case contextual(r):
			if !inContext(runes, i) {
				return fmt.Errorf("Codepoint U+%04X not allowed at position %d in %s", r, i+1, pythonString(label))
			}
		case !registrable(r):
			return fmt.Errorf("Codepoint U+%04X at position %d of %s not allowed", r, i+1, pythonString(label))
		}
	}
	if !isRightToLeft(label) {
		return nil
	}
	return checkDirection(label)
}

const virama = 9 // the combining class of characters that join the ones around them

func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// contextual reports whether a character is only allowed next to certain others (CONTEXTO of RFC 5892).
func contextual(r rune) bool {
	return slices.Contains([]rune{0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB}, r) || 0x660 <= r && r <= 0x669 || 0x6F0 <= r && r <= 0x6F9
}

// inContext reports whether a contextual character is in an allowed place (RFC 5892, appendix A).
func inContext(label []rune, i int) bool {
	next, previous := rune(0), rune(0)
	if i+1 < len(label) {
		next = label[i+1]
	}
	if i > 0 {
		previous = label[i-1]
	}
	switch r := label[i]; {
	case r == 0xB7:
		return previous == 'l' && next == 'l'
	case r == 0x375:
		return unicode.Is(unicode.Greek, next)
	case r == 0x5F3 || r == 0x5F4:
		return unicode.Is(unicode.Hebrew, previous)
	case r == 0x30FB:
		return slices.ContainsFunc(label, func(r rune) bool {
			return r != 0x30FB && unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
		})
	case r <= 0x669:
		return !slices.ContainsFunc(label, func(r rune) bool { return 0x6F0 <= r && r <= 0x6F9 })
	}
	return !slices.ContainsFunc(label, func(r rune) bool { return 0x660 <= r && r <= 0x669 })
}

// registrable reports whether a character is allowed everywhere in a domain (PVALID of RFC 5892).
func registrable(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r == '-' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
	case slices.Contains([]rune{0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007}, r):
		return true
	case slices.Contains([]rune{0x640, 0x7FA, 0x302E, 0x302F, 0x303B}, r), 0x3031 <= r && r <= 0x3035:
		return false
	case 0x1100 <= r && r <= 0x11FF, 0xA960 <= r && r <= 0xA97C, 0xD7B0 <= r && r <= 0xD7FB: // letters of Old Hangul
		return false
	case 0x20D0 <= r && r <= 0x20FF, 0x1D100 <= r && r <= 0x1D24F: // combining symbols, musical symbols
		return false
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return false
	case !unicode.In(r, unicode.Ll, unicode.Lu, unicode.Lo, unicode.Nd, unicode.Lm, unicode.Mn, unicode.Mc):
		return false
	}
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(string(r)))) == string(r)
}

// directions are the classes of the characters that a label may have, by whether the label is written from right to
// left.
var directions = map[bool][]bidi.Class{
	true:  {bidi.R, bidi.AL, bidi.AN, bidi.EN, bidi.ES, bidi.CS, bidi.ET, bidi.ON, bidi.BN, bidi.NSM},
	false: {bidi.L, bidi.EN, bidi.ES, bidi.CS, bidi.ET, bidi.ON, bidi.BN, bidi.NSM},
}

// isRightToLeft reports whether a text has characters that are written from right to left.
func isRightToLeft(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		c := direction(r)
		return c == bidi.R || c == bidi.AL || c == bidi.AN
	})
}

func direction(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// checkDirection returns the first rule of RFC 5893 that a label breaks, or nil. The rules apply to labels for which isRightToLeft
// is true.
func checkDirection(label string) error {
	var classes []bidi.Class
	for _, r := range label {
		classes = append(classes, direction(r))
	}
	rightToLeft := classes[0] == bidi.R || classes[0] == bidi.AL
	if !rightToLeft && classes[0] != bidi.L {
		return fmt.Errorf("First codepoint in label %s must be directionality L, R or AL", pythonString(label))
	}
	ending, number := false, bidi.Class(0)
	for i, c := range classes {
		if !slices.Contains(directions[rightToLeft], c) {
			return fmt.Errorf("Invalid direction for codepoint at position %d in a %s label", i+1, map[bool]string{true: "right-to-left", false: "left-to-right"}[rightToLeft])
		}
		if c != bidi.NSM {
			ending = c == bidi.EN || rightToLeft && (c == bidi.R || c == bidi.AL || c == bidi.AN) || !rightToLeft && c == bidi.L
		}
		if rightToLeft && (c == bidi.AN || c == bidi.EN) {
			if number != 0 && number != c {
				return errors.New("Can not mix numeral types in a right-to-left label")
			}
			number = c
		}
	}
	if !ending {
		return errors.New("Label ends with illegal codepoint directionality")
	}
	return nil
}

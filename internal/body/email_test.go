package body_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
)

// readEmail reads an email address from a body. It returns the normalized address, or the reason of the validation error.
func readEmail(t *testing.T, address string) (normalized, why string) {
	t.Helper()
	text, _ := json.Marshal(map[string]string{"email": address})
	v, err := body.Parse("application/json", text)
	if err != nil {
		t.Fatalf("%q: %v", address, err)
	}
	in, err := body.ReadCustomerEmailUpdateRequest(v)
	if err == nil {
		return in.Email, ""
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Fields) != 1 {
		t.Fatalf("%q: %v", address, err)
	}
	why, found := strings.CutPrefix(f.Fields[0].Msg, "value is not a valid email address: ")
	if !found {
		t.Fatalf("%q: %v", address, err)
	}
	return "", why
}

func TestNormalizedEmail(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"Ada@Example.COM":              "Ada@example.com",
		" ada@example.com\t":           "ada@example.com",
		"Ada Lovelace <a@example.com>": "a@example.com",
		`"Ada, L." <a@example.com>`:    "a@example.com",
		"<a@example.com>":              "a@example.com",
		"INFO@example.com":             "info@example.com",
		"a\u0301@example.com":          "á@example.com", // composed (NFC)
		"a@mu\u0308nchen.de":           "a@münchen.de",
		"a@xn--mnchen-3ya.de":          "a@münchen.de",
		"a@ＥＸＡＭＰＬＥ.com":                "a@example.com",
		"a@example。com":                "a@example.com",
		"a@faß.de":                     "a@faß.de",
		"a+b@a-b.co.uk":                "a+b@a-b.co.uk",
		"用户@例え.jp":                     "用户@例え.jp",
	} {
		if got, why := readEmail(t, address); got != want {
			t.Errorf("%q is %q (%s), want %q", address, got, why, want)
		}
	}
}

func TestInvalidEmail(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                                      "An email address must have an @-sign.",
		"<>":                                    "An email address must have an @-sign.",
		"a＠example.com":                         `The email address has the "full-width" at-sign (@) character instead of a regular at-sign.`,
		"@example.com":                          "There must be something before the @-sign.",
		"a@":                                    "There must be something after the @-sign.",
		"a@example":                             "The part after the @-sign is not valid. It should have a period.",
		"a@example.c1":                          "The part after the @-sign is not valid. It is not within a valid top-level domain.",
		"a@b.test":                              "The part after the @-sign is a special-use or reserved name that cannot be used with email.",
		"a b@example.com":                       "The email address contains invalid characters before the @-sign: SPACE.",
		"a\u200b@example.com":                   "The email address contains unsafe characters: ZERO WIDTH SPACE.",
		"a@ex\u00admple.com":                    "The email address contains unsafe characters: SOFT HYPHEN.",
		"\u0301a@example.com":                   "The email address contains unsafe characters: COMBINING ACUTE ACCENT.",
		"a\x01@example.com":                     "The email address contains invalid characters before the @-sign: U+0001.",
		`"a"@example.com`:                       "Quoting the part before the @-sign is not allowed here.",
		`"a"b@example.com`:                      "Extra character(s) found after close quote: 'b'",
		`Foo(x) <a@example.com>`:                "The display name contains invalid characters when not quoted: '(', ')'.",
		"a@😀.com":                               "The part after the @-sign is invalid (Codepoint U+1F600 at position 1 of '😀' not allowed).",
		"a@1א.com":                              "The part after the @-sign is invalid (First codepoint in label '1א' must be directionality L, R or AL).",
		"a@xn--a.com":                           `The part after the @-sign is not valid IDNA (Codepoint U+0080 at position 1 of '\x80' not allowed).`,
		"a@ab--c.com":                           "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode.",
		"a@l·.com":                              "The part after the @-sign is invalid (Codepoint U+00B7 not allowed at position 2 in 'l·').",
		"a@[1.2.3.4]":                           "A bracketed IP address after the @-sign is not allowed here.",
		"a@[1.2.3]":                             "The address in brackets after the @-sign is not valid: It is not an IPv4 address (Expected 4 octets in '1.2.3') or is missing an address literal tag.",
		"a@[IPv6:::1]":                          "A bracketed IP address after the @-sign is not allowed here.",
		"a@" + strings.Repeat("a", 64) + ".com": "After the @-sign, periods cannot be separated by so many characters (1 character too many).",
		"a@" + strings.Repeat("é", 63) + ".com": "The part after the @-sign is invalid (Label too long).",
		strings.Repeat("a", 243) + "@example.com": "The email address is too long (1 character too many).",
		strings.Repeat("é", 122) + "@example.com": "The email address is too long (1-2 characters too many).",
	} {
		if got, why := readEmail(t, address); why != want {
			t.Errorf("%q is %q (%s), want %s", address, got, why, want)
		}
	}
}

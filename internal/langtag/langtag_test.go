package langtag_test

import (
	"testing"

	"github.com/postern-go/postern/internal/langtag"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en":                 "en",
		"EN":                 "en",
		"en_us":              "en-US",
		"EN-latn-us":         "en-US", // English is written in Latin letters by default
		"sr-latn":            "sr-Latn",
		"zh-hant-tw":         "zh-Hant-TW",
		"es-419":             "es-419",
		"iw":                 "he",
		"sh":                 "sr-Latn",
		"sh-QU":              "sr-Latn-EU",
		"de-dd":              "de-DE",
		"en-840":             "en-US",
		"zh-yue-hk":          "yue-HK",
		"zh-min-nan":         "nan",
		"zh-min-hant":        "nan-Hant-x-zh-min",
		"i-klingon":          "tlh",
		"en-gb-oed":          "en-GB-oxendict",
		"sgn-be-fr":          "sfb",
		"sl-rozaj-biske":     "sl-biske-rozaj",
		"de-1996-u-co-phone": "de-1996-u-co-phone",
		"en-a-bbb-x-a-ccc":   "en-a-bbb-x-a-ccc",
		"qaa":                "qaa",
		"tl":                 "fil",
	} {
		if got, ok := langtag.Canonical(tag); got != want || !ok {
			t.Errorf("%s is %q %v, want %s", tag, got, ok, want)
		}
	}
	for _, tag := range []string{
		"", " ", "e", "english", "xx", "root", "und", "und-US", "x-mine", "x", "en-", "-en", "en--us", " en", "en\x00", "é", "en.UTF-8", "C",
		"aa-BB-cc", "en-us-latn", "en-1234", "en-123", "en-u", "en-a-b-ccc", "en-a-bbb-a-ccc", "de-1901-1901", "sgn-ase-bfi", "abcdefghi",
		"en-x", "de-foo-bar", "en-12",
	} {
		if got, ok := langtag.Canonical(tag); ok {
			t.Errorf("%q is %q, want an error", tag, got)
		}
	}
}

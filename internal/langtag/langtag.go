// Package langtag validates language tags (BCP 47) and converts them to their canonical form, with the data of the Unicode CLDR.
// Its results are those of the Python library langcodes, which Polar uses.
package langtag

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// tag is a parsed language tag. Its language is "" if it is unknown ("und").
type tag struct {
	language, script, territory    string
	extlangs, variants, extensions []string
	private                        string
}

// Canonical returns the canonical form of a language tag: en-US for EN_latn-us, he for iw. It reports false if the tag is not well
// formed, if one of its subtags is not registered, or if it names no language, as und and x-mine do.
func Canonical(text string) (string, bool) {
	t, ok := read(text)
	if !ok || t.language == "" || strings.HasPrefix(t.language, "x-") || !t.valid() {
		return "", false
	}
	if cldr().scripts[t.language] == t.script {
		t.script = ""
	}
	return t.String(), true
}

// read parses a tag and replaces deprecated subtags. It reports false if the tag is not well formed.
func read(text string) (tag, bool) {
	if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return tag{}, false
	}
	text = strings.ReplaceAll(strings.ToLower(text), "_", "-")
	if replacement, ok := cldr().languages[text]; ok {
		text = strings.ToLower(replacement)
	}
	subtags := strings.Split(text, "-")
	if slices.ContainsFunc(subtags, func(s string) bool { return len(s) == 0 || len(s) > 8 || !consistsOf(s, isAlphanumeric) }) {
		return tag{}, false
	}
	first := subtags[0]
	switch {
	case first == "x" && len(subtags) > 1:
		return tag{language: text}, true
	case len(first) < 2 || len(first) > 4:
		return tag{}, false
	}
	t := tag{}
	if replacement, ok := cldr().languages[first]; ok {
		t, _ = read(replacement)
	} else if first != "und" {
		t.language = first
	}
	return t, t.rest(subtags[1:])
}

// The order of the subtags after the language.
const (
	extlangPlace = iota
	scriptPlace
	territoryPlace
	variantPlace
	extensionPlace
)

// rest adds the subtags after the language. It reports false if one of them is malformed or out of place.
func (t *tag) rest(subtags []string) bool {
	for at := extlangPlace; len(subtags) > 0; {
		s := subtags[0]
		place := placeOf(s)
		switch {
		case place < at:
			return false
		case place == extensionPlace:
			n := t.extension(subtags)
			if n == 0 {
				return false
			}
			subtags, at = subtags[n:], extensionPlace
			continue
		case place == extlangPlace:
			n := 1
			for n < min(3, len(subtags)) && len(subtags[n]) == 3 {
				n++
			}
			for _, s := range subtags[:n] {
				t.extlang(s)
			}
			subtags, at = subtags[n:], scriptPlace
			continue
		case place == scriptPlace:
			t.script, place = strings.ToUpper(s[:1])+s[1:], place+1
		case place == territoryPlace:
			t.territory, place = strings.ToUpper(s), place+1
			if replacement, ok := cldr().territories[s]; ok {
				t.territory = replacement
			}
		default:
			t.variants = append(t.variants, s)
		}
		subtags, at = subtags[1:], place
	}
	return true
}

// placeOf returns the place of a subtag, which follows from its length and its characters, or -1 if no subtag has this form.
func placeOf(s string) int {
	letters, digits := consistsOf(s, isLetter), consistsOf(s, isDigit)
	switch {
	case len(s) == 1:
		return extensionPlace
	case len(s) == 2 && letters, len(s) == 3 && digits:
		return territoryPlace
	case len(s) == 3 && letters:
		return extlangPlace
	case len(s) == 4 && letters:
		return scriptPlace
	case len(s) == 4 && isDigit(s[0]), len(s) > 4:
		return variantPlace
	}
	return -1
}

// extlang adds an extended language: zh-yue becomes yue.
func (t *tag) extlang(s string) {
	if replacement, ok := cldr().languages[t.language+"-"+s]; ok && t.language != "" {
		r, _ := read(replacement)
		t.language, t.private = r.language, r.private
		return
	}
	t.extlangs = append(t.extlangs, s)
}

// extension adds an extension, which starts with a subtag of one character, and returns the number of its subtags. It returns 0 if
// nothing follows that character.
func (t *tag) extension(subtags []string) int {
	n := 1
	for n < len(subtags) && (len(subtags[n]) != 1 || subtags[0] == "x") {
		n++
	}
	switch text := strings.Join(subtags[:n], "-"); {
	case n == 1:
		return 0
	case subtags[0] == "x":
		t.private = text
	default:
		t.extensions = append(t.extensions, text)
	}
	return n
}

// valid reports whether all subtags are registered and none is repeated.
func (t tag) valid() bool {
	var subtags []string
	for _, s := range append([]string{t.language, t.script, t.territory}, t.variants...) {
		if s == "" {
			continue
		}
		if !cldr().valid[s] {
			return false
		}
		subtags = append(subtags, s)
	}
	for _, s := range t.extensions {
		subtags = append(subtags, s[:2])
	}
	slices.Sort(subtags)
	return len(t.extlangs) <= 1 && len(slices.Compact(subtags)) == len(subtags)
}

// String returns the tag with the subtags in their canonical order.
func (t tag) String() string {
	slices.Sort(t.extlangs)
	slices.Sort(t.variants)
	parts := append([]string{t.language}, t.extlangs...)
	for _, s := range []string{t.script, t.territory} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	parts = append(append(parts, t.variants...), t.extensions...)
	if t.private != "" {
		parts = append(parts, t.private)
	}
	return strings.Join(parts, "-")
}

func isDigit(c byte) bool        { return '0' <= c && c <= '9' }
func isLetter(c byte) bool       { return 'a' <= c && c <= 'z' }
func isAlphanumeric(c byte) bool { return isDigit(c) || isLetter(c) }

func consistsOf(s string, of func(byte) bool) bool {
	for i := range len(s) {
		if !of(s[i]) {
			return false
		}
	}
	return true
}

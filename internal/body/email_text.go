package body

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// unsafeProblem returns an error text that lists the invisible characters of part, and its first character if that is
// a combining one. It returns "" if there are none. spaces allows white space.
func unsafeProblem(part string, spaces bool) string {
	var odd []rune
	for i, r := range part {
		switch {
		case unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S):
		case unicode.Is(unicode.M, r) && i > 0:
		case unicode.Is(unicode.Zs, r) && spaces:
		default:
			odd = append(odd, r)
		}
	}
	if odd == nil {
		return ""
	}
	slices.Sort(odd)
	var names []string
	for _, r := range slices.Compact(odd) {
		names = append(names, displayed(r))
	}
	return "The email address contains unsafe characters: " + strings.Join(names, ", ") + "."
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

// displayed formats a character for an error text: quoted if it is visible, otherwise its Unicode name, or its code point, such as U+E000, if it has no name.
func displayed(r rune) string {
	switch {
	case r == '\'' || r == '\\':
		return `"` + string(r) + `"`
	case unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S):
		return "'" + string(r) + "'"
	}
	if name := runenames.Name(r); name != "" && name[0] != '<' {
		return name
	}
	if r >= 0xFFFF {
		return fmt.Sprintf("U+%08X", r)
	}
	return fmt.Sprintf("U+%04X", r)
}

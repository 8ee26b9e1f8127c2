package directory

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// strokes replaces letters that Unicode does not decompose into a letter and an accent.
var strokes = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "æ", "ae", "œ", "oe", "ı", "i", "ħ", "h", "ŧ", "t")

// FoldText converts a text to the form in which names are searched: without case, accents and widths, so that "leila" finds
// "Leïla". Spaces are one space each.
func FoldText(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(cases.Fold().String(text)))
	// Folding again converts capital letters that the decomposition made, such as those in ℃.
	return strings.Join(strings.Fields(strokes.Replace(cases.Fold().String(text))), " ")
}

package token

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// maxTyped is the maximum length of typed text that NormalizeCode reads, in bytes. It allows for a pasted mail.
const maxTyped = 2048

// NormalizeCode returns the code in text that a customer typed or pasted. from and length are those of new codes.
//
// Upper and lower case, the width of letters, spaces, dashes and invisible characters do not matter. If the text has other words
// too, such as "Your code is K7WQ-2MXH", NormalizeCode returns the only part that can be a code of the length. Such a part is
// written in upper case, or has a digit. Its words can be separated by spaces.
//
// Otherwise, NormalizeCode returns all letters and digits together, so that codes of other lengths work too. It returns "" if the
// text has several parts that can be codes, has more letters and digits than a code, or is longer than 2,048 bytes. [CheckCode] accepts
// the result only if it is long enough.
func NormalizeCode(typed string, from Alphabet, length int) string {
	if len(typed) > maxTyped {
		return ""
	}
	groups := wordGroups(typed)
	var whole strings.Builder
	for _, words := range groups {
		for _, w := range words {
			whole.WriteString(strings.ToUpper(w))
		}
	}
	if whole.Len() == length {
		return whole.String()
	}
	for _, plausible := range []func(string) bool{writtenAsCode, hasDigit} {
		switch found := candidates(groups, from, length, plausible); len(found) {
		case 0:
		case 1:
			return found[0]
		default:
			return ""
		}
	}
	if whole.Len() > MaxCode {
		return ""
	}
	return whole.String()
}

// wordGroups returns the words of a text, as ASCII letters and digits. Words of a group have only spaces between them. Dashes and
// invisible characters within a word are dropped; all other characters end a group.
func wordGroups(text string) (groups [][]string) {
	var words []string
	var word strings.Builder
	endWord := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	endGroup := func() {
		if endWord(); words != nil {
			groups, words = append(groups, words), nil
		}
	}
	for _, r := range width.Fold.String(text) {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			word.WriteRune(r)
		case unicode.Is(unicode.Zs, r):
			endWord()
		case unicode.In(r, unicode.Pd, unicode.Cf), r == '\u2212', r == '\u30fc': // dashes, the minus sign, and the dash of Japanese keyboards
		default:
			endGroup()
		}
	}
	endGroup()
	return groups
}

// candidates returns the parts of a text that can be a code, in upper case and each once: one word or several consecutive words of
// a group. It stops after the second, because two are ambiguous already.
func candidates(groups [][]string, from Alphabet, length int, plausible func(string) bool) (found []string) {
	for _, words := range groups {
		for i := range words {
			part := ""
			for _, w := range words[i:] {
				if part += w; len(part) >= length {
					break
				}
			}
			code := strings.ToUpper(part)
			if len(part) != length || !plausible(part) || strings.Trim(code, string(from)) != "" || slices.Contains(found, code) {
				continue
			}
			if found = append(found, code); len(found) == 2 {
				return found
			}
		}
	}
	return found
}

// writtenAsCode reports whether a part of a text is written as in the mail, without lower-case letters.
func writtenAsCode(part string) bool { return strings.ToUpper(part) == part }

func hasDigit(part string) bool { return strings.ContainsAny(part, "0123456789") }

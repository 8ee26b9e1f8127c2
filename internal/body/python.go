package body

import (
	"fmt"
	"strings"
	"unicode"
)

// python returns the value as Python's repr prints it. Some of Pydantic's error texts contain values in this form.
func (v Value) python() string {
	var parts []string
	switch v.kind {
	case boolKind:
		return strings.ToUpper(v.text[:1]) + v.text[1:]
	case intKind:
		return v.text
	case floatKind:
		return string(v.json())
	case stringKind:
		return pythonString(v.text)
	case arrayKind:
		for _, item := range v.items {
			parts = append(parts, item.python())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case objectKind:
		for i, item := range v.items {
			parts = append(parts, pythonString(v.names[i])+": "+item.python())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "None"
}

// pythonString returns a text as Python's repr prints it: in single quotes, unless it contains single quotes and no double quotes.
func pythonString(text string) string {
	quote := '\''
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range text {
		switch {
		case r == quote || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case strings.ContainsRune("\t\n\r", r):
			b.WriteString(map[rune]string{'\t': `\t`, '\n': `\n`, '\r': `\r`}[r])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xFF:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

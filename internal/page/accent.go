package page

import (
	"fmt"
	"strings"

	"github.com/postern-go/postern/internal/accent"
)

// AccentSheet returns the address of the style sheet of an accent color such as "#1a5fd0", or "" if the text is not a color.
func AccentSheet(text string) string {
	if c, ok := accent.Parse(text); ok {
		return accentAddress(c)
	}
	return ""
}

func accentAddress(c accent.Color) string {
	return "accent-" + strings.TrimPrefix(c.String(), "#") + ".css"
}

// accentSheet returns the style sheet with the colors that are derived from an accent color.
func accentSheet(c accent.Color) string {
	const rules = "--accent:%s;--on-accent:%s;--accent-ink:%s;--accent-edge:%[3]s"
	p := c.Palette()
	light := fmt.Sprintf(rules, p.Fill, p.OnFill, p.OnLight)
	dark := fmt.Sprintf(rules, p.Fill, p.OnFill, p.OnDark)
	return ":root{" + light + "}\n@media (prefers-color-scheme:dark){:root{" + dark + "}}\n"
}

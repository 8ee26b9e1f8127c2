package design

import (
	"fmt"
	"strings"

	"github.com/postern-go/postern/internal/accent"
)

// AccentSheet is the name under which [Files] serve the sheet of an accent, "#1a5fd0"; "" for what is no colour.
func AccentSheet(text string) string {
	if c, ok := accent.Parse(text); ok {
		return sheetName(c)
	}
	return ""
}

func sheetName(c accent.Color) string {
	return "accent-" + strings.TrimPrefix(c.String(), "#") + ".css"
}

// sheet is the style sheet of an organization's accent.
func sheet(c accent.Color) string {
	const rules = "--accent:%s;--on-accent:%s;--accent-ink:%s;--accent-edge:%[3]s"
	p := c.Palette()
	light := fmt.Sprintf(rules, p.Fill, p.OnFill, p.OnLight)
	dark := fmt.Sprintf(rules, p.Fill, p.OnFill, p.OnDark)
	return ":root{" + light + "}\n@media (prefers-color-scheme:dark){:root{" + dark + "}}\n"
}

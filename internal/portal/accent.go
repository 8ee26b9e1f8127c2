package portal

import (
	"fmt"
	"strings"

	"github.com/postern-go/postern/internal/accent"
)

// accentSheet is the style sheet of an organization's accent.
func accentSheet(c accent.Color) string {
	const rules = "--accent:%s;--on-accent:%s;--accent-ink:%s;--accent-edge:%[3]s"
	p := c.Palette()
	light := fmt.Sprintf(rules, p.Fill, p.OnFill, p.OnLight)
	dark := fmt.Sprintf(rules, p.Fill, p.OnFill, p.OnDark)
	return ":root{" + light + "}\n@media (prefers-color-scheme:dark){:root{" + dark + "}}\n"
}

// accentName is the name of the sheet as a file.
func accentName(c accent.Color) string {
	return "accent-" + strings.TrimPrefix(c.String(), "#") + ".css"
}

package page

import (
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/accent"
)

// inks reads four colors from a style sheet: text in the accent color on light and on dark backgrounds, text on the accent, and
// the accent as a background.
func inks(t *testing.T, sheet string) (light, dark, over, ground accent.Color) {
	t.Helper()
	read := func(text, name string) accent.Color {
		m := regexp.MustCompile(`--` + name + `: ?#([0-9a-f]{6})`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no --%s in %s", name, text)
		}
		c, _ := accent.Parse("#" + m[1])
		return c
	}
	before, after, _ := strings.Cut(sheet, "prefers-color-scheme")
	return read(before, "accent-ink"), read(after, "accent-ink"), read(before, "on-accent"), read(before, "accent")
}

// The style sheet of an accent has the colors of its palette.
func TestAccentSheet(t *testing.T) {
	for _, text := range []string{"#facc15", "#1a5fd0", "#777777", "#000000"} {
		c, _ := accent.Parse(text)
		light, dark, over, fill := inks(t, accentSheet(c))
		if got := (accent.Palette{Fill: fill, OnFill: over, OnLight: light, OnDark: dark}); got != c.Palette() {
			t.Errorf("%s has the sheet %s", text, accentSheet(c))
		}
	}
}

// The shared style sheet has the colors of the default accent.
func TestStyleSheetHasDefaultAccent(t *testing.T) {
	text, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, over, fill := inks(t, string(text))
	if l, d, o, f := inks(t, accentSheet(accent.Default)); light != l || dark != d || over != o || fill != f {
		t.Errorf("style.css has %s %s %s %s, want %s %s %s %s", light, dark, over, fill, l, d, o, f)
	}
}

// In the shared style sheet, every pair of text and background colors has enough contrast.
func TestStyleSheetHasEnoughContrast(t *testing.T) {
	text, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(string(text), "prefers-color-scheme: dark")
	after, _, _ = strings.Cut(after, "}\n}")
	for _, sheet := range []string{before, after} {
		colors := map[string]accent.Color{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})`).FindAllStringSubmatch(sheet, -1) {
			colors[m[1]], _ = accent.Parse("#" + m[2])
		}
		for _, pair := range []string{
			"ink/ground", "ink/card", "ink/sunken", "soft/ground", "soft/card", "soft/sunken", "good/good-soft", "warn/warn-soft",
			"bad/bad-soft", "bad/card", "bad/ground", "accent-ink/ground", "accent-ink/card", "accent-ink/sunken",
		} {
			words, ground, _ := strings.Cut(pair, "/")
			if got := accent.Contrast(colors[words], colors[ground]); got < 4.5 {
				t.Errorf("%s: %.2f", pair, got)
			}
		}
		if got := accent.Contrast(colors["edge"], colors["card"]); got < 3 {
			t.Errorf("the border of an input: %.2f", got)
		}
	}
}

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every page of the storybook fits screens from 320 to 1,920 pixels in every language, with and without scripts, with all forms opened.
// In Arabic, which is written from right to left, it passes axe.
func TestFieldStorybook(t *testing.T) {
	t.Parallel()
	installAxe(t)
	axe, err := os.ReadFile(filepath.Join("axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	book := storybook(t)
	all := stories(t, book, newTab(t, desktop, true))
	for _, script := range []bool{true, false} {
		name := map[bool]string{true: "with scripts", false: "without scripts"}[script]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, narrow, script)
			b.prefer("light")
			for story, address := range all {
				for _, language := range []string{"en", "de", "fr", "es", "ja", "ar"} {
					b.resize(narrow)
					b.open(strings.Replace(address, "locale=en", "locale="+language, 1))
					get[bool](b, "document.querySelectorAll('details').forEach(e => e.open = true) || true")
					for _, width := range []int64{320, 360, 768, 1280, 1920} {
						b.resize(screen{width, 800, width < 768})
						if over := get[[]string](b, wider); len(over) > 0 {
							t.Errorf("%s in %s at %d pixels is wider than the screen: %s", story, language, width, over)
						}
					}
					if problems := get[[]string](b, crooked); len(problems) > 0 {
						t.Errorf("%s in %s: %s", story, language, problems)
					}
					if script && language == "ar" {
						get[bool](b, string(axe)+";true")
						for _, violation := range violations(b) {
							t.Errorf("%s in %s: %s", story, language, violation)
						}
					}
				}
			}
		})
	}
}

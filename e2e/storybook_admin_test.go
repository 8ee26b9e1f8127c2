package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Every page of the operators' storybook passes axe (WCAG 2.1 AA and best practices) on a phone and on a desktop, and fits every screen
// from 320 to 1,920 pixels, with and without scripts.
func TestFieldStorybookOfOperators(t *testing.T) {
	t.Parallel()
	installAxe(t)
	axe, err := os.ReadFile(filepath.Join("axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	book := storybook(t)
	b := newTab(t, phone, true)
	all := storiesAt(t, book, b, "/dev/admin-pages", 25)
	plain := newTab(t, narrow, false)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.open(all[name])
		get[bool](b, "for (const d of document.querySelectorAll('details')) d.open = true; true")
		get[bool](b, string(axe)+";true")
		for _, look := range []struct {
			screen screen
			scheme string
		}{{phone, "light"}, {desktop, "dark"}} {
			b.resize(look.screen)
			b.prefer(look.scheme)
			for _, violation := range violations(b) {
				t.Errorf("%s, %s: %s", name, look.scheme, violation)
			}
		}
		for _, width := range []int64{320, 768, 1920} {
			b.resize(screen{width, 900, width < 700})
			if over := get[[]string](b, wider); len(over) > 0 {
				t.Errorf("%s is wider than %d pixels: %s", name, width, over)
			}
		}
		plain.open(all[name])
	}
}

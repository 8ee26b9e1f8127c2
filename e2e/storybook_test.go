package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// installAxe installs what finds out whether everybody can use a page.
var installAxe = npmInstaller("axe")

// storybook is a server that shows every page in every state.
func storybook(t *testing.T) *server {
	t.Helper()
	h := home{env: []string{"TMPDIR=" + t.TempDir()}}
	return start(t, h.postern(context.Background(), "dev", "--listen", "127.0.0.1:0"))
}

// stories are the addresses of all pages, by their names.
func stories(t *testing.T, s *server, b *tab) map[string]string {
	t.Helper()
	b.open(s.url + "/dev/pages?locale=en")
	all := map[string]string{}
	for _, address := range get[[]string](b, "[...document.querySelectorAll('section a')].map(a => a.href)") {
		name, _, _ := strings.Cut(filepath.Base(address), "?")
		all[name] = address
	}
	if len(all) < 50 {
		t.Fatalf("only %d pages are in the storybook\n%s", len(all), b)
	}
	return all
}

// each visits every story, with as many windows as there are hands to turn pages.
func each(t *testing.T, s screen, visit func(t *testing.T, b *tab, name, address string)) {
	book := storybook(t)
	all := stories(t, book, newTab(t, s, true))
	names := slices.Sorted(maps.Keys(all))
	const hands = 2
	t.Run("pages", func(t *testing.T) {
		for hand := range hands {
			t.Run(fmt.Sprint("window ", hand+1), func(t *testing.T) {
				t.Parallel()
				b := newTab(t, s, true)
				for i, name := range names {
					if i%hands == hand {
						visit(t, b, name, all[name])
					}
				}
			})
		}
	})
}

// looks are how a page is looked at. Each screen and each scheme has its turn; the other pairs have theirs where pictures are taken,
// which is seldom, because axe takes its time.
var looks = []struct {
	name   string
	screen screen
	scheme string
	// withPictures is a pair that is looked at when pictures are taken.
	withPictures bool
}{
	{"phone light", phone, "light", false}, {"phone dark", phone, "dark", true},
	{"desktop light", desktop, "light", true}, {"desktop dark", desktop, "dark", false},
}

// Everybody can use every page of the storybook: axe finds nothing, by its rules for WCAG 2.1 AA and its own; nothing moves
// for who prefers that; and it fits the narrowest phone.
func TestStorybookForEverybody(t *testing.T) {
	t.Parallel()
	installAxe(t)
	axe, err := os.ReadFile(filepath.Join("axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	each(t, phone, func(t *testing.T, b *tab, name, address string) {
		b.open(address)
		get[bool](b, string(axe)+";true")
		for _, look := range looks {
			if look.withPictures && *pictures == "" {
				continue
			}
			b.resize(look.screen)
			b.prefer(look.scheme)
			for _, violation := range violations(b) {
				t.Errorf("%s, %s: %s", name, look.name, violation)
			}
			if *pictures != "" {
				takePicture(t, b, look.screen, filepath.Join(*pictures, strings.ReplaceAll(look.name, " ", "-"), name+".png"))
			}
		}
		if moving := get[[]string](b, moving); len(moving) > 0 {
			t.Errorf("%s moves: %s", name, moving)
		}
		b.resize(narrow)
		if over := get[[]string](b, wider); len(over) > 0 {
			t.Errorf("%s is wider than the screen: %s", name, over)
		}
	})
}

// audit asks axe. It looks at the styles that the page has, and loads none again: the page's policy lets no script ask for anything.
const audit = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"], preload: false,
}).then(found => {
	if (found.passes.length + found.violations.length < 10) throw new Error("axe has looked at next to nothing");
	return found.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html + " " + n.failureSummary));
})`

func violations(b *tab) []string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](audit, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("axe: %v\n%s", err, b)
	}
	return found
}

// What a page says in another language fits as well: in the one with the longest words, and in one without spaces.
func TestStorybookInOtherLanguages(t *testing.T) {
	t.Parallel()
	each(t, narrow, func(t *testing.T, b *tab, name, address string) {
		for _, language := range []string{"de", "ja"} {
			b.open(strings.Replace(address, "locale=en", "locale="+language, 1))
			if got := get[string](b, "document.documentElement.lang"); got != language {
				t.Fatalf("%s is in %q", name, got)
			}
			if over := get[[]string](b, wider); len(over) > 0 {
				t.Errorf("%s in %s is wider than the screen: %s", name, language, over)
			}
		}
	})
}

// wider are the elements that make a page scroll sideways.
const wider = `(() => {
	const width = document.documentElement.clientWidth;
	if (document.scrollingElement.scrollWidth <= width) return [];
	const over = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width + 0.5);
	return over.length ? over.map(e => e.outerHTML.slice(0, 100)) : ["something that has no box"];
})()`

// moving are the elements that would go from one look to another in their time.
const moving = `[...document.querySelectorAll("*")].filter(e => {
	const s = getComputedStyle(e);
	return s.transitionProperty !== "none" && s.transitionDuration.split(", ").some(d => parseFloat(d) > 0) || s.animationName !== "none";
}).map(e => e.outerHTML.slice(0, 100))`

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

// installAxe installs the accessibility checker axe.
var installAxe = npmInstaller("axe")

// storybook starts a server that shows every page in every state.
func storybook(t *testing.T) *server {
	t.Helper()
	c := config{env: []string{"TMPDIR=" + t.TempDir()}}
	return start(t, c.command(context.Background(), "dev", "--listen", "127.0.0.1:0"))
}

// stories returns the URLs of all pages of the portal's storybook, by name.
func stories(t *testing.T, s *server, b *tab) map[string]string {
	t.Helper()
	return storiesAt(t, s, b, "/dev/pages?locale=en", 50)
}

// storiesAt returns the URLs of all pages of the storybook at a path, by name. There must be at least as many pages.
func storiesAt(t *testing.T, s *server, b *tab, path string, atLeast int) map[string]string {
	t.Helper()
	b.open(s.url + path)
	all := map[string]string{}
	for _, address := range get[[]string](b, "[...document.querySelectorAll('section a')].map(a => a.href)") {
		name, _, _ := strings.Cut(filepath.Base(address), "?")
		all[name] = address
	}
	if len(all) < atLeast {
		t.Fatalf("the storybook at %s has only %d pages\n%s", path, len(all), b)
	}
	return all
}

// each opens every page of the storybook, with two tabs in parallel.
func each(t *testing.T, s screen, visit func(t *testing.T, b *tab, name, address string)) {
	book := storybook(t)
	all := stories(t, book, newTab(t, s, true))
	names := slices.Sorted(maps.Keys(all))
	const tabs = 2
	t.Run("pages", func(t *testing.T) {
		for n := range tabs {
			t.Run(fmt.Sprint("tab ", n+1), func(t *testing.T) {
				t.Parallel()
				b := newTab(t, s, true)
				for i, name := range names {
					if i%tabs == n {
						visit(t, b, name, all[name])
					}
				}
			})
		}
	})
}

// looks are the combinations of screen and color scheme. To save time, two of them are only checked when screenshots are taken.
var looks = []struct {
	name   string
	screen screen
	scheme string
	// withPictures selects combinations that are only checked when screenshots are taken.
	withPictures bool
}{
	{"phone light", phone, "light", false}, {"phone dark", phone, "dark", true},
	{"desktop light", desktop, "light", true}, {"desktop dark", desktop, "dark", false},
}

// Every page of the storybook passes axe (WCAG 2.1 AA and best practices), has no animations if the user prefers reduced motion,
// and fits the narrowest phone.
func TestStorybookAccessibility(t *testing.T) {
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
		for _, problem := range get[[]string](b, crooked) { // the last look has two columns
			t.Errorf("%s: %s", name, problem)
		}
		if moving := get[[]string](b, moving); len(moving) > 0 {
			t.Errorf("%s has animations: %s", name, moving)
		}
		b.resize(narrow)
		if over := get[[]string](b, wider); len(over) > 0 {
			t.Errorf("%s is wider than the screen: %s", name, over)
		}
	})
}

// audit runs axe. It must not preload styles, because the Content-Security-Policy of the page forbids requests from scripts.
const audit = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"], preload: false,
}).then(found => {
	if (found.passes.length + found.violations.length < 10) throw new Error("axe ran fewer than 10 rules");
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

// Pages fit narrow screens in German, which has the longest words, in Japanese, which has no spaces, and in Arabic, which is written from right to left.
func TestStorybookInOtherLanguages(t *testing.T) {
	t.Parallel()
	each(t, narrow, func(t *testing.T, b *tab, name, address string) {
		for _, language := range []string{"de", "ja", "ar"} {
			b.open(strings.Replace(address, "locale=en", "locale="+language, 1))
			if got := get[string](b, "document.documentElement.lang"); got != language {
				t.Fatalf("language of %s is %q", name, got)
			}
			if over := get[[]string](b, wider); len(over) > 0 {
				t.Errorf("%s in %s is wider than the screen: %s", name, language, over)
			}
			if hidden := get[[]string](b, offScreen); len(hidden) > 0 {
				t.Errorf("%s in %s does not show the tab of the page: %s", name, language, hidden)
			}
		}
	})
}

// wider returns the elements that make a page scroll horizontally.
const wider = `(() => {
	const width = document.documentElement.clientWidth;
	if (document.scrollingElement.scrollWidth <= width) return [];
	const over = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width + 0.5 || document.documentElement.dir === "rtl" && e.getBoundingClientRect().left < -0.5);
	return over.length ? over.map(e => e.outerHTML.slice(0, 100)) : ["an element without a box"];
})()`

// offScreen returns the tab of the current page if it is not completely on the screen.
const offScreen = `[...document.querySelectorAll("nav.pages [aria-current]")].filter(e => {
	const r = e.getBoundingClientRect();
	return r.left < 0 || r.right > document.documentElement.clientWidth;
}).map(e => e.outerHTML)`

// crooked opens all details elements. It returns pairs of inputs that are not on one line, and controls that touch each other.
const crooked = `(() => {
	for (const e of document.querySelectorAll("details")) e.open = true;
	const found = [];
	for (const pair of document.querySelectorAll(".pair")) {
		const tops = [...pair.querySelectorAll("input, select")].map(e => e.getBoundingClientRect().top);
		if (tops.some(t => Math.abs(t - tops[0]) > 0.5)) found.push("a pair of inputs is not on one line: " + pair.querySelector("input, select").id);
	}
	const boxes = [...document.querySelectorAll("main :is(input, select, button, a.button)")].filter(e => e.checkVisibility() && !e.closest(".code")).map(e => [e, e.getBoundingClientRect()]);
	for (const [a, r] of boxes) for (const [b, s] of boxes) {
		const beside = r.right <= s.left || s.right <= r.left;
		if (a !== b && !beside && s.top >= r.top && s.top < r.bottom + 4) found.push("controls touch each other: " + a.outerHTML.slice(0, 80) + " and " + b.outerHTML.slice(0, 80));
	}
	return found;
})()`

// moving returns the elements with transitions or animations.
const moving = `[...document.querySelectorAll("*")].filter(e => {
	const s = getComputedStyle(e);
	return s.transitionProperty !== "none" && s.transitionDuration.split(", ").some(d => parseFloat(d) > 0) || s.animationName !== "none";
}).map(e => e.outerHTML.slice(0, 100))`

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// The tab key reaches every control, and the focus is visible.
func TestStorybookByKeyboard(t *testing.T) {
	t.Parallel()
	book := storybook(t)
	for _, s := range []struct {
		name   string
		screen screen
	}{{"phone", phone}, {"desktop", desktop}} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, s.screen, true)
			all := stories(t, book, b)
			b.prefer("light")
			for _, name := range []string{
				"request-wrong", "code-sent", "code-long", "choose", "verify-email", "overview-ending", "overview-return", "settings-wrong",
				"team", "team-large", "team-remove", "sessions", "problem-missing",
			} {
				if all[name] == "" {
					t.Fatalf("the storybook has no page %s", name)
				}
				b.open(all[name])
				b.tabsThroughPage(name)
			}
		})
	}
}

// stops returns the names of all controls on the page. It opens the first details element.
const stops = `(() => {
	document.querySelector("details")?.setAttribute("open", "");
	window.named = e => e.tagName + "#" + e.id + " " + (e.name ?? "") + " " + (e.getAttribute("aria-label") ?? e.innerText ?? "").trim() + " " + (e.getAttribute("href") ?? "");
	return [...document.querySelectorAll("a[href], button, input, select, summary")].filter(e => e.checkVisibility() && !e.disabled).map(named);
})()`

// focus returns the focused element and whether the focus is visible.
const focus = `(() => {
	const e = document.activeElement;
	if (e === document.body) return {Name: ""};
	const drawn = e => { const s = getComputedStyle(e); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== "none" };
	const r = e.getBoundingClientRect(), cells = e.id === "code" ? [...document.querySelectorAll(".cells i")] : [];
	return {
		Name: named(e), Drawn: drawn(e) || cells.some(drawn),
		OnScreen: r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
	};
})()`

// tabsThroughPage presses the tab key until it has been through the whole page.
func (b *tab) tabsThroughPage(name string) {
	b.t.Helper()
	want := get[[]string](b, stops)
	if len(want) < 5 {
		b.t.Fatalf("%s has only the controls %q", name, want)
	}
	var reached []string
	for range 2*len(want) + 2 { // the focus can start anywhere
		b.press(kb.Tab)
		at := get[struct {
			Name            string
			Drawn, OnScreen bool
		}](b, focus)
		if at.Name == "" {
			continue // the focus is on the document
		}
		if !at.Drawn || !at.OnScreen {
			b.t.Errorf("%s: the focus on %s is not visible: %+v", name, at.Name, at)
		}
		reached = append(reached, at.Name)
	}
	for _, stop := range want {
		if !slices.Contains(reached, stop) {
			b.t.Errorf("%s: the tab key does not reach %s", name, stop)
		}
	}
}

// signsInByKeyboard signs in, skips the navigation, and signs out with the keyboard only.
func (v *visitor) signsInByKeyboard() {
	email := v.newEmail("ada")
	v.createIndividual(v.t, v.org, "Ada", email)
	v.open(at(v.org, ""))
	v.press(email) // the email field has the focus
	v.navigate(func() { v.press(kb.Enter) })
	v.wantURL(at(v.org, "/authenticate"))
	code := v.code(v.t, email)
	keys := strings.ToLower(code)
	if !v.script {
		keys += kb.Enter
	}
	v.navigate(func() { v.press(keys) })
	v.wantURL(at(v.org, "/overview"))

	v.press(kb.Tab)
	if got := get[string](v.tab, "document.activeElement.innerText"); got != "Skip to content" {
		v.t.Errorf("the first control is %q", got)
	}
	if left := get[float64](v.tab, "document.activeElement.getBoundingClientRect().left"); left < 0 {
		v.t.Error("the first control is not visible")
	}
	v.press(kb.Enter)
	v.await("document.activeElement.id === 'main'")
	v.press(kb.Tab)
	if !get[bool](v.tab, "document.getElementById('main').contains(document.activeElement)") {
		v.t.Error("the control after the skip link is not in the content")
	}

	for range 30 {
		if v.press(kb.Tab); get[bool](v.tab, "document.activeElement.innerText === 'Sign out'") {
			break
		}
	}
	token := v.token()
	v.navigate(func() { v.press(kb.Enter) })
	v.wantURL(at(v.org, "/request"))
	v.wantEnded(v.t, token)
}

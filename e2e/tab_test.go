package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screen is the size of a screen.
type screen struct {
	width, height int64
	mobile        bool
}

var (
	phone   = screen{390, 844, true}
	desktop = screen{1280, 900, false}
	narrow  = screen{320, 640, true}
)

// tab is a tab of the browser. It fails its test if the page violates its Content-Security-Policy or a script throws an exception.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// newTab opens a tab that shares no cookies with others.
func newTab(t *testing.T, s screen, script bool) *tab {
	t.Helper()
	chromium.start(t)
	b := &tab{t: t}
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.record))
	t.Cleanup(func() {
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, problem := range b.problems {
			t.Error(problem)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open tab: %v", err)
	}
	b.ctx = ctx
	call(b, audits.Enable, cdp.Empty{})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
	b.resize(s)
	return b
}

// call sends a command of the Chrome DevTools Protocol and returns the result.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	answer, err := chromedp.Call(ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return answer
}

// record stores the problems that the browser reports. Failed requests are not problems.
func (b *tab) record(event any) {
	problem := ""
	switch e := event.(type) {
	case *audits.EventIssueAdded:
		if csp := e.Issue.Details.ContentSecurityPolicyIssueDetails; csp != nil {
			problem = fmt.Sprintf("the page violates %s of its policy with %q", csp.ViolatedDirective, csp.BlockedURL)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			problem = fmt.Sprintf("the browser reports %s: %s", e.Entry.Source, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		problem = "the script of the page throws: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			problem += " " + e.ExceptionDetails.Exception.Description
		}
	}
	if problem != "" {
		b.mu.Lock()
		b.problems = append(b.problems, problem)
		b.mu.Unlock()
	}
}

// ignore drops the problems that contain a text.
func (b *tab) ignore(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = slices.DeleteFunc(b.problems, func(problem string) bool { return strings.Contains(problem, text) })
}

func (b *tab) resize(s screen) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.mobile,
	})
}

// prefer sets the preferred color scheme, and reduced motion so that no animation is in progress during checks.
func (b *tab) prefer(scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// eval evaluates an expression on the page. It works even if scripts are disabled for the page.
func eval[T any](b *tab, expression string) (value T, err error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

func get[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := eval[T](b, expression)
	if err != nil {
		b.t.Fatalf("%s: %v\n%s", expression, err, b)
	}
	return value
}

// await waits until a condition is true on the page. Errors are ignored until the timeout, because the page may be loading.
func (b *tab) await(condition string) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var holds bool
		if holds, err = eval[bool](b, "!!("+condition+")"); err == nil && holds {
			return
		}
	}
	b.t.Fatalf("timeout waiting for %s (%v)\n%s", condition, err, b)
}

// String returns the URL and the text of the page, for error messages.
func (b *tab) String() string {
	text, err := eval[string](b, "location.href + '\\n' + document.title + '\\n' + document.body.innerText")
	if err != nil {
		return err.Error()
	}
	return text
}

// navigate calls lead, which must start a navigation, and waits until the new page is loaded.
func (b *tab) navigate(lead func()) {
	b.t.Helper()
	get[bool](b, "document.left = true")
	lead()
	b.await("!document.left && document.readyState === 'complete'")
}

// open navigates to a URL.
func (b *tab) open(address string) {
	b.t.Helper()
	b.navigate(func() {
		if to := call(b, page.Navigate, page.NavigateParams{URL: address}); to.ErrorText != "" {
			b.t.Fatalf("%s: %s", address, to.ErrorText)
		}
	})
}

// follow clicks on an element that leads to another page, and waits for it.
func (b *tab) follow(selector string) {
	b.t.Helper()
	b.navigate(func() { b.click(selector) })
}

// click clicks on the middle of an element, which must be visible and not covered.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.await(element(selector) + "?.checkVisibility()")
	at := get[struct {
		X, Y    float64
		Covered string
	}](b, `(() => {
		const e = `+element(selector)+`;
		e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
		return {X: x, Y: y, Covered: top && e.contains(top) ? "" : top ? top.outerHTML : "nothing"};
	})()`)
	if at.Covered != "" {
		b.t.Fatalf("%s is covered by %s\n%s", selector, at.Covered, b)
	}
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		call(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// press presses keys one after the other.
func (b *tab) press(keys string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(keys)); err != nil {
		b.t.Fatalf("keys: %v", err)
	}
}

// fill replaces the text of an input.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.click(selector)
	get[bool](b, element(selector)+".select() || true")
	if text == "" {
		b.press("\b")
		return
	}
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// choose selects an option of a select element by its value.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	chosen := get[string](b, "(() => { const e = "+element(selector)+"; e.value = "+quote(value)+"; e.dispatchEvent(new Event('change', {bubbles: true})); return e.value })()")
	if chosen != value {
		b.t.Fatalf("%s has no %q\n%s", selector, value, b)
	}
}

// text returns the visible text of an element.
func (b *tab) text(selector string) string {
	b.t.Helper()
	b.await(element(selector))
	return get[string](b, element(selector)+".innerText.trim()")
}

// has reports whether the page has such an element, visible or not.
func (b *tab) has(selector string) bool {
	b.t.Helper()
	return get[bool](b, "!!"+element(selector))
}

// wantText fails the test unless the text of the element contains want.
func (b *tab) wantText(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); !strings.Contains(got, want) {
		b.t.Fatalf("text of %s is %q, want it to contain %q\n%s", selector, got, want, b)
	}
}

// wantURL fails the test unless the tab is at the URL.
func (b *tab) wantURL(want string) {
	b.t.Helper()
	if got := get[string](b, "location.href"); got != want {
		b.t.Fatalf("URL is %s, want %s\n%s", got, want, b)
	}
}

// cookie returns a cookie that the browser sends to the current page.
func (b *tab) cookie(name string) (*network.Cookie, bool) {
	b.t.Helper()
	for _, c := range call(b, network.GetCookies, network.GetCookiesParams{}).Cookies {
		if c.Name == name {
			return c, true
		}
	}
	return nil, false
}

// history returns the URLs in the history of the tab.
func (b *tab) history() (addresses []string) {
	b.t.Helper()
	for _, entry := range call(b, page.GetNavigationHistory, cdp.Empty{}).Entries {
		addresses = append(addresses, entry.URL)
	}
	return addresses
}

func element(selector string) string { return "document.querySelector(" + quote(selector) + ")" }

// quote returns a string literal in JavaScript.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // cannot happen for strings
	}
	return string(b)
}

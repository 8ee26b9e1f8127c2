package e2e

import (
	"context"
	"encoding/json"
	"fmt"
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

// screen is what somebody looks at.
type screen struct {
	width, height int64
	mobile        bool
}

var (
	phone   = screen{390, 844, true}
	desktop = screen{1280, 900, false}
	narrow  = screen{320, 640, true}
)

// tab is a window of the browser. It fails its test when the page violates its own
// policy, or its script throws.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// newTab opens a window that shares no cookie with another one.
func newTab(t *testing.T, s screen, script bool) *tab {
	t.Helper()
	chromium.start(t)
	b := &tab{t: t}
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	t.Cleanup(func() {
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, complaint := range b.complaints {
			t.Error(complaint)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("a window: %v", err)
	}
	b.ctx = ctx
	tell(b, audits.Enable, cdp.Empty{})
	tell(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
	b.resize(s)
	return b
}

// tell gives the window a command of the browser's protocol, and returns what it answers.
func tell[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	answer, err := chromedp.Call(ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return answer
}

// hear remembers what a page must not do. That it was answered with an error is
// no fault of its own.
func (b *tab) hear(event any) {
	complaint := ""
	switch e := event.(type) {
	case *audits.EventIssueAdded:
		if csp := e.Issue.Details.ContentSecurityPolicyIssueDetails; csp != nil {
			complaint = fmt.Sprintf("the page violates %s of its policy with %q", csp.ViolatedDirective, csp.BlockedURL)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			complaint = fmt.Sprintf("the browser says %s: %s", e.Entry.Source, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		complaint = "the script of the page throws: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			complaint += " " + e.ExceptionDetails.Exception.Description
		}
	}
	if complaint != "" {
		b.mu.Lock()
		b.complaints = append(b.complaints, complaint)
		b.mu.Unlock()
	}
}

func (b *tab) resize(s screen) {
	b.t.Helper()
	tell(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.mobile,
	})
}

// prefer sets which colors the reader prefers, light or dark; and less motion, so that nothing is on its way when it is looked at.
func (b *tab) prefer(scheme string) {
	b.t.Helper()
	tell(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// eval is the value of an expression on the page, whether or not the page itself may run scripts.
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

// await waits until a condition holds on the page. A page that is on its way to
// another one has no answer yet.
func (b *tab) await(condition string) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var holds bool
		if holds, err = eval[bool](b, "!!("+condition+")"); err == nil && holds {
			return
		}
	}
	b.t.Fatalf("this did not come true: %s (%v)\n%s", condition, err, b)
}

// String is the page as a failed test shows it.
func (b *tab) String() string {
	text, err := eval[string](b, "location.href + '\\n' + document.title + '\\n' + document.body.innerText")
	if err != nil {
		return err.Error()
	}
	return text
}

// turn does what leads to another page, and waits until that is there and whole.
func (b *tab) turn(lead func()) {
	b.t.Helper()
	get[bool](b, "document.left = true")
	lead()
	b.await("!document.left && document.readyState === 'complete'")
}

// open types an address.
func (b *tab) open(address string) {
	b.t.Helper()
	b.turn(func() {
		if to := tell(b, page.Navigate, page.NavigateParams{URL: address}); to.ErrorText != "" {
			b.t.Fatalf("%s: %s", address, to.ErrorText)
		}
	})
}

// follow clicks on what leads to another page.
func (b *tab) follow(selector string) {
	b.t.Helper()
	b.turn(func() { b.click(selector) })
}

// click clicks where the element can be seen, as a hand does.
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
		tell(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// press presses keys, one after the other.
func (b *tab) press(keys string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(keys)); err != nil {
		b.t.Fatalf("keys: %v", err)
	}
}

// fill replaces what stands in an input.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.click(selector)
	get[bool](b, element(selector)+".select() || true")
	if text == "" {
		b.press("\b")
		return
	}
	tell(b, input.InsertText, input.InsertTextParams{Text: text})
}

// choose chooses an option of a select by its value.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	chosen := get[string](b, "(() => { const e = "+element(selector)+"; e.value = "+quote(value)+"; e.dispatchEvent(new Event('change', {bubbles: true})); return e.value })()")
	if chosen != value {
		b.t.Fatalf("%s has no %q\n%s", selector, value, b)
	}
}

// text is what can be read in an element.
func (b *tab) text(selector string) string {
	b.t.Helper()
	b.await(element(selector))
	return get[string](b, element(selector)+".innerText.trim()")
}

// has reports whether there is such an element, seen or not.
func (b *tab) has(selector string) bool {
	b.t.Helper()
	return get[bool](b, "!!"+element(selector))
}

// reads fails unless the element says it.
func (b *tab) reads(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); !strings.Contains(got, want) {
		b.t.Fatalf("%s reads %q, without %q\n%s", selector, got, want, b)
	}
}

// isAt fails unless the window is at the address, all of it.
func (b *tab) isAt(want string) {
	b.t.Helper()
	if got := get[string](b, "location.href"); got != want {
		b.t.Fatalf("the window is at %s, not at %s\n%s", got, want, b)
	}
}

// cookie is a cookie that the browser sends to where it is.
func (b *tab) cookie(name string) (*network.Cookie, bool) {
	b.t.Helper()
	for _, c := range tell(b, network.GetCookies, network.GetCookiesParams{}).Cookies {
		if c.Name == name {
			return c, true
		}
	}
	return nil, false
}

// history are the addresses to which the window can go back.
func (b *tab) history() (addresses []string) {
	b.t.Helper()
	for _, entry := range tell(b, page.GetNavigationHistory, cdp.Empty{}).Entries {
		addresses = append(addresses, entry.URL)
	}
	return addresses
}

func element(selector string) string { return "document.querySelector(" + quote(selector) + ")" }

// quote is a text in JavaScript.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings can be marshalled
	}
	return string(b)
}

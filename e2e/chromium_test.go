package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// chromium is the one browser of all tests. Each tab has its own browser context, so that tabs share no cookies.
var chromium browser

type browser struct {
	once   sync.Once
	err    error
	ctx    context.Context
	web    *web
	cancel []func()
}

// start starts the browser and its web server, if no other test has done so.
func (b *browser) start(t *testing.T) {
	t.Helper()
	b.once.Do(func() { b.err = b.launch() })
	if b.err != nil {
		t.Fatal(b.err)
	}
}

func (b *browser) launch() error {
	program, err := chromiumProgram()
	if err != nil {
		return err
	}
	profile, err := os.MkdirTemp("", "postern-chromium-")
	if err != nil {
		return err
	}
	b.cancel = append(b.cancel, func() { os.RemoveAll(profile) })
	b.web = newWeb()
	b.cancel = append(b.cancel, b.web.server.Close)

	// The sandbox does not work as root and in containers. It is not needed, because the browser loads only pages of these tests.
	allocator, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(program), chromedp.UserDataDir(profile), chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.IgnoreCertErrors,
		chromedp.Flag("host-resolver-rules", "MAP *.example.com "+b.web.addr+", MAP *.example.net "+b.web.addr+", MAP *.example.org 127.0.0.1"),
		chromedp.Flag("disable-features", "HttpsUpgrades"), // sites below example.org use plain http, on the port of their server
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("disable-dev-shm-usage", true),
		// Tabs in the background keep their timers.
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-US"),
	)
	b.cancel = append(b.cancel, cancel)
	b.ctx, cancel = chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	b.cancel = append(b.cancel, cancel)
	if err := chromedp.Do(b.ctx); err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	return nil
}

// chromiumProgram returns the path of the browser, which has different names on different systems.
func chromiumProgram() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("chromium is missing; run scripts/install-tools")
}

// close stops the browser, if it was started, and deletes its profile.
func (b *browser) close() {
	if b.ctx != nil && b.err == nil {
		_ = chromedp.Cancel(b.ctx) // canceling the allocator below also ends it
	}
	for i := len(b.cancel) - 1; i >= 0; i-- {
		b.cancel[i]()
	}
}

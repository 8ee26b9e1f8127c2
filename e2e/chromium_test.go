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

// chromium is the one browser of all tests. Each visitor has windows of its own
// in it, which share no cookie with anybody else's.
var chromium browser

type browser struct {
	once   sync.Once
	err    error
	ctx    context.Context
	web    *web
	cancel []func()
}

// start starts the browser, and the web that it sees, for the first who asks.
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

	// It loads pages of ours alone, and runs where a sandbox cannot be had: as root,
	// and in containers. It asks nobody else for anything.
	allocator, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(program), chromedp.UserDataDir(profile), chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.IgnoreCertErrors,
		chromedp.Flag("host-resolver-rules", "MAP *.example.com "+b.web.addr+", MAP *.example.net "+b.web.addr),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("disable-dev-shm-usage", true),
		// Windows that nobody looks at keep their timers.
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-US"),
	)
	b.cancel = append(b.cancel, cancel)
	b.ctx, cancel = chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	b.cancel = append(b.cancel, cancel)
	if err := chromedp.Do(b.ctx); err != nil {
		return fmt.Errorf("%s does not start: %w", program, err)
	}
	return nil
}

// chromiumProgram is the browser of the system, by the names that systems give it.
func chromiumProgram() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("chromium is missing; scripts/need tells how to get it")
}

// close ends the browser, if it was ever started, and removes what it has kept.
func (b *browser) close() {
	if b.ctx != nil && b.err == nil {
		_ = chromedp.Cancel(b.ctx) // what is left of it ends with its allocator
	}
	for i := len(b.cancel) - 1; i >= 0; i-- {
		b.cancel[i]()
	}
}

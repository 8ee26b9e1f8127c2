// Package harness controls a server in tests: it moves the server's clock, reads its mails and injects faults into its requests.
// All of this is also available over HTTP, as the test API.
//
//	var h harness.Harness
//	h.Configure(&config) // sets the clock and the mailbox
//	s, err := server.Open(ctx, config)
//	http.Serve(listener, h.Handler(s))
//
//	h.Faults.Inject(harness.Fault{Route: "POST /v1/customer-sessions/", Times: 3, Status: 503})
//	h.Advance(ctx, s, time.Hour) // sessions with a lifetime of one hour expire
//
// Package polartest offers the harness to tests in Go, and postern dev --test-api offers it to tests in other languages. The
// command postern serve does not use it.
package harness

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/server"
)

// Harness controls one server. The zero value is ready to use. It is safe for concurrent use.
type Harness struct {
	Clock   Clock
	Mailbox Mailbox
	Faults  Faults
}

// Configure sets the clock and the mailbox in the configuration of a server. Call it before the server is opened.
func (h *Harness) Configure(c *server.Config) {
	c.Now, c.Sender = h.Clock.Now, &h.Mailbox
}

// Handler serves the test API below [Prefix]. At all other paths, it serves the server with the faults applied.
func (h *Harness) Handler(s *server.Server) http.Handler {
	api, rest := h.testAPI(s), h.Faults.Handler(s.Handler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, Prefix) {
			api.ServeHTTP(w, r)
		} else {
			rest.ServeHTTP(w, r)
		}
	})
}

// Advance moves the clock and lets the server catch up with the new time. It returns the errors of [Clock.Advance] and
// [server.Server.CatchUp].
func (h *Harness) Advance(ctx context.Context, s *server.Server, d time.Duration) error {
	if err := h.Clock.Advance(d); err != nil {
		return err
	}
	return s.CatchUp(ctx)
}

// NewestMail waits until all queued mails are sent, and returns the newest mail that the filter selects. If the filter selects
// no mail, NewestMail waits for one. It reports false if ctx ends first.
func (h *Harness) NewestMail(ctx context.Context, s *server.Server, f Filter) (mail.Mail, bool) {
	for s.AwaitMail(ctx) == nil {
		mails, more := h.Mailbox.list(f)
		if len(mails) > 0 {
			return mails[len(mails)-1], true
		}
		select {
		case <-more:
		case <-ctx.Done():
			return mail.Mail{}, false
		}
	}
	return mail.Mail{}, false
}

// Mails waits until all queued mails are sent, and returns the mails that the filter selects, the oldest first. If ctx ends
// first, it returns the error of ctx.
func (h *Harness) Mails(ctx context.Context, s *server.Server, f Filter) ([]mail.Mail, error) {
	if err := s.AwaitMail(ctx); err != nil {
		return nil, err
	}
	mails, _ := h.Mailbox.list(f)
	return mails, nil
}

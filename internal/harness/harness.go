// Package harness is what a server has when it is under test: a clock that can be moved, a mailbox that can be read, faults that
// strike its requests, and controls for all of it over HTTP.
//
//	var h harness.Harness
//	h.Configure(&config) // its clock, its mailbox
//	p, err := server.Open(ctx, config)
//	http.Serve(listener, h.Handler(p))
//
//	h.Faults.Inject(harness.Fault{Route: "POST /v1/customer-sessions/", Times: 3, Status: 503})
//	h.Advance(ctx, p, time.Hour) // whatever lasts an hour has expired
//
// Whoever tests in Go has it from polartest, and whoever tests in another language from postern dev --test-api. Nothing of it is
// in a server that serves.
package harness

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/server"
)

// Harness holds what a test needs of one server. The zero value is good. Safe for concurrent use.
type Harness struct {
	Clock   Clock
	Mailbox Mailbox
	Faults  Faults
}

// Configure gives a server that is yet to be opened the clock and the mailbox.
func (h *Harness) Configure(c *server.Config) {
	c.Now, c.Sender = h.Clock.Now, &h.Mailbox
}

// Handler serves the controls of an open server below [Prefix], and the server itself, with its faults, everywhere else.
func (h *Harness) Handler(p *server.Server) http.Handler {
	controls, rest := h.controls(p), h.Faults.Handler(p.Handler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, Prefix) {
			controls.ServeHTTP(w, r)
		} else {
			rest.ServeHTTP(w, r)
		}
	})
}

// Advance moves the clock, and returns when the server is as if that time had passed. Its errors are those of [Clock.Advance] and
// of [server.Server.CatchUp].
func (h *Harness) Advance(ctx context.Context, p *server.Server, d time.Duration) error {
	if err := h.Clock.Advance(d); err != nil {
		return err
	}
	return p.CatchUp(ctx)
}

// NewestMail returns the newest mail that the filter lets through, when all that was asked for before is there. When there is none, it
// waits for one, and reports false when ctx ends first.
func (h *Harness) NewestMail(ctx context.Context, p *server.Server, f Filter) (mail.Mail, bool) {
	for p.AwaitMail(ctx) == nil {
		mails, more := h.Mailbox.look(f)
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

// Mails returns the mails that the filter lets through, the oldest first, when all that was asked for before is there. Its error is
// ctx's, which has ended before.
func (h *Harness) Mails(ctx context.Context, p *server.Server, f Filter) ([]mail.Mail, error) {
	if err := p.AwaitMail(ctx); err != nil {
		return nil, err
	}
	mails, _ := h.Mailbox.look(f)
	return mails, nil
}

package mail

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/metrics"
)

// job is one mail in the outbox. The mail field is set once compose has succeeded.
type job struct {
	kind     string
	compose  func(ctx context.Context) (Mail, bool, error)
	mail     Mail
	composed bool
	limited  bool // whether a budget was spent, or [Delivery.Retry] reported false
	attempts int
	until    time.Time // the deadline for the last attempt
}

// outcome returns the outcome of a job that ended without an error. If no mail was composed, there was no recipient.
func (j *job) outcome() metrics.Outcome {
	switch {
	case j.limited:
		return metrics.Limited
	case j.composed:
		return metrics.Sent
	}
	return metrics.Dropped
}

func (o *Outbox) work() {
	for {
		select {
		case <-o.ctx.Done():
			return
		case j := <-o.queue:
			if wait, again := o.try(j); again {
				o.running.Go(func() { o.later(j, wait) })
			} else {
				o.finished(j)
			}
		}
	}
}

// try makes one attempt to compose and send the mail. It reports whether to try again, and how long to wait before that.
func (o *Outbox) try(j *job) (wait time.Duration, again bool) {
	j.attempts++
	ctx, cancel := context.WithDeadline(o.ctx, j.until)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, o.options.AttemptTimeout)
	defer cancel()
	err := protect(func() error { return o.attempt(ctx, j) })
	if err == nil {
		o.options.Metrics.Mail(j.kind, j.outcome())
		return 0, false
	}
	if o.ctx.Err() != nil {
		return 0, true // Close interrupted this attempt; it counts the job as lost
	}
	wait = o.wait(j.attempts)
	if Permanent(err) || j.attempts >= o.options.Tries || !time.Now().Add(wait).Before(j.until) {
		o.options.Metrics.Mail(j.kind, metrics.Failed)
		o.logFailure(slog.LevelError, "sending a mail failed; giving up", j, err)
		o.reportFailure(j, err)
		return 0, false
	}
	o.logFailure(slog.LevelWarn, "sending a mail failed; retrying later", j, err, slog.Int64("retry_in_ms", wait.Milliseconds()))
	return wait, true
}

// failureTimeout limits [Options.OnFailure].
const failureTimeout = 10 * time.Second

// attemptedTimeout limits [Delivery.Attempted].
const attemptedTimeout = 2 * time.Second

func (o *Outbox) reportFailure(j *job, err error) {
	if o.options.OnFailure == nil || !j.composed {
		return
	}
	ctx, cancel := context.WithTimeout(o.ctx, failureTimeout)
	defer cancel()
	o.options.OnFailure(ctx, Failure{Kind: j.kind, To: j.mail.To, Organization: j.mail.Organization, Error: j.mail.mask(err.Error()), Attempts: j.attempts})
}

func (o *Outbox) attempt(ctx context.Context, j *job) error {
	if j.composed && j.mail.Delivery != nil {
		send, err := j.mail.Delivery.Retry(ctx)
		if j.limited = err == nil && !send; err != nil || !send {
			return err
		}
	}
	if !j.composed {
		m, found, err := j.compose(ctx)
		if fault.Is(err, fault.TooMany) { // compose has asked Allows
			j.limited = true
			return nil
		}
		if err != nil || !found {
			return err
		}
		now := time.Now()
		if m, err = m.ready(now); err != nil {
			return err
		}
		bucket, refusal, err := o.spend(ctx, m.To.Email, m.Organization)
		if err != nil {
			return err
		}
		if refusal.Refused() {
			j.limited = true
			o.logSpent(ctx, bucket, refusal, m.To.Email, m.Organization)
			o.attempted(ctx, m, false)
			return nil
		}
		j.mail, j.composed = m, true
		if m.UsefulFor > 0 {
			j.until = now.Add(m.UsefulFor)
		}
	}
	err := o.sender.Send(ctx, j.mail)
	o.attempted(ctx, j.mail, err == nil)
	return err
}

// attempted calls [Delivery.Attempted], even if ctx has ended, because Close interrupts attempts.
func (o *Outbox) attempted(ctx context.Context, m Mail, accepted bool) {
	if m.Delivery == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptedTimeout)
	defer cancel()
	if err := m.Delivery.Attempted(ctx, accepted); err != nil {
		o.log.LogAttrs(ctx, slog.LevelWarn, "storing whether a mail was sent failed; its recipient may have to wait for another one",
			slog.Bool("sent", accepted), slog.String("error", err.Error()))
	}
}

// wait returns the time to wait after a failed attempt. The time doubles with each attempt, with random jitter, so that mails
// that failed at the same time are not retried at the same time.
func (o *Outbox) wait(attempts int) time.Duration {
	wait := o.options.FirstWait
	for i := 1; i < attempts && wait < o.options.LongestWait; i++ {
		wait *= 2
	}
	wait = min(wait, o.options.LongestWait)
	// #nosec G404 -- Jitter is not a secret.
	return wait/2 + rand.N(wait/2+1)
}

// later puts a job back into the queue after wait, without occupying a worker. When Close begins, a waiting job gets its next
// attempt at once, because the process may exit before the wait ends.
func (o *Outbox) later(j *job, wait time.Duration) {
	closing := o.closing
	select {
	case <-closing:
		closing = nil // Close began before this attempt, so the next attempt is not started early
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-closing:
	case <-o.ctx.Done():
		return
	}
	o.queue <- j
}

// logFailure logs a failed attempt. The log line contains nothing of the mail's content and only the domain of the recipient.
func (o *Outbox) logFailure(level slog.Level, message string, j *job, err error, more ...slog.Attr) {
	attrs := append([]slog.Attr{slog.String("kind", j.kind), slog.Int("attempt", j.attempts)}, more...)
	if j.composed {
		attrs = append(attrs, slog.String("domain", j.mail.To.Domain()))
	}
	attrs = append(attrs, slog.String("error", j.mail.mask(err.Error())))
	o.log.LogAttrs(o.ctx, level, message, attrs...)
}

// panicked is the error of a job that panicked. Such a job is not retried.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

func protect(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{value: p, stack: debug.Stack()}
		}
	}()
	return fn()
}

package mail

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// job is one mail on its way, or what may become one.
type job struct {
	kind     string
	compose  func(ctx context.Context) (Mail, bool, error)
	mail     Mail
	composed bool
	attempts int
	until    time.Time // when there is no more use in it
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
				o.finished()
			}
		}
	}
}

// try makes one attempt. It reports whether there is to be another one, and after what wait.
func (o *Outbox) try(j *job) (wait time.Duration, again bool) {
	j.attempts++
	ctx, cancel := context.WithDeadline(o.ctx, j.until)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, o.options.AttemptTimeout)
	defer cancel()
	err := protect(func() error { return o.attempt(ctx, j) })
	if err == nil {
		return 0, false
	}
	if o.ctx.Err() != nil {
		return 0, true // interrupted: Close counts it as lost
	}
	wait = o.wait(j.attempts)
	if Permanent(err) || j.attempts >= o.options.Tries || !time.Now().Add(wait).Before(j.until) {
		o.failed(slog.LevelError, "a mail was given up", j, err)
		return 0, false
	}
	o.failed(slog.LevelWarn, "a mail could not be sent yet", j, err, slog.Duration("retry_in", wait))
	return wait, true
}

func (o *Outbox) attempt(ctx context.Context, j *job) error {
	if !j.composed {
		m, found, err := j.compose(ctx)
		if err != nil || !found {
			return err
		}
		now := time.Now()
		if m, err = m.ready(now); err != nil {
			return err
		}
		j.mail, j.composed = m, true
		if m.UsefulFor > 0 {
			j.until = now.Add(m.UsefulFor)
		}
	}
	return o.sender.Send(ctx, j.mail)
}

// wait doubles with every attempt and then varies: what failed together must not come back together.
func (o *Outbox) wait(attempts int) time.Duration {
	wait := o.options.FirstWait
	for i := 1; i < attempts && wait < o.options.LongestWait; i++ {
		wait *= 2
	}
	wait = min(wait, o.options.LongestWait)
	return wait/2 + rand.N(wait/2+1)
}

// later puts the job back after the wait, in which no worker is held up. When the outbox begins to close, it does not wait:
// there may be no other time.
func (o *Outbox) later(j *job, wait time.Duration) {
	closing := o.closing
	select {
	case <-closing:
		closing = nil // this attempt was made while closing: the next one waits
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

// failed tells the operator what went wrong, and nothing of what the mail says or to whom.
func (o *Outbox) failed(level slog.Level, message string, j *job, err error, more ...slog.Attr) {
	attrs := append([]slog.Attr{slog.String("kind", j.kind), slog.Int("attempt", j.attempts)}, more...)
	if j.composed {
		attrs = append(attrs, slog.String("domain", j.mail.To.Domain()))
	}
	attrs = append(attrs, slog.String("error", j.mail.mask(err.Error())))
	o.log.LogAttrs(o.ctx, level, message, attrs...)
}

// panicked is a job that must not take the process with it, and is not tried again.
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

package mail

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/rate"
)

// Options configures an [Outbox]. A zero field means its default.
type Options struct {
	// Capacity is the maximum number of jobs in the outbox, including those that wait for a retry. Default: 1,000.
	Capacity int
	// Workers is the number of mails that are composed and sent at the same time. Default: 4.
	Workers int
	// Tries is the maximum number of attempts for one mail. Default: 12. With the default waits, 12 attempts take more than 15
	// minutes. That is enough for servers with greylisting, which reject the first attempts of an unknown sender.
	Tries int
	// AttemptTimeout limits one attempt. Default: 1 minute.
	AttemptTimeout time.Duration
	// FirstWait is the wait after the first attempt. The wait doubles after each further attempt. Each wait is shortened at
	// random by up to half, so that mails that failed at the same time are not retried at the same time. Default: 1 second.
	FirstWait time.Duration
	// LongestWait is the maximum of the doubled wait. Default: 5 minutes.
	LongestWait time.Duration
	// Lifetime limits how long a job is tried until its mail is composed, and after that if [Mail.UsefulFor] is 0. Default: 30
	// minutes.
	Lifetime time.Duration
	// OnFailure is called when a mail is given up, if it has a recipient. ctx ends soon. Nil means no callback.
	OnFailure func(ctx context.Context, f Failure)
	// Metrics counts the mails; nil counts nothing.
	Metrics *metrics.Metrics
	// Counts limits the mails to a recipient, of an organization, and of the server. Nil means no limits.
	Counts rate.Limiter
	// Now returns the time for Counts. Default: time.Now.
	Now func() time.Time
}

// Failure describes a mail that was given up.
type Failure struct {
	// Kind is the kind of mail, such as "login code".
	Kind string
	To   Address
	// Organization is the slug of the organization in whose name the mail was to be sent.
	Organization string
	// Error is why the last attempt failed, without codes and links. Attempts is the number of attempts.
	Error    string
	Attempts int
}

func (o Options) orDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	return Options{
		Capacity:       cmp.Or(o.Capacity, 1000),
		Workers:        cmp.Or(o.Workers, 4),
		Tries:          cmp.Or(o.Tries, 12),
		AttemptTimeout: cmp.Or(o.AttemptTimeout, time.Minute),
		FirstWait:      cmp.Or(o.FirstWait, time.Second),
		LongestWait:    cmp.Or(o.LongestWait, 5*time.Minute),
		Lifetime:       cmp.Or(o.Lifetime, 30*time.Minute),
		OnFailure:      o.OnFailure,
		Metrics:        o.Metrics,
		Counts:         o.Counts,
		Now:            o.Now,
	}
}

// Outbox is a queue in front of a [Sender]. It accepts jobs without blocking and retries each until the mail is sent, the error
// is permanent, or the mail has expired. Jobs are stored in memory only. An Outbox is safe for concurrent use.
type Outbox struct {
	sender  Sender
	log     *slog.Logger
	options Options

	// queue has room for Capacity jobs, so that sending a job to it never blocks.
	queue   chan *job
	closing chan struct{} // closed when the outbox stops accepting jobs
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup

	mu sync.Mutex
	// jobs are the jobs that are not finished.
	jobs   map[*job]struct{}
	closed bool
	// idle is closed when no job is left. It is nil unless a caller of Wait is waiting.
	idle chan struct{}
}

// NewOutbox returns an outbox and starts its workers. Close stops them.
func NewOutbox(sender Sender, log *slog.Logger, options Options) *Outbox {
	options = options.orDefaults()
	o := &Outbox{
		sender: sender, log: log, options: options,
		queue:   make(chan *job, options.Capacity),
		jobs:    map[*job]struct{}{},
		closing: make(chan struct{}),
	}
	o.ctx, o.stop = context.WithCancel(context.Background())
	for range options.Workers {
		o.running.Go(o.work)
	}
	return o
}

// Enqueue adds a job and returns at once. A worker later calls compose, which returns the mail, or false if there is nothing to
// send. If compose returns an error, the error is logged and the attempt has failed; compose is called again unless the error
// is [Permanent]. After compose has returned a mail, all further attempts send that mail. kind names the job in the log: "login
// code".
//
// If the outbox is full or closed, Enqueue returns fault.Unavailable.
func (o *Outbox) Enqueue(kind string, compose func(ctx context.Context) (Mail, bool, error)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		o.options.Metrics.Mail(kind, metrics.Refused)
		return fault.New(fault.Unavailable, "The server is shutting down and sends no more mails. Repeat the request in a moment.")
	case len(o.jobs) == o.options.Capacity:
		o.options.Metrics.Mail(kind, metrics.Refused)
		return fault.New(fault.Unavailable, "Too many mails are waiting to be sent. Repeat the request later.")
	}
	o.options.Metrics.Mail(kind, metrics.Queued)
	j := &job{kind: kind, compose: compose, until: time.Now().Add(o.options.Lifetime)}
	o.jobs[j] = struct{}{}
	o.queue <- j
	return nil
}

// Wait blocks until no job is left, including jobs that wait for a retry. If ctx ends first, Wait returns the error of ctx.
func (o *Outbox) Wait(ctx context.Context) error {
	o.mu.Lock()
	if len(o.jobs) == 0 {
		o.mu.Unlock()
		return nil
	}
	if o.idle == nil {
		o.idle = make(chan struct{})
	}
	idle := o.idle
	o.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close stops accepting jobs and finishes the accepted jobs until ctx ends. Jobs that wait for a retry get their next attempt
// at once. Close logs which jobs it could not finish, and returns their number. After Close, no goroutine of the outbox is running.
func (o *Outbox) Close(ctx context.Context) (lost int) {
	o.mu.Lock()
	first := !o.closed
	if first {
		o.closed = true
		close(o.closing)
	}
	o.mu.Unlock()
	_ = o.Wait(ctx)
	o.stop()
	o.running.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	if first {
		o.logUnsent()
	}
	return len(o.jobs)
}

// Unsent returns the number of jobs that are not finished.
func (o *Outbox) Unsent() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.jobs)
}

// logUnsent logs the kinds of the unfinished jobs, and the domains of the recipients as far as they are known.
func (o *Outbox) logUnsent() {
	if len(o.jobs) == 0 {
		return
	}
	kinds, domains := map[string]int{}, map[string]int{}
	for j := range o.jobs {
		kinds[j.kind]++
		if j.composed {
			domains[j.mail.To.Domain()]++
		}
	}
	o.log.Warn("stopped before these mails were sent; they are lost, and their recipients can request new ones", "mails", len(o.jobs),
		"kinds", counted(kinds), "domains", counted(domains))
}

// maxCounted is the maximum number of names that counted returns.
const maxCounted = 20

// counted writes how often names occur, such as "login code: 2, notice: 1".
func counted(names map[string]int) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if len(list) == maxCounted {
			return strings.Join(append(list, "…"), ", ")
		}
		list = append(list, fmt.Sprintf("%s: %d", name, names[name]))
	}
	return strings.Join(list, ", ")
}

func (o *Outbox) finished(j *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if delete(o.jobs, j); len(o.jobs) == 0 && o.idle != nil {
		close(o.idle)
		o.idle = nil
	}
}

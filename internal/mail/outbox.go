package mail

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// Options bound an [Outbox]. A field that is 0 stands for its default.
type Options struct {
	// Capacity is how many mails may be under way at once, those that wait for another attempt included; 1,000.
	Capacity int
	// Workers is how many are composed and sent at the same time; 4.
	Workers int
	// Tries is how often one is tried at most; 12, which with the waits below is a good 15 minutes: long enough for a server
	// that turns first-time senders away for a while.
	Tries int
	// AttemptTimeout bounds one attempt; a minute.
	AttemptTimeout time.Duration
	// FirstWait is the wait after the first attempt, doubled after each further one; a second. Each wait is shortened
	// by up to half, at random, so that mails that failed together do not come back together.
	FirstWait time.Duration
	// LongestWait is where the doubling ends; 5 minutes.
	LongestWait time.Duration
	// Lifetime is for how long a mail that does not say it itself is tried, and any until it is composed; 30 minutes.
	Lifetime time.Duration
}

func (o Options) orDefaults() Options {
	return Options{
		Capacity:       cmp.Or(o.Capacity, 1000),
		Workers:        cmp.Or(o.Workers, 4),
		Tries:          cmp.Or(o.Tries, 12),
		AttemptTimeout: cmp.Or(o.AttemptTimeout, time.Minute),
		FirstWait:      cmp.Or(o.FirstWait, time.Second),
		LongestWait:    cmp.Or(o.LongestWait, 5*time.Minute),
		Lifetime:       cmp.Or(o.Lifetime, 30*time.Minute),
	}
}

// Outbox stands between those who want a mail sent and the sender: it takes jobs at once, and works on them until they are
// done, are in vain, or have lost their use. It keeps them in memory alone. Safe for concurrent use.
type Outbox struct {
	sender  Sender
	log     *slog.Logger
	options Options

	// queue has a place for every job there may be, so putting one into it never blocks.
	queue   chan *job
	closing chan struct{} // closed when no more jobs are taken
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	jobs   int
	closed bool
	// idle is closed when no job is left; nil while nobody waits for that.
	idle chan struct{}
}

// NewOutbox starts the workers. Close ends them.
func NewOutbox(sender Sender, log *slog.Logger, options Options) *Outbox {
	options = options.orDefaults()
	o := &Outbox{
		sender: sender, log: log, options: options,
		queue:   make(chan *job, options.Capacity),
		closing: make(chan struct{}),
	}
	o.ctx, o.stop = context.WithCancel(context.Background())
	for range options.Workers {
		o.running.Go(o.work)
	}
	return o
}

// Enqueue takes a job and returns at once, whatever the job will find: compose runs later, on a worker. It looks up
// what there is to say and returns the mail, or false when there is nothing to send. Its error counts as a failed attempt and
// is logged; unless it is [Permanent], compose is called again. Once it has returned a mail it is not: further attempts
// send the same one. The kind, such as "login code", names the job in the log.
//
// When the outbox is full or closed, nothing was taken, and the error is fault.Unavailable.
func (o *Outbox) Enqueue(kind string, compose func(ctx context.Context) (Mail, bool, error)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return fault.New(fault.Unavailable, "No more mails are sent.")
	case o.jobs == o.options.Capacity:
		return fault.New(fault.Unavailable, "Too many mails are waiting to be sent.")
	}
	o.jobs++
	o.queue <- &job{kind: kind, compose: compose, until: time.Now().Add(o.options.Lifetime)}
	return nil
}

// Wait returns when no job is left, not even one that waits for another attempt; or, with ctx's error, when that ends first.
func (o *Outbox) Wait(ctx context.Context) error {
	o.mu.Lock()
	if o.jobs == 0 {
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

// Close takes no more jobs and works off those that it has, until ctx ends; those that wait for another attempt get one
// at once. It returns how many were lost: neither done nor given up. After Close nothing of the outbox runs any more.
func (o *Outbox) Close(ctx context.Context) (lost int) {
	o.mu.Lock()
	if !o.closed {
		o.closed = true
		close(o.closing)
	}
	o.mu.Unlock()
	_ = o.Wait(ctx) // what is left then is lost
	o.stop()
	o.running.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.jobs
}

func (o *Outbox) finished() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.jobs--; o.jobs == 0 && o.idle != nil {
		close(o.idle)
		o.idle = nil
	}
}

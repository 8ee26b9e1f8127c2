package polar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RetryConfig determines which failed attempts are retried, how often, and the delay before each retry. Fields with
// their zero value have the default value, so that the zero value is the default of a client.
//
// Only requests that can be repeated are retried: GET, PUT and DELETE; PATCH, except by [Client.Do]; and a POST that
// carries an Idempotency-Key, or that ends or inspects sessions. A POST without a key, such as one that sends a login
// code, is sent once.
//
// If the server sends Retry-After, the delay is that time, up to one minute or MaxInterval, whichever is longer.
// Otherwise the delay starts at InitialInterval and grows by the factor Exponent with each attempt. It is shortened by
// a random amount of up to one half, so that many callers do not retry at the same time.
//
// The end of the context ends every delay. The error of the call then contains the last error of the API or the network,
// and the reason why the context ended: errors.Is and errors.As find both.
//
// A retried request may have succeeded before, if only its response was lost. Every create sends one Idempotency-Key in
// all of its attempts. A Postern server creates one object and answers the retry as the first attempt. Polar ignores the
// key, so that a retried create can create twice there, or fail because the object exists. Updates can be repeated
// safely. The retry of a delete can return [ErrNotFound].
type RetryConfig struct {
	// MaxRetries is the largest number of attempts after the first. Default: 2.
	MaxRetries int
	// InitialInterval is the longest delay before the first retry. Default: 0.5 seconds.
	InitialInterval time.Duration
	// MaxInterval is the maximum delay. Default: 1 minute.
	MaxInterval time.Duration
	// Exponent is the factor between successive delays, at least 1. Default: 1.5.
	Exponent float64
	// MaxElapsedTime limits the time from the start of the first attempt to the start of the last. If the next delay
	// would exceed it, the call returns the last error at once. Default: 1 hour; in most programs, the context ends the
	// call before.
	MaxElapsedTime time.Duration
	// ResponsesOnly retries no attempt without a complete response. By default, a [*TimeoutError] is retried, and so is a
	// [*ConnectError], unless the server's certificate is invalid.
	ResponsesOnly bool
	// StatusCodes are the response statuses that are retried, each at least 400. Default: 429, 500, 502, 503 and 504.
	StatusCodes []int
}

// maxRetryAfter limits the effect of a server's Retry-After.
const maxRetryAfter = time.Minute

// defaultRetries is the number of retries without WithRetries.
const defaultRetries = 2

// WithRetries retries failed attempts as r says. Without this option, failed attempts are retried as the zero
// RetryConfig says: twice, if the request can be repeated.
func WithRetries(r RetryConfig) Option {
	return func(c *config) error {
		r, err := r.resolved()
		if err != nil {
			return fmt.Errorf("polar: WithRetries: %w", err)
		}
		c.retries = &r
		return nil
	}
}

// WithoutRetries makes every call a single attempt. It cancels an earlier [WithRetries].
func WithoutRetries() Option {
	return func(c *config) error {
		c.retries = nil
		return nil
	}
}

func (r RetryConfig) resolved() (RetryConfig, error) {
	if r.MaxRetries < 0 {
		return r, errors.New("MaxRetries must not be negative; use WithoutRetries for a single attempt")
	}
	r.MaxRetries = orDefault(r.MaxRetries, defaultRetries)
	if r.InitialInterval < 0 || r.MaxInterval < 0 || r.MaxElapsedTime < 0 {
		return r, errors.New("InitialInterval, MaxInterval and MaxElapsedTime must not be negative")
	}
	r.MaxInterval = orDefault(r.MaxInterval, max(time.Minute, r.InitialInterval))
	r.InitialInterval = orDefault(r.InitialInterval, min(500*time.Millisecond, r.MaxInterval))
	r.MaxElapsedTime = orDefault(r.MaxElapsedTime, time.Hour)
	r.Exponent = orDefault(r.Exponent, 1.5)
	if r.InitialInterval > r.MaxInterval {
		return r, fmt.Errorf("InitialInterval %v exceeds MaxInterval %v", r.InitialInterval, r.MaxInterval)
	}
	if !(r.Exponent >= 1) || math.IsInf(r.Exponent, 0) { // this form also refuses NaN
		return r, fmt.Errorf("the exponent %v is not a finite number of at least 1", r.Exponent)
	}
	if len(r.StatusCodes) == 0 {
		r.StatusCodes = []int{429, 500, 502, 503, 504}
	}
	for _, code := range r.StatusCodes {
		if code < 400 || code > 999 {
			return r, fmt.Errorf("status code %d is not an error and cannot be retried", code)
		}
	}
	r.StatusCodes = slices.Clone(r.StatusCodes)
	return r, nil
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

func (r *RetryConfig) retriesStatus(status int) bool {
	return r != nil && slices.Contains(r.StatusCodes, status)
}

// delay returns the time to wait after attempt n, counted from 1. after is the server's Retry-After, or zero.
func (r *RetryConfig) delay(n int, after time.Duration) time.Duration {
	if after > 0 {
		after = min(after, max(r.MaxInterval, maxRetryAfter))
		// #nosec G404 -- Jitter is not a secret.
		return after + rand.N(min(after/10, time.Second)+1) // the delay is never less than the server asks for
	}
	grown := float64(r.InitialInterval) * math.Pow(r.Exponent, float64(n-1))
	interval := r.MaxInterval
	if grown < float64(interval) {
		interval = time.Duration(grown)
	}
	// #nosec G404 -- Jitter is not a secret.
	return interval - rand.N(interval/2+1)
}

// isRepeatable reports whether sending the request twice has the effect of sending it once.
func (x *exchange) isRepeatable() bool {
	switch x.op.method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	case http.MethodPatch:
		if x.op.auth != anyAuth { // the updates of this package set values
			return true
		}
	}
	return x.op.repeatable || x.header[idempotencyKey] != nil || x.config.header[idempotencyKey] != nil
}

// run sends attempts until one succeeds, fails with an error that is not retried, or the time is over.
func (x *exchange) run(ctx context.Context) (response, error) {
	retries := x.config.retries
	var last error // of the API or the network
	start := time.Now()
	for n := 1; ; n++ {
		o := x.attempt(ctx, n)
		switch {
		case o.ended:
			return response{}, x.contextError(ctx, n, cmp.Or(o.err, last))
		case o.err == nil:
			return o.response, nil
		}
		last = o.err
		if !o.retryable || n > retries.MaxRetries || !x.isRepeatable() {
			return response{}, o.err
		}
		wait := retries.delay(n, o.retryAfter)
		if ctx.Err() == nil && time.Since(start)+wait > retries.MaxElapsedTime {
			return response{}, o.err
		}
		if !sleep(ctx, wait) {
			return response{}, x.contextError(ctx, n, last)
		}
	}
}

// sleep waits for d. It reports false if the context has ended or ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// retryAfter returns the time of a Retry-After header (RFC 9110, section 10.2.3), which contains seconds or a date. It
// returns zero if the header is missing or invalid.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(math.MaxInt64/time.Second))) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, time.Until(date))
}

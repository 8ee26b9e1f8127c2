package polar

import (
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

// RetryConfig determines which failed attempts are retried, and the delay before each retry. Fields with their zero
// value have the default value.
//
// If the server sends Retry-After, the delay is that time, up to one minute or MaxInterval, whichever is longer.
// Otherwise the delay starts at InitialInterval and grows by the factor Exponent with each attempt. It is shortened by
// a random amount of up to one half, so that many callers do not retry at the same time.
//
// The end of the context ends every delay. The error of the call then contains the last response and the reason why the
// context ended.
//
// A retried request may have succeeded before, if only its response was lost. On a Postern server, a retried
// [CustomerSessionsService.Create] creates one session; see [CustomerSessionCreate.IdempotencyKey]. Updates can be
// repeated safely. But a retry can create a second webhook endpoint or access token, and the retry of a delete can
// return [ErrNotFound].
type RetryConfig struct {
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
	// RetryConnectionErrors also retries attempts without a complete response: a [*TimeoutError], and a [*ConnectError]
	// unless the server's certificate is invalid.
	RetryConnectionErrors bool
	// StatusCodes are the response statuses that are retried, each at least 400. Default: 429, 500, 502, 503 and 504.
	StatusCodes []int
}

// maxRetryAfter limits the effect of a server's Retry-After.
const maxRetryAfter = time.Minute

// WithRetries retries failed attempts according to r. Without this option, every call is a single attempt.
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

// WithoutRetries makes every call a single attempt, which is the default. It cancels an earlier [WithRetries].
func WithoutRetries() Option {
	return func(c *config) error {
		c.retries = nil
		return nil
	}
}

func (r RetryConfig) resolved() (RetryConfig, error) {
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
		return after + rand.N(min(after/10, time.Second)+1) // the delay is never less than the server asks for
	}
	grown := float64(r.InitialInterval) * math.Pow(r.Exponent, float64(n-1))
	interval := r.MaxInterval
	if grown < float64(interval) {
		interval = time.Duration(grown)
	}
	return interval - rand.N(interval/2+1)
}

// run sends attempts until one succeeds, fails with an error that is not retried, or the time is over.
func (x *exchange) run(ctx context.Context) (response, error) {
	retries := x.config.retries
	if retries == nil {
		o := x.attempt(ctx, 1)
		return o.response, o.err
	}
	var apiErr *Error // the last error response, if any
	start := time.Now()
	for n := 1; ; n++ {
		o := x.attempt(ctx, n)
		if o.err == nil {
			return o.response, nil
		}
		errors.As(o.err, &apiErr)
		wait := retries.delay(n, o.retryAfter)
		if !o.retryable || ctx.Err() == nil && time.Since(start)+wait > retries.MaxElapsedTime {
			return response{}, o.err
		}
		if !sleep(ctx, wait) {
			return response{}, x.contextError(ctx, n, apiErr)
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

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

// RetryConfig says when a call is made again, and how long it waits before. A field left at zero has its default.
//
// A server that says how long to wait (Retry-After) is waited for as long, up to a minute, or MaxInterval if that is
// more. Any other wait begins at InitialInterval, grows by Exponent, and is cut short by up to half at random, so that
// callers who failed together do not come back together.
//
// All waiting ends with the context. The error then holds the last answer as well as the end of the context.
//
// What is repeated may have worked before, unseen. A session is made once all the same on a Postern (see
// CustomerSessionCreate.IdempotencyKey), and what is changed is changed to the same; but a webhook endpoint or an access token may
// be made twice, and what was deleted is then [ErrNotFound].
type RetryConfig struct {
	// InitialInterval is the longest first wait; half a second by default.
	InitialInterval time.Duration
	// MaxInterval is the longest wait; one minute by default.
	MaxInterval time.Duration
	// Exponent is how many times longer each wait is than the one before: 1 or more; 1.5 by default.
	Exponent float64
	// MaxElapsedTime bounds the time from the first attempt to the beginning of the last: a wait that would go beyond is
	// not begun, and the last error is returned instead. One hour by default; a context usually ends the call before.
	MaxElapsedTime time.Duration
	// RetryConnectionErrors also retries attempts that got no whole answer: [*ConnectError], unless the server's
	// certificate is bad, and [*TimeoutError].
	RetryConnectionErrors bool
	// StatusCodes are the answers that are retried, each 400 or above; by default 429, 500, 502, 503 and 504.
	StatusCodes []int
}

// maxRetryAfter bounds how long a server can make a call wait.
const maxRetryAfter = time.Minute

// WithRetries repeats calls that failed for a reason that may pass. Without it, every call is one attempt.
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

// WithoutRetries makes every call one attempt, which is the default, of a client or a call that would have more.
func WithoutRetries() Option {
	return func(c *config) error {
		c.retries = nil
		return nil
	}
}

func (r RetryConfig) resolved() (RetryConfig, error) {
	if r.InitialInterval < 0 || r.MaxInterval < 0 || r.MaxElapsedTime < 0 {
		return r, errors.New("an interval is negative")
	}
	r.MaxInterval = orDefault(r.MaxInterval, max(time.Minute, r.InitialInterval))
	r.InitialInterval = orDefault(r.InitialInterval, min(500*time.Millisecond, r.MaxInterval))
	r.MaxElapsedTime = orDefault(r.MaxElapsedTime, time.Hour)
	r.Exponent = orDefault(r.Exponent, 1.5)
	if r.InitialInterval > r.MaxInterval {
		return r, fmt.Errorf("the InitialInterval %v is more than the MaxInterval %v", r.InitialInterval, r.MaxInterval)
	}
	if !(r.Exponent >= 1) || math.IsInf(r.Exponent, 0) { // so that NaN is refused
		return r, fmt.Errorf("the Exponent %v is not 1 or more", r.Exponent)
	}
	if len(r.StatusCodes) == 0 {
		r.StatusCodes = []int{429, 500, 502, 503, 504}
	}
	for _, code := range r.StatusCodes {
		if code < 400 || code > 999 {
			return r, fmt.Errorf("the status %d is no error, and cannot be retried", code)
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

// wait is how long to wait after attempt n, the first being 1, when the server asked for after.
func (r *RetryConfig) delay(n int, after time.Duration) time.Duration {
	if after > 0 {
		after = min(after, max(r.MaxInterval, maxRetryAfter))
		return after + rand.N(min(after/10, time.Second)+1) // never earlier than it asked
	}
	grown := float64(r.InitialInterval) * math.Pow(r.Exponent, float64(n-1))
	interval := r.MaxInterval
	if grown < float64(interval) {
		interval = time.Duration(grown)
	}
	return interval - rand.N(interval/2+1)
}

// run attempts until there is an answer, an error that will stay, or no time left.
func (x *exchange) run(ctx context.Context) (response, error) {
	retries := x.config.retries
	if retries == nil {
		o := x.attempt(ctx, 1)
		return o.response, o.err
	}
	var refusal *Error // the last one
	start := time.Now()
	for n := 1; ; n++ {
		o := x.attempt(ctx, n)
		if o.err == nil {
			return o.response, nil
		}
		errors.As(o.err, &refusal)
		wait := retries.delay(n, o.retryAfter)
		if !o.retryable || ctx.Err() == nil && time.Since(start)+wait > retries.MaxElapsedTime {
			return response{}, o.err
		}
		if !sleep(ctx, wait) {
			return response{}, x.contextError(ctx, n, refusal)
		}
	}
}

// sleep reports false when the context ends first, or has ended already.
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

// retryAfter is how long the server wants to be left alone (RFC 9110, section 10.2.3), in whole seconds or until a
// date; 0 when it does not say, or says something else.
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

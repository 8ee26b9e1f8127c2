package portalauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/postern-go/postern/polar"
)

const (
	// logInterval is the shortest time between two lines about the same failure.
	logInterval = time.Minute
	// maxFailures limits the number of different failures that the log remembers.
	maxFailures = 100
)

// failure identifies what happened and the kind of its cause. The text of an error would not identify it, because it
// can contain a port or a time.
type failure struct{ message, cause string }

// failureLog writes failures to a logger, each at most once in a logInterval, with the number of times that it happened.
// The zero value is ready for use. It is safe for concurrent use.
type failureLog struct {
	mu   sync.Mutex
	seen map[failure]*occurrences
}

type occurrences struct {
	loggedAt time.Time
	count    int // since the last line
}

// write logs a failure, or counts it if it was logged recently. The line contains the error without tokens.
func (l *failureLog) write(logger *slog.Logger, now time.Time, level slog.Level, message string, err error) {
	count := l.count(failure{message, causeOf(err)}, now)
	if count == 0 {
		return
	}
	if logger == nil {
		logger = slog.Default()
	}
	logger.Log(context.Background(), level, "portalauth: "+message, slog.String("error", hideTokens(err.Error())), slog.Int("count", count))
}

// count returns how often a failure happened since its last line, or zero if it must not be logged yet.
func (l *failureLog) count(f failure, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.seen[f]
	if o == nil {
		if l.seen == nil || len(l.seen) >= maxFailures {
			l.seen = map[failure]*occurrences{}
		}
		o = &occurrences{}
		l.seen[f] = o
	}
	o.count++
	if since := now.Sub(o.loggedAt); !o.loggedAt.IsZero() && 0 <= since && since < logInterval {
		return 0
	}
	n := o.count
	*o = occurrences{loggedAt: now}
	return n
}

// causeOf returns the kind of an error's cause.
func causeOf(err error) string {
	if apiErr, ok := errors.AsType[*polar.Error](err); ok {
		return fmt.Sprintf("status %d %s", apiErr.StatusCode, apiErr.Code)
	}
	var timeout *polar.TimeoutError
	var connect *polar.ConnectError
	var decode *polar.DecodeError
	var clock *ClockError
	switch {
	case errors.As(err, &clock):
		return "clock"
	case errors.As(err, &timeout):
		return "timeout"
	case errors.As(err, &connect):
		return "connection"
	case errors.As(err, &decode):
		return "unexpected response"
	}
	return "other"
}

// report logs an event if it is a failure, and passes it to the observer.
func (v *Verifier) report(e Event) {
	defer v.options.Observe(e)
	level, message := slog.LevelWarn, ""
	switch {
	case e.Kind == EventUnavailable && !errors.Is(e.Err, context.Canceled): // a caller that has left is not a failure
		level, message = slog.LevelError, "a session could not be checked and was refused"
	case e.Kind == EventStale && e.Err != ErrUnavailable: // only the failed lookup, not every use of the cache after it
		message = "a session could not be checked and was accepted from the cache"
	case e.Kind == EventStreamLost:
		message = "the stream of revocations was lost; reconnecting"
	case e.Kind == EventStreamUnavailable:
		message = "there is no stream of revocations; a revoked session is accepted for up to MaxStaleness"
		if v.isPolar || !v.client.HasAccessToken() { // expected
			level = slog.LevelDebug
		}
	case e.Kind == EventClockDifference:
		message = "the clock is wrong"
	default:
		return
	}
	v.failures.write(v.options.Logger, v.options.Now(), level, message, e.Err)
}

// withoutTokens is an error whose text shows no tokens.
type withoutTokens struct{ err error }

func (e withoutTokens) Error() string { return hideTokens(e.err.Error()) }
func (e withoutTokens) Unwrap() error { return e.err }

// hideTokens shortens everything in a text that looks like a token of Polar. The client's errors contain no tokens, but
// those of a caller's transport, request editor or context can.
func hideTokens(text string) string {
	const prefix, shown = "polar_", len("polar_mst_")
	var b strings.Builder
	for {
		i := strings.Index(text, prefix)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := i
		for end < len(text) && isTokenByte(text[end]) {
			end++
		}
		b.WriteString(text[:min(i+shown, end)])
		if end-i > shown {
			b.WriteString("…")
		}
		text = text[end:]
	}
}

func isTokenByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

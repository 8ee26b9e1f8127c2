// Package rate counts events against limits: requests of callers, wrong login codes, and mails.
//
//	limits := rate.Production()
//	counts := rate.NewMemory(limits)
//	refusal, err := counts.Take(ctx, rate.Key{Bucket: rate.Login, ID: id}, now)
//	if refusal.Refused() { … }
//
// [Limiter] is an interface, so that a server can count in its own memory ([Memory]) or, together with other servers, elsewhere.
package rate

import (
	"context"
	"time"
)

// Limiter counts events. Each [Key] has its own count. A Limiter is safe for concurrent use.
type Limiter interface {
	// Take counts an event. If the event exceeds a limit of the key's bucket, Take does not count it and returns a refusal.
	// A bucket without limits refuses nothing.
	Take(ctx context.Context, k Key, now time.Time) (Refusal, error)
	// Return removes an event that Take has counted.
	Return(ctx context.Context, k Key, now time.Time) error
}

// Key identifies a count: what is counted, and for whom. All events of one key have the same ID.
type Key struct {
	Bucket Bucket
	ID     [2]uint64
}

// Refusal describes why an event was not counted. The zero Refusal means that it was counted.
type Refusal struct {
	// Wait is the Retry-After of rate limits, as on Polar: the length of the window whose limit is exceeded, or the
	// rest of a block.
	Wait time.Duration
	// Left is the time until the window or the block ends.
	Left time.Duration
	// First reports whether this is the first refusal since the limit was reached. Callers log only the first one.
	First bool
}

// Refused reports whether the event was not counted.
func (r Refusal) Refused() bool { return r.Wait > 0 }

// Rate limits the events of one key for each second, minute, hour and day. A window starts with the first event that it counts.
// 0 means no limit. The zero Rate allows everything.
type Rate struct {
	Second, Minute, Hour, Day uint32
	// Block is how long all events are refused after an event exceeded a limit. 0 means until the window ends.
	Block time.Duration
}

// The windows in which events are counted. A block is a window that is full from the start.
const (
	second = iota
	minute
	hour
	day
	block

	windows = 5
)

func (r *Rate) limits() [block]uint32 { return [block]uint32{r.Second, r.Minute, r.Hour, r.Day} }

func (r *Rate) length(window int) time.Duration {
	return [windows]time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour, r.Block}[window]
}

// Limited reports whether the rate has a limit.
func (r Rate) Limited() bool { return r.Second|r.Minute|r.Hour|r.Day != 0 }

// times returns the rate with n times its counts and without its block.
func (r Rate) times(n uint32) Rate {
	scale := func(count uint32) uint32 { return uint32(min(uint64(count)*uint64(n), 1<<32-1)) }
	return Rate{Second: scale(r.Second), Minute: scale(r.Minute), Hour: scale(r.Hour), Day: scale(r.Day)}
}

// PerDay returns the maximum number of events that the rate allows in a day, or 0 if the rate has no limit. It assumes that
// each window starts when the previous one ends.
func (r Rate) PerDay() int {
	least := 0
	for window, limit := range r.limits() {
		if limit == 0 {
			continue
		}
		if n := int(limit) * int(24*time.Hour/r.length(window)); least == 0 || n < least {
			least = n
		}
	}
	return least
}

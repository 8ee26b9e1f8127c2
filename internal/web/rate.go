package web

import "time"

// Zone is a part of the API with its own rate limits. Each caller has its own count in each zone: a caller that is blocked in the
// zone Login can still introspect.
type Zone uint8

// The zones. [Default] is the zone of every route under /v1 that names no other.
const (
	Default Zone = iota
	// Login is the zone of requests for login codes and of attempts to log in.
	Login
	// EmailUpdate is the zone of requests for a new email address and of attempts to confirm one.
	EmailUpdate
	// Pending replaces Default for bearer tokens that are not verified yet. No route names it.
	Pending

	zones = 4
)

// String returns the name of the zone in --rate-limits and in metrics.
func (z Zone) String() string { return [zones]string{"default", "login", "email-update", "pending"}[z] }

// Rate limits the requests of one caller in a zone, for each second, minute and hour. A window starts with the first request
// that it counts. 0 means no limit. The zero Rate allows everything.
type Rate struct {
	Second, Minute, Hour uint32
	// Block is how long all requests are refused after a request exceeded a limit. 0 means until the window ends.
	Block time.Duration
}

// Rates holds the rate of each zone.
type Rates [zones]Rate

// Production returns the rate limits of Polar's production server.
func Production() Rates {
	guarded := Rate{Minute: 6, Hour: 12, Block: 900 * time.Second}
	return Rates{Default: {Minute: 500}, Login: guarded, EmailUpdate: guarded, Pending: {Minute: 60}}
}

// The windows in which requests are counted. A block is a window that is full from the start.
const (
	second = iota
	minute
	hour
	block

	windows = 4
)

func (r *Rate) limits() [block]uint32 { return [block]uint32{r.Second, r.Minute, r.Hour} }

func (r *Rate) length(window int) time.Duration {
	return [windows]time.Duration{time.Second, time.Minute, time.Hour, r.Block}[window]
}

func (r *Rate) limited() bool { return r.Second|r.Minute|r.Hour != 0 }

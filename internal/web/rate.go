package web

import "time"

// Zone is a part of the API that has rates of its own. A caller's requests are counted for each zone alone: who is
// blocked from logging in may still introspect.
type Zone uint8

// The zones. A route names its own; [Default] is that of every other path under /v1.
const (
	Default Zone = iota
	// Login asks for login codes and tries them.
	Login
	// EmailUpdate asks for codes for a new email address and tries them.
	EmailUpdate
	// Pending takes the place of Default for a bearer that has not been verified yet. No route names it.
	Pending

	zones = 4
)

// Rate is how many requests one caller may make in a zone. A window begins with the first request that is counted in it;
// 0 is a window without a limit. The zero Rate limits nothing.
type Rate struct {
	Second, Minute, Hour uint32
	// Block is for how long every request is refused after one was too many; 0 refuses until the window ends.
	Block time.Duration
}

// Rates are the rates of all zones, by zone.
type Rates [zones]Rate

// Production returns the rates of Polar's production server.
func Production() Rates {
	guarded := Rate{Minute: 6, Hour: 12, Block: 900 * time.Second}
	return Rates{Default: {Minute: 500}, Login: guarded, EmailUpdate: guarded, Pending: {Minute: 60}}
}

// windows are what a caller is counted in; a block is one that is full from its beginning.
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

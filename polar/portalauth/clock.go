package portalauth

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxClockDifference is the difference between this computer's clock and the server's that is tolerated. Beyond it, a
// clock is assumed to be wrong.
const maxClockDifference = time.Minute

// ClockError means that this computer's clock differs from the server's by more than one minute, so that it is not
// certain which sessions have expired. It is in the error of [Verifier.Verify], which is then also [ErrUnavailable], if
// the server accepts a session that has expired on this computer's clock; in the error of [Verifier.Check]; and in
// events of kind [EventClockDifference].
type ClockError struct {
	// Ahead is the difference as far as it is certain. It is negative if this computer's clock is behind.
	Ahead time.Duration
}

// Error returns one line with the difference and what to do.
func (e *ClockError) Error() string {
	d, direction := e.Ahead.Round(time.Second), "ahead of"
	if d < 0 {
		d, direction = -d, "behind"
	}
	return fmt.Sprintf("this computer's clock is %v %s the server's; set both clocks, for example with NTP", d, direction)
}

// serverClock estimates the difference between this computer's clock and the server's from the header Date of
// responses. The zero value knows no difference. It is safe for concurrent use.
type serverClock struct {
	mu sync.Mutex
	// estimate is the combination of all responses that agree with the last one.
	estimate clockDifference
}

// clockDifference is how far this computer's clock is ahead of the server's: at least low, at most high. Both are
// negative if the clock is behind.
type clockDifference struct {
	known     bool
	low, high time.Duration
}

// observe learns from the headers of a response. sent is the time before the request and received the time after the
// response, on this computer's clock. The server's clock showed Date, or up to a second more because Date has whole
// seconds, at some time in between. A response from a cache is older by the header Age.
func (c *serverClock) observe(h http.Header, sent, received time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		date = date.Add(time.Duration(age) * time.Second)
	}
	// Round removes the monotonic time, which does not follow a clock that is set.
	d := clockDifference{true, sent.Round(0).Sub(date.Add(time.Second)), received.Round(0).Sub(date)}
	c.mu.Lock()
	defer c.mu.Unlock()
	both := clockDifference{true, max(d.low, c.estimate.low), min(d.high, c.estimate.high)}
	if !c.estimate.known || both.low > both.high { // a clock was set since
		both = d
	}
	c.estimate = both
}

func (c *serverClock) difference() clockDifference {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.estimate
}

// certain is the smallest difference that explains the responses.
func (d clockDifference) certain() time.Duration {
	switch {
	case d.low > 0:
		return d.low
	case d.high < 0:
		return d.high
	}
	return 0
}

// err returns a ClockError if the difference is not tolerated.
func (d clockDifference) err() error {
	if ahead := d.certain(); ahead > maxClockDifference || ahead < -maxClockDifference {
		return &ClockError{ahead}
	}
	return nil
}

// localTime converts a time of the server to this computer's clock. early and late limit the result: the clock shows it
// at early or, because of the resolution of Date, up to a second later. A clock that is ahead by more than
// maxClockDifference is converted as if it were ahead by that, because the difference makes sessions live longer. A
// clock that is behind is always corrected.
func (d clockDifference) localTime(t time.Time) (early, late time.Time) {
	if d.certain() == 0 {
		return t, t
	}
	low := min(d.low, maxClockDifference)
	high := min(d.low+time.Second, d.high, maxClockDifference)
	return t.Add(low), t.Add(high)
}

package harness

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Clock goes on with real time, some way ahead of it. The zero Clock shows real time. Safe for concurrent use.
type Clock struct{ ahead atomic.Int64 }

// farthest is how far ahead a clock can be: longer than anything lasts.
const farthest = 100 * 365 * 24 * time.Hour

// Now returns the time on the clock.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Advance moves the clock ahead. A duration below zero is an error, because nothing expects time to run backwards, and so is one
// that leads more than a hundred years ahead.
func (c *Clock) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("a clock does not go back, and so not by %s", -d)
	}
	for {
		ahead := c.ahead.Load()
		if d > farthest-time.Duration(ahead) {
			return fmt.Errorf("a clock goes ahead of real time by %s at most", farthest)
		}
		if c.ahead.CompareAndSwap(ahead, ahead+int64(d)) {
			return nil
		}
	}
}

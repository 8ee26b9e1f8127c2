package harness

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Clock shows real time plus an offset. The zero value has no offset. It is safe for concurrent use.
type Clock struct{ offset atomic.Int64 }

// maxOffset is longer than the lifetime of anything that the server stores.
const maxOffset = 100 * 365 * 24 * time.Hour

// Now returns the time on the clock.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// Advance moves the clock ahead. It returns an error for a negative duration, because the server expects that time does not run
// backward. It also returns an error if the clock would be more than 100 years ahead of real time.
func (c *Clock) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("the clock cannot go back by %s", -d)
	}
	for {
		offset := c.offset.Load()
		if d > maxOffset-time.Duration(offset) {
			return fmt.Errorf("the clock can be at most %s ahead of real time", maxOffset)
		}
		if c.offset.CompareAndSwap(offset, offset+int64(d)) {
			return nil
		}
	}
}

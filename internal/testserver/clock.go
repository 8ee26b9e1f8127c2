package testserver

import (
	"sync/atomic"
	"time"
)

// clock stands still until the test advances it.
type clock struct {
	start   time.Time
	elapsed atomic.Int64
}

func (c *clock) now() time.Time { return c.start.Add(time.Duration(c.elapsed.Load())) }

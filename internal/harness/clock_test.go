package harness_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/harness"
)

func TestClockAdvances(t *testing.T) {
	var c harness.Clock
	for _, tt := range []struct {
		by   time.Duration
		want string
	}{
		{0, ""}, {time.Hour, ""}, {-1, "cannot go back"}, {time.Minute, ""}, {100 * 365 * 24 * time.Hour, "at most"}, {1<<63 - 1, "at most"},
	} {
		before := c.Now()
		err := c.Advance(tt.by)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("by %s: %v, want %q", tt.by, err, tt.want)
		}
		if err != nil {
			tt.by = 0
		}
		if moved := c.Now().Sub(before); moved < tt.by || moved > tt.by+time.Minute {
			t.Errorf("by %s: moved by %s", tt.by, moved)
		}
	}
}

func TestClockRunsWithRealTime(t *testing.T) {
	var c harness.Clock
	if err := c.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	for before := c.Now(); !c.Now().After(before); {
	}
	if ahead := time.Until(c.Now()); ahead < 59*time.Minute || ahead > 61*time.Minute {
		t.Errorf("%s ahead", ahead)
	}
}

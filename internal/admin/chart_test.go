package admin

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
)

// Bars are proportional to their numbers. The highest bar fills the chart, and small bars are visible.
func TestBarHeights(t *testing.T) {
	numbers := []int{0, 1, 1000, 500, 0}
	var minutes []session.Count
	for i, n := range numbers {
		minutes = append(minutes, session.Count{At: time.Unix(int64(60*i), 0).UTC(), Created: n})
	}
	c := minuteCharts("Acme", minutes)[0]
	if c.Total != 1501 || c.Most != 1000 || c.Summary() != "Created: 1,501 in the last hour, at most 1,000 in a minute." {
		t.Errorf("%+v: %s", c, c.Summary())
	}
	for i, want := range []int{0, 2, barHeight, barHeight / 2, 0} {
		if b := c.Bars[i]; b.Height != want || b.Y+b.Height != barHeight || b.X != i*barStep {
			t.Errorf("the bar of %d is %+v, wanted a height of %d", numbers[i], b, want)
		}
	}
	if got := c.Bars[2].Title; got != "00:02 UTC: 1,000" {
		t.Errorf("the title is %q", got)
	}
}

func TestPendingEndsAreShown(t *testing.T) {
	text, err := page.Render(templates(), "sessions", view{View: page.View{Base: "/admin", Page: sessionsPage{PendingEnds: 1234}}})
	if err != nil || !strings.Contains(string(text), "Webhook events for 1,234 ended sessions are still to be sent.") {
		t.Errorf("%s, %v", text, err)
	}
	text, err = page.Render(templates(), "overview", view{View: page.View{Base: "/admin", Page: overviewPage{Activity: &activityView{PendingEnds: 7}}}})
	if err != nil || !strings.Contains(string(text), `data-test="pending-ends">7</span>`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestFormatting(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 1500 * time.Millisecond: "2 seconds", time.Minute: "1 minute", 61 * time.Second: "2 minutes",
		15 * time.Minute: "15 minutes", time.Hour: "1 hour", 24 * time.Hour: "1 day", 25 * time.Hour: "2 days", 30 * 24 * time.Hour: "30 days",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%v is %q, wanted %q", d, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 sessions", 1: "1 session", 999: "999 sessions", 1000: "1,000 sessions", 1234567: "1,234,567 sessions"} {
		if got := count(n, "session"); got != want {
			t.Errorf("got %q, wanted %q", got, want)
		}
	}
}

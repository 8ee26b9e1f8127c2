package admin

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// overview answers GET /admin.
func (r *request) overview() error {
	shown := r.newView("Overview")
	content := overviewPage{Denied: r.denial(sessionsRead, "Viewing activity")}
	if content.Denied == nil {
		activity, err := r.readActivity()
		if err != nil {
			return err
		}
		content.Activity, shown.Refresh = activity, 30
	}
	content.Facts = []fact{{"Name", r.org.Name}, {"Slug", r.org.Slug}, {"ID", r.org.ID.String()}, {"Portal", r.PublicURL.JoinPath(directory.PortalPath(r.org.Slug)).String()}}
	for _, scope := range directory.AllScopes() {
		content.Scopes = append(content.Scopes, scopeFact{string(scope), r.may(scopes{scope})})
	}
	shown.Page = content
	return r.show(http.StatusOK, "overview", shown)
}

// activity answers GET /admin/activity, the part of the overview that a script reloads.
func (r *request) activity() error {
	activity, err := r.readActivity()
	if err != nil {
		return err
	}
	text, err := page.Render(templates(), "activity", view{View: page.View{Base: r.Base, Page: overviewPage{Activity: activity}}})
	if err == nil {
		r.WriteHTML(http.StatusOK, text)
	}
	return err
}

func (r *request) readActivity() (*activityView, error) {
	live, err := r.countLive()
	if err != nil {
		return nil, err
	}
	pending, err := r.pendingEnds()
	if err != nil {
		return nil, err
	}
	counts, err := r.Sessions.Activity(r.Context(), r.org.ID.Key())
	if err != nil {
		return nil, err
	}
	shown := &activityView{
		Live: live, PendingEnds: pending, At: r.Now(), Charts: minuteCharts(r.org.Name, counts.Minutes), DayCharts: hourCharts(r.org.Name, counts.Hours),
		Minutes: counts.Minutes, Hours: counts.Hours,
	}
	slices.Reverse(shown.Minutes)
	slices.Reverse(shown.Hours)
	return shown, nil
}

// pendingEnds returns the number of ended sessions whose webhook events are not sent yet. It returns 0 if the organization has no
// webhook endpoint.
func (r *request) pendingEnds() (int, error) {
	if !r.org.Webhooks {
		return 0, nil
	}
	return r.admin.webhooks.PendingEnds(r.Context(), r.org.ID.Key())
}

// liveCounts holds the number of live sessions of organizations. Counting up to a bound is quick. Many sessions are counted in the
// background, because that is slow and the overview reloads every few seconds.
type liveCounts struct {
	mu    sync.Mutex
	known map[token.Key]liveCount
	// counting has the organizations whose sessions are being counted in the background.
	counting map[token.Key]bool
}

// liveCount is a number of live sessions. More reports whether there can be more than N. If the sessions were counted in the background,
// CountedAt is when they were counted; otherwise, it is zero.
type liveCount struct {
	N         int
	More      bool
	CountedAt time.Time
	at        time.Time
}

const (
	// liveCountTTL is how long a number is used again, and longCountTTL how long a number that was counted in the background is.
	liveCountTTL, longCountTTL = 5 * time.Second, time.Minute
	// longCountTimeout limits a count in the background.
	longCountTimeout = time.Minute
	// maxLiveCounts is the maximum number of cached organizations. A full cache is emptied.
	maxLiveCounts = 4096
)

func (r *request) countLive() (liveCount, error) {
	org, now, live := r.org.ID.Key(), r.Now(), &r.admin.live
	known, found := live.recent(org, now)
	if found {
		return known, nil
	}
	p, err := r.Sessions.Browse(r.Context(), session.BrowseQuery{Organization: org, State: session.Live, Range: keyset.Range{Limit: 1}})
	if err != nil {
		return known, err
	}
	quick := liveCount{N: p.Count.N, More: p.Count.More, at: now}
	if !quick.More {
		live.store(org, quick)
		return quick, nil
	}
	if live.begin(org) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), longCountTimeout)
		go func() {
			defer cancel()
			n, err := r.Sessions.CountAll(ctx, org, session.Live)
			live.end(org, liveCount{N: n, CountedAt: now, at: now}, err)
		}()
	}
	if known.N > 0 {
		return known, nil // an older number of all sessions says more than the bound
	}
	return quick, nil
}

// recent returns the count of an organization, and reports whether it is recent.
func (c *liveCounts) recent(org token.Key, now time.Time) (liveCount, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, found := c.known[org]
	age, limit := now.Sub(known.at), liveCountTTL
	if !known.CountedAt.IsZero() {
		limit = longCountTTL
	}
	return known, found && age >= 0 && age < limit
}

func (c *liveCounts) store(org token.Key, n liveCount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(org, n)
}

func (c *liveCounts) put(org token.Key, n liveCount) {
	if c.known == nil || len(c.known) >= maxLiveCounts {
		c.known = map[token.Key]liveCount{}
	}
	c.known[org] = n
}

// begin reports whether the caller may count in the background. It must call end afterwards.
func (c *liveCounts) begin(org token.Key) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counting == nil {
		c.counting = map[token.Key]bool{}
	}
	if c.counting[org] {
		return false
	}
	c.counting[org] = true
	return true
}

// end stores a count, unless counting failed or the operator ended sessions meanwhile.
func (c *liveCounts) end(org token.Key, n liveCount, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counting[org] && err == nil {
		c.put(org, n)
	}
	delete(c.counting, org)
}

// invalidate deletes an organization's count, so that an operator who ends sessions sees the new count at once.
func (c *liveCounts) invalidate(org token.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, org)
	if c.counting[org] {
		c.counting[org] = false
	}
}

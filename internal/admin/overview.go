package admin

import (
	"net/http"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/directory"
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
	minutes, since := r.Sessions.Activity(r.org.ID.Key())
	shown := &activityView{Live: live, PendingEnds: pending, Since: since, At: r.Now(), Charts: charts(r.org.Name, minutes)}
	for i := len(minutes) - 1; i >= 0; i-- {
		m := minutes[i]
		shown.Minutes = append(shown.Minutes, minuteRow{m.At, m.Created, m.Verified, m.Refused})
	}
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

// liveCounts caches the number of live sessions of organizations. Counting many sessions is slow, and the overview reloads
// every few seconds.
type liveCounts struct {
	mu    sync.Mutex
	known map[token.Key]liveCount
}

type liveCount struct {
	n  int
	at time.Time
}

const (
	liveCountTTL = 5 * time.Second
	// maxLiveCounts is the maximum number of cached organizations. A full cache is emptied.
	maxLiveCounts = 4096
)

func (r *request) countLive() (int, error) {
	org, now := r.org.ID.Key(), r.Now()
	if n, ok := r.admin.live.recent(org, now); ok {
		return n, nil
	}
	_, n, err := r.Sessions.List(r.Context(), session.Query{Organization: org, State: session.Live, Page: 1, Limit: 1})
	if err == nil {
		r.admin.live.store(org, liveCount{n, now})
	}
	return n, err
}

func (c *liveCounts) recent(org token.Key, now time.Time) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, found := c.known[org]
	age := now.Sub(known.at)
	return known.n, found && age >= 0 && age < liveCountTTL
}

func (c *liveCounts) store(org token.Key, n liveCount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxLiveCounts {
		c.known = map[token.Key]liveCount{}
	}
	c.known[org] = n
}

// invalidate deletes an organization's count, so that an operator who ends sessions sees the new count at once.
func (c *liveCounts) invalidate(org token.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, org)
}

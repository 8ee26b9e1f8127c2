package admin

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// overview is /admin.
func (v *visit) overview() error {
	shown := v.frame("Overview")
	page := overviewPage{Denied: v.unless(sessionsRead, "Seeing what goes on")}
	if page.Denied == nil {
		seen, err := v.seen()
		if err != nil {
			return err
		}
		page.Activity, shown.Refresh = seen, 30
	}
	page.Facts = []fact{{"Name", v.org.Name}, {"Slug", v.org.Slug}, {"Id", v.org.ID.String()}, {"Portal", v.PublicURL.JoinPath(directory.PortalPath(v.org.Slug)).String()}}
	for _, scope := range directory.AllScopes() {
		page.Scopes = append(page.Scopes, scopeFact{string(scope), v.may(scopes{scope})})
	}
	shown.Page = page
	return v.show(http.StatusOK, "overview", shown)
}

// activity is /admin/activity: the part of the overview that the script asks for again and again.
func (v *visit) activity() error {
	seen, err := v.seen()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, "activity", view{Base: v.base, Page: overviewPage{Activity: seen}}); err != nil {
		return err
	}
	v.Exchange.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.WriteHeader(http.StatusOK)
	v.Exchange.Write(b.Bytes()) // who goes away does not read it
	return nil
}

func (v *visit) seen() (*activityView, error) {
	live, err := v.countLive()
	if err != nil {
		return nil, err
	}
	untold, err := v.untold()
	if err != nil {
		return nil, err
	}
	minutes, since := v.Sessions.Activity(v.org.ID.Key())
	shown := &activityView{Live: live, Untold: untold, Since: since, At: v.Now(), Charts: charts(v.org.Name, minutes)}
	for i := len(minutes) - 1; i >= 0; i-- {
		m := minutes[i]
		shown.Minutes = append(shown.Minutes, minuteRow{m.At, m.Created, m.Verified, m.Refused})
	}
	return shown, nil
}

// untold is of how many ends webhooks are still to be told; 0 where nobody listens.
func (v *visit) untold() (int, error) {
	if !v.org.Webhooks {
		return 0, nil
	}
	return v.Webhooks.PendingEnds(v.Context(), v.org.ID.Key())
}

// liveCounts remembers for a moment how many sessions of organizations are live: to count them takes a store longer the more there
// are, and several operators look again every few seconds.
type liveCounts struct {
	mu    sync.Mutex
	known map[token.Key]liveCount
}

type liveCount struct {
	n  int
	at time.Time
}

const (
	countedFor = 5 * time.Second
	// maxLiveCounts bounds what is remembered; beyond it, all of it is forgotten.
	maxLiveCounts = 4096
)

func (v *visit) countLive() (int, error) {
	org, now := v.org.ID.Key(), v.Now()
	if n, ok := v.live.recent(org, now); ok {
		return n, nil
	}
	_, n, err := v.Sessions.List(v.Context(), session.Query{Organization: org, State: session.Live, Page: 1, Limit: 1})
	if err == nil {
		v.live.keep(org, liveCount{n, now})
	}
	return n, err
}

func (c *liveCounts) recent(org token.Key, now time.Time) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, found := c.known[org]
	age := now.Sub(known.at)
	return known.n, found && age >= 0 && age < countedFor
}

func (c *liveCounts) keep(org token.Key, n liveCount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxLiveCounts {
		c.known = map[token.Key]liveCount{}
	}
	c.known[org] = n
}

// forget has the next look count again, after something was ended here.
func (c *liveCounts) forget(org token.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, org)
}

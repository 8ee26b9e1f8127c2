package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/polar"
)

const (
	portalSession  = "/v1/customer-portal/customer-session"
	portalSessions = "/v1/customer-portal/customer-sessions"
	revoke         = sessions + "revoke"
	inspect        = sessions + "inspect"
	revocations    = sessions + "revocations"
)

// coldCache remembers no session: every look-up is the store's.
func coldCache(c *postern.Config) { c.CacheBytes = 1 }

// eachCache plays a test on a warm cache and on none.
func eachCache(t *testing.T, f func(t *testing.T, configure func(*postern.Config))) {
	t.Run("warm", func(t *testing.T) { f(t, func(*postern.Config) {}) })
	t.Run("cold", func(t *testing.T) { f(t, coldCache) })
}

func (h *house) settings() string { return "/v1/organizations/" + h.org + "/customer-session-settings" }

// must fails unless the answer has the status.
func (h *house) must(status int, a answer) answer {
	h.t.Helper()
	if a.status != status {
		h.t.Fatalf("%d %s, wanted %d", a.status, a.body, status)
	}
	return a
}

// live fails unless the session of the token is live, or is not.
func (h *house) live(token string, want bool) {
	h.t.Helper()
	a := h.as(token, "GET", introspect, "")
	if want && a.status != 200 || !want && (a.status != 401 || a.body != invalidToken) {
		h.t.Errorf("introspect: %d %s, wanted a live session: %v", a.status, a.body, want)
	}
}

// info is a session as its issuer sees it.
func (h *house) info(id string) (s polar.CustomerSessionInfo) {
	h.t.Helper()
	a := h.must(200, h.as(h.token, "GET", sessions+id, ""))
	if err := json.Unmarshal([]byte(a.body), &s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

// ended fails unless the session has ended for that reason.
func (h *house) ended(s made, reason string) {
	h.t.Helper()
	h.live(s.Token, false)
	if i := h.info(s.ID); i.State != "revoked" || i.EndedAt == nil || i.EndReason == nil || *i.EndReason != reason {
		h.t.Errorf("%s, ended at %v for %v, wanted %s", i.State, i.EndedAt, text(i.EndReason), reason)
	}
}

func text(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

// listed are the ids of a list, in its order.
func (h *house) listed(token, path string) []string {
	h.t.Helper()
	var list struct{ Items []made }
	a := h.must(200, h.as(token, "GET", path, ""))
	if err := json.Unmarshal([]byte(a.body), &list); err != nil {
		h.t.Fatal(err)
	}
	ids := make([]string, len(list.Items))
	for i, item := range list.Items {
		ids[i] = item.ID
	}
	return ids
}

// crew makes a team with an owner and a billing manager, and a session for each.
func (h *house) crew() (team, boss, manager made, ofBoss, ofManager made) {
	h.t.Helper()
	team = h.create(customers, `{"type":"team","name":"Team","external_id":"team","owner":{"email":"boss@example.com","external_id":"boss"}}`)
	manager = h.create(customers+team.ID+"/members", `{"email":"bo@example.com","external_id":"bo","role":"billing_manager"}`)
	var list struct{ Items []made }
	a := h.must(200, h.as(h.token, "GET", "/v1/members/?role=owner&customer_id="+team.ID, ""))
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || len(list.Items) != 1 {
		h.t.Fatal(err, a.body)
	}
	boss = list.Items[0]
	return team, boss, manager, h.sessionOf(team, boss, ""), h.sessionOf(team, manager, "")
}

// sessionOf begins a session of a member; more is the rest of the body, from its comma.
func (h *house) sessionOf(customer, member made, more string) made {
	h.t.Helper()
	return h.create(sessions, fmt.Sprintf(`{"customer_id":%q,"member_id":%q%s}`, customer.ID, member.ID, more))
}

// neighbour is another organization of the same server.
func (h *house) neighbour(slug string) *house {
	h.t.Helper()
	org, err := h.postern.CreateOrganization(h.t.Context(), postern.NewOrganization{Slug: slug})
	if err != nil {
		h.t.Fatal(err)
	}
	return &house{t: h.t, server: h.server, postern: h.postern, token: org.AccessToken, org: org.ID, mail: h.mail}
}

// block blocks the organization, or lets it go on, as another process does while the server is down.
func (h *house) block(blocked bool) {
	h.t.Helper()
	h.restart(func() {
		open := store.OpenSQLite
		where := h.config.DataDir
		if h.config.DatabaseURL != "" {
			open, where = store.OpenPostgres, h.config.DatabaseURL
		}
		s, err := open(h.t.Context(), where)
		if err != nil {
			h.t.Fatal(err)
		}
		defer s.Close()
		d := directory.New(s, nil, h.config.Now)
		o, err := d.OrganizationBySlug(h.t.Context(), "acme")
		if err == nil {
			err = d.Block(h.t.Context(), o, blocked)
		}
		if err != nil {
			h.t.Fatal(err)
		}
	})
}

// withScopes makes an access token that has these alone.
func (h *house) withScopes(scopes ...string) (token, id string) {
	h.t.Helper()
	a := h.must(201, h.as(h.token, "POST", "/v1/organization-access-tokens/", `{"comment":"x","scopes":["`+strings.Join(scopes, `","`)+`"]}`))
	var m struct {
		Token  string
		Record made `json:"organization_access_token"`
	}
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		h.t.Fatal(err)
	}
	return m.Token, m.Record.ID
}

package wiretest_test

import (
	"encoding/json"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/testserver"
)

const (
	portalSession  = "/v1/customer-portal/customer-session"
	portalSessions = "/v1/customer-portal/customer-sessions"
	revoke         = sessions + "revoke"
	inspect        = sessions + "inspect"
	revocations    = sessions + "revocations"
)

// withoutCache makes the cache too small for any session, so that every lookup reads the store.
func withoutCache(c *testserver.Options) { c.CacheBytes = 1 }

// forEachCache runs a test with and without a cache.
func forEachCache(t *testing.T, f func(t *testing.T, configure testserver.Option)) {
	t.Run("warm", func(t *testing.T) { f(t, func(*testserver.Options) {}) })
	t.Run("cold", func(t *testing.T) { f(t, withoutCache) })
}

func sessionSettingsPath(srv *testserver.Server) string {
	return "/v1/organizations/" + srv.OrgID + "/customer-session-settings"
}

// expectLive fails the test unless the session of the token is live, or is not live if want is false.
func expectLive(srv *testserver.Server, token string, want bool) {
	srv.T.Helper()
	a := srv.As(token, "GET", introspect, "")
	if want && a.Status != 200 || !want && (a.Status != 401 || a.Body != invalidToken) {
		srv.T.Errorf("introspect: %d %s, want a live session: %v", a.Status, a.Body, want)
	}
}

// expectEnded fails the test unless the session has ended for the reason.
func expectEnded(srv *testserver.Server, s testserver.Created, reason string) {
	srv.T.Helper()
	expectLive(srv, s.Token, false)
	if i := srv.SessionInfo(s.ID); i.State != "revoked" || i.EndedAt == nil || i.EndReason == nil || string(*i.EndReason) != reason {
		srv.T.Errorf("%s, ended at %v for %v, want %s", i.State, i.EndedAt, testserver.OrNull(i.EndReason), reason)
	}
}

// listIDs returns the IDs of a list, in its order.
func listIDs(srv *testserver.Server, token, path string) []string {
	srv.T.Helper()
	var list struct{ Items []testserver.Created }
	a := srv.Must(200, srv.As(token, "GET", path, ""))
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil {
		srv.T.Fatal(err)
	}
	ids := make([]string, len(list.Items))
	for i, item := range list.Items {
		ids[i] = item.ID
	}
	return ids
}

// openStore opens the store of a stopped server.
func openStore(srv *testserver.Server) *store.Store {
	srv.T.Helper()
	var s *store.Store
	var err error
	if srv.Config.DatabaseURL != "" {
		s, err = store.OpenPostgres(srv.T.Context(), srv.Config.DatabaseURL)
	} else {
		s, err = store.OpenSQLite(srv.T.Context(), srv.Config.DataDir, store.SQLiteOptions{})
	}
	if err != nil {
		srv.T.Fatal(err)
	}
	return s
}

// setBlocked blocks or unblocks the organization in the store while the server is stopped.
func setBlocked(srv *testserver.Server, blocked bool) {
	srv.T.Helper()
	srv.Restart(func() {
		s := openStore(srv)
		defer s.Close()
		d := directory.New(s, nil, srv.Config.Now, directory.Options{})
		o, err := d.OrganizationBySlug(srv.T.Context(), "acme")
		if err == nil {
			err = d.Block(srv.T.Context(), o, blocked)
		}
		if err != nil {
			srv.T.Fatal(err)
		}
	})
}

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// The test revokes sessions with many clients and kills the server at a random moment, several times on the same store. The next
// server must refuse every session whose revocation was acknowledged, and accept those that no client has tried to revoke. At the
// end, exactly the revoked sessions have an entry in the audit log.
func TestKillLosesNoRevocation(t *testing.T) { onBothEngines(t, killLosesNoRevocation) }

func killLosesNoRevocation(t *testing.T, c config) {
	const rounds, sessions = 4, 600
	org := initialize(t, c)

	var ended, live []string
	for round := range rounds {
		s := serve(t, c)
		refuseAll(s, ended)
		introspectAll(s, live)
		customer := s.createCustomer(org, fmt.Sprintf("ada-%d", round))
		created := make([]revocable, sessions)
		var wg sync.WaitGroup
		for part := range 16 {
			wg.Go(func() {
				for i := part; i < sessions; i += 16 {
					created[i] = s.createRevocable(org, customer)
				}
			})
		}
		wg.Wait()
		acknowledged, untouched := revokeUntilKilled(s, org, created)
		t.Logf("round %d: killed after %d of %d revocations", round, len(acknowledged), sessions)
		ended, live = append(ended, acknowledged...), append(live, untouched...)
	}
	s := serve(t, c)
	refuseAll(s, ended)
	introspectAll(s, live)
	entries := listIDs(s, org, "/v1/audit-log/?action=session.ended", func(i listItem) string { return i.Target.ID })
	revoked := listIDs(s, org, "/v1/customer-sessions/?state=revoked", func(i listItem) string { return i.ID })
	if len(revoked) < len(ended) || !slices.Equal(entries, revoked) {
		t.Errorf("%d revocations were acknowledged, %d are stored, and %d are in the audit log, which must be the same sessions", len(ended), len(revoked), len(entries))
	}
	s.stop()
	c.run(t, "audit", "verify")
}

// listItem is an item of a list of sessions or of the audit log.
type listItem struct {
	ID     string
	Target struct{ ID string }
}

// listIDs reads all pages of a list and returns the IDs of its items in ascending order.
func listIDs(s *server, org organization, path string, of func(i listItem) string) (ids []string) {
	s.t.Helper()
	for after := ""; ; {
		status, body, err := s.call("GET", path+"&limit=100&after="+after, org.AccessToken, nil)
		var page struct{ Items []listItem }
		if err == nil {
			err = json.Unmarshal(body, &page)
		}
		if err != nil || status != http.StatusOK {
			s.t.Fatalf("%s: %d %s %v", path, status, body, err)
		}
		for _, i := range page.Items {
			ids = append(ids, of(i))
		}
		if len(page.Items) < 100 {
			slices.Sort(ids)
			return ids
		}
		after = page.Items[99].ID
	}
}

type revocable struct{ id, token string }

func (s *server) createRevocable(org organization, customer string) revocable {
	status, body, err := s.postSession(org, customer)
	if err != nil {
		s.t.Error(err)
		return revocable{}
	}
	token, err := sessionToken(status, body)
	if err != nil {
		s.t.Error(err)
	}
	var created struct{ ID string }
	if err := json.Unmarshal(body, &created); err != nil {
		s.t.Error(err)
	}
	return revocable{created.ID, token}
}

// revokeUntilKilled revokes sessions with many clients, half of them with the access token and half with the session itself, and
// kills the server at a random moment. It returns the tokens whose revocation was acknowledged, and those that no client has tried
// to revoke.
func revokeUntilKilled(s *server, org organization, created []revocable) (acknowledged, untouched []string) {
	s.t.Helper()
	var mu sync.Mutex
	next := 0
	var wg sync.WaitGroup
	for client := range 16 {
		wg.Go(func() {
			for {
				mu.Lock()
				if next == len(created) {
					mu.Unlock()
					return
				}
				r := created[next]
				next++
				mu.Unlock()
				status, body, err := 0, []byte(nil), error(nil)
				if client%2 == 0 {
					status, body, err = s.call("DELETE", "/v1/customer-sessions/"+r.id, org.AccessToken, nil)
				} else {
					status, body, err = s.call("DELETE", "/v1/customer-portal/customer-session", r.token, nil)
				}
				if err != nil {
					return // the server was killed
				}
				if status != http.StatusOK && status != http.StatusNoContent {
					s.t.Errorf("revoke session: %d %s", status, body)
					return
				}
				mu.Lock()
				if acknowledged = append(acknowledged, r.token); len(acknowledged) == 1 {
					time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, s.kill)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	s.kill()
	for _, r := range created[next:] {
		untouched = append(untouched, r.token)
	}
	if len(acknowledged) == 0 {
		s.t.Fatal("no session was revoked")
	}
	return acknowledged, untouched
}

// refuseAll introspects all tokens and fails the test unless all of them are refused.
func refuseAll(s *server, tokens []string) {
	s.t.Helper()
	next := make(chan string)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for token := range next {
				status, body, err := s.call("GET", "/v1/customer-portal/customer-session/introspect", token, nil)
				if err != nil || status != http.StatusUnauthorized {
					s.t.Errorf("revoked session: %d %s %v", status, body, err)
				}
			}
		})
	}
	for _, token := range tokens {
		next <- token
	}
	close(next)
	wg.Wait()
}

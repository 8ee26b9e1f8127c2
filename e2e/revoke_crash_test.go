package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// An acknowledged revocation survives kill -9. Several times over, on the same
// store: sessions are made, many clients end them, the server is killed at a
// random moment, and the next one must refuse every token whose end a client
// has read of, and know all those that nobody has tried to end.
func TestKillLosesNoRevocation(t *testing.T) { onBoth(t, killLosesNoRevocation) }

func killLosesNoRevocation(t *testing.T, h home) {
	const rounds, sessions = 4, 600
	org := initialize(t, h)

	var ended, live []string
	for round := range rounds {
		s := serve(t, h)
		refuseAll(s, ended)
		introspectAll(s, live)
		customer := s.createCustomer(org, fmt.Sprintf("ada-%d", round))
		made := make([]revocable, sessions)
		var wg sync.WaitGroup
		for part := range 16 {
			wg.Go(func() {
				for i := part; i < sessions; i += 16 {
					made[i] = s.createRevocable(org, customer)
				}
			})
		}
		wg.Wait()
		acknowledged, untouched := revokeUntilKilled(s, org, made)
		t.Logf("round %d: killed after %d of %d revocations", round, len(acknowledged), sessions)
		ended, live = append(ended, acknowledged...), append(live, untouched...)
	}
	s := serve(t, h)
	refuseAll(s, ended)
	introspectAll(s, live)
	s.stop()
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
	var made struct{ ID string }
	if err := json.Unmarshal(body, &made); err != nil {
		s.t.Error(err)
	}
	return revocable{made.ID, token}
}

// revokeUntilKilled has many clients end sessions, from their issuer's side and
// from their holders', and kills the server at a random moment. It returns the
// tokens whose end was acknowledged, and those that nobody has tried to end.
func revokeUntilKilled(s *server, org organization, made []revocable) (acknowledged, untouched []string) {
	s.t.Helper()
	var mu sync.Mutex
	next := 0
	var wg sync.WaitGroup
	for client := range 16 {
		wg.Go(func() {
			for {
				mu.Lock()
				if next == len(made) {
					mu.Unlock()
					return
				}
				r := made[next]
				next++
				mu.Unlock()
				status, body, err := 0, []byte(nil), error(nil)
				if client%2 == 0 {
					status, body, err = s.call("DELETE", "/v1/customer-sessions/"+r.id, org.AccessToken, nil)
				} else {
					status, body, err = s.call("DELETE", "/v1/customer-portal/customer-session", r.token, nil)
				}
				if err != nil {
					return // the connection broke: killed
				}
				if status != http.StatusOK && status != http.StatusNoContent {
					s.t.Errorf("ending a session: %d %s", status, body)
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
	for _, r := range made[next:] {
		untouched = append(untouched, r.token)
	}
	if len(acknowledged) == 0 {
		s.t.Fatal("no session was ended")
	}
	return acknowledged, untouched
}

// refuseAll asks for every token, and fails the test unless all are refused.
func refuseAll(s *server, tokens []string) {
	s.t.Helper()
	next := make(chan string)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for token := range next {
				status, body, err := s.call("GET", "/v1/customer-portal/customer-session/introspect", token, nil)
				if err != nil || status != http.StatusUnauthorized {
					s.t.Errorf("a session whose end was acknowledged: %d %s %v", status, body, err)
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

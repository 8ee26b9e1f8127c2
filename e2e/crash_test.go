package e2e

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An acknowledged session survives kill -9. Several times over, on the same
// store: many clients create sessions, the server is killed at a random moment,
// and the next one must know every token that a client has read.
func TestKillLosesNothing(t *testing.T) { onBoth(t, killLosesNothing) }

func killLosesNothing(t *testing.T, h home) {
	const rounds = 5
	org := initialize(t, h)

	var acknowledged []string
	for round := range rounds {
		s := serve(t, h)
		introspectAll(s, acknowledged)
		customer := s.createCustomer(org, fmt.Sprintf("ada-%d", round))

		made := createUntilKilled(s, org, customer)
		acknowledged = append(acknowledged, made...)
		t.Logf("round %d: killed after %d sessions", round, len(made))
	}

	s := serve(t, h)
	introspectAll(s, acknowledged)
	s.stop()
}

// createUntilKilled has many clients create sessions, kills the server at a random
// moment, and returns the tokens that the clients have read.
func createUntilKilled(s *server, org organization, customer string) (acknowledged []string) {
	s.t.Helper()
	const clients = 16
	tokens := make(chan string)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for {
				status, body, err := s.postSession(org, customer)
				if err != nil {
					return // the connection broke: killed
				}
				token, err := sessionToken(status, body)
				if err != nil {
					s.t.Error(err)
					return
				}
				tokens <- token
			}
		})
	}
	go func() {
		wg.Wait()
		close(tokens)
	}()

	// The first acknowledgement starts the clock, so that there always are some.
	moment := time.Duration(10+rand.IntN(400)) * time.Millisecond
	for token := range tokens {
		if len(acknowledged) == 0 {
			time.AfterFunc(moment, s.kill)
		}
		acknowledged = append(acknowledged, token)
	}
	if len(acknowledged) == 0 {
		s.t.Fatal("no session was created")
	}
	s.kill()
	if ended := s.cmd.ProcessState.Sys().(syscall.WaitStatus); ended.Signal() != syscall.SIGKILL {
		s.t.Fatalf("the server ended by itself: %v", s.err)
	}
	return acknowledged
}

// introspectAll asks for every token, several at a time, and fails the test
// unless all are live.
func introspectAll(s *server, tokens []string) {
	s.t.Helper()
	var (
		next = make(chan string)
		errs = make(chan error, len(tokens))
		wg   sync.WaitGroup
	)
	for range 8 {
		wg.Go(func() {
			for token := range next {
				if err := s.live(token); err != nil {
					errs <- err
				}
			}
		})
	}
	for _, token := range tokens {
		next <- token
	}
	close(next)
	wg.Wait()
	if lost := len(errs); lost > 0 {
		s.t.Fatalf("%d of %d acknowledged sessions are lost; the first: %v", lost, len(tokens), <-errs)
	}
}

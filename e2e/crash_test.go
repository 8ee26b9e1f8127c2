package e2e

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The test creates sessions with many clients and kills the server at a random moment, several times on the same store. The next
// server must accept every token that a client has received.
func TestKillLosesNoSession(t *testing.T) { onBothEngines(t, killLosesNoSession) }

func killLosesNoSession(t *testing.T, c config) {
	const rounds = 5
	org := initialize(t, c)

	var acknowledged []string
	for round := range rounds {
		s := serve(t, c)
		introspectAll(s, acknowledged)
		customer := s.createCustomer(org, fmt.Sprintf("ada-%d", round))

		created := createUntilKilled(s, org, customer)
		acknowledged = append(acknowledged, created...)
		t.Logf("round %d: killed after %d sessions", round, len(created))
	}

	s := serve(t, c)
	introspectAll(s, acknowledged)
	s.stop()
}

// createUntilKilled creates sessions with many clients, kills the server at a random moment, and returns the tokens that the
// clients have received.
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
					return // the server was killed
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

	// The delay starts with the first answer, so that at least one session exists.
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
		s.t.Fatalf("the server exited before it was killed: %v", s.err)
	}
	return acknowledged
}

// introspectAll introspects all tokens concurrently and fails the test unless all of them are live.
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

package e2e

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An acknowledged session survives kill -9. Several times over, on the same data
// directory: many clients create sessions, the server is killed at a random
// moment, and the next one must know every token that a client has read.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	const (
		rounds  = 5
		clients = 16
	)
	dir := t.TempDir()
	org := initialize(t, dir)

	var acknowledged []string
	for round := range rounds {
		s := serve(t, dir)
		introspectAll(s, acknowledged)
		customer := s.createCustomer(org, fmt.Sprintf("ada-%d", round))

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
						t.Error(err)
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

		// The first acknowledgement starts the clock, so that every round has some.
		moment := time.Duration(10+rand.IntN(400)) * time.Millisecond
		before := len(acknowledged)
		for token := range tokens {
			if len(acknowledged) == before {
				time.AfterFunc(moment, s.kill)
			}
			acknowledged = append(acknowledged, token)
		}
		if len(acknowledged) == before {
			t.Fatalf("round %d: no session was created", round)
		}
		s.kill()
		if ended := s.cmd.ProcessState.Sys().(syscall.WaitStatus); ended.Signal() != syscall.SIGKILL {
			t.Fatalf("round %d: the server ended by itself: %v", round, s.err)
		}
		t.Logf("round %d: killed %v after the first of %d sessions", round, moment, len(acknowledged)-before)
	}

	s := serve(t, dir)
	introspectAll(s, acknowledged)
	s.stop()
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

package polartest

import (
	"time"

	"github.com/postern-go/postern/internal/harness"
)

// When says which requests a fault strikes: those of [Next] or [Always], and with [When.On] those to one route alone.
type When struct {
	next   int
	always bool
	route  string
}

// Next is the next n requests, at least one.
func Next(n int) When { return When{next: n} }

// Always is every request, until [Server.Recover].
func Always() When { return When{always: true} }

// On narrows it down to a route: "POST /v1/customer-sessions/", or "/v1/customers/{id}" for every method. {name} stands for one
// segment of the path, and {name...} at its end for any number. A route that makes no sense ends the test when it is used.
func (w When) On(route string) When {
	w.route = route
	return w
}

// Fault is something that goes wrong.
type Fault struct{ injection *harness.Injection }

// Struck returns how many requests it has struck.
func (f *Fault) Applied() int { return f.injection.Applied() }

// Fail answers requests with a status, 400 to 599, in place of the server, which does not see them. The body has the shape of
// Polar's errors; of a 429, it is empty.
func (s *Server) Fail(when When, status int) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Status: status})
}

// RateLimit answers requests with 429 and a Retry-After, in whole seconds; 0 sends none.
func (s *Server) RateLimit(when When, retryAfter time.Duration) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Status: 429, RetryAfter: retryAfter})
}

// Delay lets requests wait before the server sees them, or before another fault strikes them. The time is real: [Server.Advance] does
// not shorten it, and [Server.Recover] does.
func (s *Server) Delay(when When, d time.Duration) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Delay: d})
}

// Drop breaks off the connection before there is an answer. The server does not see the request.
func (s *Server) Drop(when When) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Drop: true})
}

// Truncate breaks off the connection in the middle of the answer. The server has done what was asked for: that is what a client
// must reckon with when it tries again.
func (s *Server) Truncate(when When) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Truncate: true})
}

// Recover ends all faults. Requests that wait go on at once.
func (s *Server) Recover() { s.harness.Faults.Clear() }

func (s *Server) inject(when When, f harness.Fault) *Fault {
	s.t.Helper()
	if !when.always && when.next < 1 {
		s.t.Fatalf("polartest: a fault strikes the next request at least, and so not the next %d", when.next)
	}
	f.Times, f.Route = when.next, when.route
	injection, err := s.harness.Faults.Inject(f)
	if err != nil {
		s.t.Fatalf("polartest: %v", err)
	}
	return &Fault{injection}
}

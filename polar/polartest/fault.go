package polartest

import (
	"time"

	"github.com/postern-go/postern/internal/harness"
)

// When selects the requests that a fault applies to. Create a When with [Next] or [Always]. [When.On] restricts it to a route.
type When struct {
	next   int
	always bool
	route  string
}

// Next selects the next n requests. n must be at least 1.
func Next(n int) When { return When{next: n} }

// Always selects every request until [Server.Recover].
func Always() When { return When{always: true} }

// On selects only requests to a route: "POST /v1/customer-sessions/", or "/v1/customers/{id}" for every method. {name} matches one
// segment of the path, and {name...} at its end matches any number. If the route is invalid, the test fails when the fault is
// injected.
func (w When) On(route string) When {
	w.route = route
	return w
}

// Fault is a fault that was injected.
type Fault struct{ injection *harness.Injection }

// Applied returns how many requests the fault was applied to.
func (f *Fault) Applied() int { return f.injection.Applied() }

// Fail answers requests with a status from 400 to 599. The server does not receive the requests. The body has the format of Polar's
// errors. A 429 has no body.
func (s *Server) Fail(when When, status int) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Status: status})
}

// RateLimit answers requests with 429 and a Retry-After header, rounded up to seconds. 0 omits the header.
func (s *Server) RateLimit(when When, retryAfter time.Duration) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Status: 429, RetryAfter: retryAfter})
}

// Delay delays requests before the server, or another fault, handles them. The delay is real time: [Server.Advance] does not shorten
// it. [Server.Recover] ends it.
func (s *Server) Delay(when When, d time.Duration) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Delay: d})
}

// Drop closes the connection without a response. The server does not receive the request.
func (s *Server) Drop(when When) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Drop: true})
}

// Truncate closes the connection in the middle of the response, after the server has handled the request. It tests what a client
// does when it repeats a request that has already succeeded.
func (s *Server) Truncate(when When) *Fault {
	s.t.Helper()
	return s.inject(when, harness.Fault{Truncate: true})
}

// Recover removes all faults and ends the delays of waiting requests.
func (s *Server) Recover() { s.harness.Faults.Clear() }

func (s *Server) inject(when When, f harness.Fault) *Fault {
	s.t.Helper()
	if !when.always && when.next < 1 {
		s.t.Fatalf("polartest: Next(%d): a fault applies to at least one request", when.next)
	}
	f.Times, f.Route = when.next, when.route
	injection, err := s.harness.Faults.Inject(f)
	if err != nil {
		s.t.Fatalf("polartest: %v", err)
	}
	return &Fault{injection}
}

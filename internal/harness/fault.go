package harness

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Fault is a failure that a test injects into requests. It delays a request, or answers, drops or truncates it, optionally after a
// delay.
type Fault struct {
	// Route selects requests: "POST /v1/customer-sessions/", or "/v1/customers/{id}" for every method, or
	// "GET /v1/customer-portal/{rest...}" for all paths below. "" selects every request.
	Route string
	// Bearer selects requests with this bearer token. Tests that share a server use it so that they do not affect each other.
	// "" selects every request.
	Bearer string
	// Times is the number of requests that the fault applies to. 0 means all.
	Times int

	// Delay is how long a request waits before the other fields of the fault apply, or before the server handles the request.
	Delay time.Duration
	// Status is the status of a response that replaces the server's response, from 400 to 599. The server does not receive the
	// request.
	Status int
	// RetryAfter is the Retry-After header of the response with Status, rounded up to seconds. 0 means no header.
	RetryAfter time.Duration
	// Drop closes the connection without a response. The server does not receive the request.
	Drop bool
	// Truncate closes the connection in the middle of the response, after the server has handled the request.
	Truncate bool
}

// check returns an error if the fields of a fault contradict each other.
func (f Fault) check() error {
	kinds := 0
	for _, is := range []bool{f.Status != 0, f.Drop, f.Truncate} {
		if is {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return errors.New("a fault can have only one of status, drop and truncate")
	case kinds == 0 && f.Delay == 0:
		return errors.New("a fault must have a status, a delay, drop or truncate")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("invalid status %d: the status of a fault is from 400 to 599", f.Status)
	case f.RetryAfter != 0 && f.Status == 0:
		return errors.New("retry-after requires a status")
	case f.Times < 0 || f.Delay < 0 || f.RetryAfter < 0:
		return errors.New("times, delay and retry-after must not be negative")
	}
	return nil
}

// Injection is a fault that was injected.
type Injection struct {
	Fault
	// ID is the number of the fault, starting with 1 for each server. A response that replaces the server's response has the ID
	// in the header Postern-Fault.
	ID int

	route   route
	applied atomic.Int64
}

// Applied returns how many requests the fault was applied to.
func (i *Injection) Applied() int { return int(i.applied.Load()) }

func (i *Injection) match(r *http.Request) bool {
	return (i.Times == 0 || i.Applied() < i.Times) && (i.Bearer == "" || r.Header.Get("Authorization") == "Bearer "+i.Bearer) && i.route.match(r)
}

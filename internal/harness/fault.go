package harness

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Fault is what goes wrong with some requests. It delays them, or does one of the other things, or both.
type Fault struct {
	// Route is which requests are meant: "POST /v1/customer-sessions/", "/v1/customers/{id}" for every method,
	// "GET /v1/customer-portal/{rest...}" for whatever is below; "" is every request.
	Route string
	// Bearer, unless "", is the token of the requests that are meant, so that tests which share a server leave one another alone.
	Bearer string
	// Times is how many requests are struck; 0 is all.
	Times int

	// Delay is how long a request waits before it goes on: to the server, or to what else goes wrong with it.
	Delay time.Duration
	// Status, 400 to 599, answers in place of the server, which does not see the request. RetryAfter, unless 0, goes with it, in
	// whole seconds.
	Status     int
	RetryAfter time.Duration
	// Drop breaks off the connection before there is an answer. The server does not see the request.
	Drop bool
	// Truncate breaks off the connection in the middle of the answer: the server has done what it was asked for.
	Truncate bool
}

// check says what is wrong with a fault.
func (f Fault) check() error {
	kinds := 0
	for _, is := range []bool{f.Status != 0, f.Drop, f.Truncate} {
		if is {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return errors.New("a request is answered with a status, dropped, or truncated: one of the three")
	case kinds == 0 && f.Delay == 0:
		return errors.New("a fault needs a status, a delay, a drop or a truncation")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("a fault's status is one from 400 to 599, and so not %d", f.Status)
	case f.RetryAfter != 0 && f.Status == 0:
		return errors.New("a fault without a status has no Retry-After")
	case f.Times < 0 || f.Delay < 0 || f.RetryAfter < 0:
		return errors.New("a fault strikes, waits and sends away for no less than nothing")
	}
	return nil
}

// Injection is a fault that was injected.
type Injection struct {
	Fault
	// ID counts the faults of a server, from 1. Answers in place of the server have it in the header Postern-Fault.
	ID int

	route  route
	struck atomic.Int64
}

// Applied returns how many requests the fault has struck.
func (i *Injection) Applied() int { return int(i.struck.Load()) }

func (i *Injection) match(r *http.Request) bool {
	return (i.Times == 0 || i.Applied() < i.Times) && (i.Bearer == "" || r.Header.Get("Authorization") == "Bearer "+i.Bearer) && i.route.match(r)
}

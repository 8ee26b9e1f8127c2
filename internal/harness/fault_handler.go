package harness

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Faults are the faults that were injected into one server. It is safe for concurrent use.
//
// Faults apply to a request in the order in which they were injected. The delays of all matching faults add up, until the first
// fault that answers, drops or truncates the request.
type Faults struct {
	mu       sync.Mutex
	injected []*Injection
	count    int
	// cleared is closed by Clear. It is nil if no request is delayed.
	cleared chan struct{}
}

// Inject adds a fault. It returns an error if the fields of the fault contradict each other or its route is invalid.
func (f *Faults) Inject(fault Fault) (*Injection, error) {
	if err := fault.check(); err != nil {
		return nil, err
	}
	route, err := parseRoute(fault.Route)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	i := &Injection{Fault: fault, ID: f.count, route: route}
	f.injected = append(f.injected, i)
	return i, nil
}

// Injected returns the faults since the last Clear, the oldest first, including those that no longer apply to requests.
func (f *Faults) Injected() []*Injection {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.injected)
}

// Clear removes all faults and ends the delays of waiting requests.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.injected = nil
	if f.cleared != nil {
		close(f.cleared)
		f.cleared = nil
	}
}

// apply counts a request for the faults that match it. It returns how long the request waits, a channel that ends the delay
// when it is closed, and the fault that answers, drops or truncates the request. If end is nil, the server handles the request.
func (f *Faults) apply(r *http.Request) (delay time.Duration, cleared <-chan struct{}, end *Injection) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.injected {
		if !i.match(r) {
			continue
		}
		i.applied.Add(1)
		delay += i.Delay
		if i.Status != 0 || i.Drop || i.Truncate {
			end = i
			break
		}
	}
	if delay > 0 && f.cleared == nil {
		f.cleared = make(chan struct{})
	}
	return delay, f.cleared, end
}

// Handler applies the faults to the requests of next. It does not apply them to CORS preflight requests.
func (f *Faults) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			next.ServeHTTP(w, r)
			return
		}
		delay, cleared, fault := f.apply(r)
		if delay > 0 && !wait(r, delay, cleared) {
			return // the client has disconnected
		}
		switch {
		case fault == nil:
			next.ServeHTTP(w, r)
		case fault.Drop:
			drop(w, r)
		case fault.Truncate:
			truncate(w, r, next)
		default:
			fault.respond(w, r)
		}
	})
}

// wait waits for the delay or until cleared is closed. It reports false if the client disconnects first.
func wait(r *http.Request, delay time.Duration, cleared <-chan struct{}) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-cleared:
	case <-r.Context().Done():
		return false
	}
	return true
}

// respond sends a response in the format of Polar's errors. Polar's 429 has no body.
func (i *Injection) respond(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Postern-Fault", strconv.Itoa(i.ID))
	if i.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((i.RetryAfter+time.Second-1)/time.Second), 10))
	}
	if r.Header.Get("Origin") != "" {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	if i.Status == http.StatusTooManyRequests {
		h.Set("Content-Length", "0")
		w.WriteHeader(i.Status)
		return
	}
	name := strings.ReplaceAll(http.StatusText(i.Status), " ", "")
	if name == "" {
		name = "Fault"
	}
	writeError(w, i.Status, name, fmt.Sprintf("Fault %d was injected by a test.", i.ID))
}

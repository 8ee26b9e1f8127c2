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

// Faults strike the requests of one server. The zero value has none. Safe for concurrent use.
//
// A request goes past the faults in the order in which they were injected: it waits for as long as all that delay it say, and
// the first that does more ends it.
type Faults struct {
	mu       sync.Mutex
	injected []*Injection
	count    int
	// cleared is closed by Clear; nil while nobody waits for it.
	cleared chan struct{}
}

// Inject has a fault strike from now on. A fault that makes no sense is an error that says why.
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

// Injected returns the faults that were injected and not cleared, in their order; those that will not strike any more are among them.
func (f *Faults) Injected() []*Injection {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.injected)
}

// Clear ends all faults. Requests that a fault delays go on at once.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.injected = nil
	if f.cleared != nil {
		close(f.cleared)
		f.cleared = nil
	}
}

// strike returns for how long a request waits, unless cleared is closed before, and what ends it; nil when it goes to the server.
func (f *Faults) strike(r *http.Request) (delay time.Duration, cleared <-chan struct{}, end *Injection) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.injected {
		if !i.match(r) {
			continue
		}
		i.struck.Add(1)
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

// Handler serves what next does, as far as the faults let it. It strikes no browser's question whether it may ask (CORS).
func (f *Faults) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			next.ServeHTTP(w, r)
			return
		}
		delay, cleared, fault := f.strike(r)
		if delay > 0 && !wait(r, delay, cleared) {
			return // nobody is there any more
		}
		switch {
		case fault == nil:
			next.ServeHTTP(w, r)
		case fault.Drop:
			drop(w, r)
		case fault.Truncate:
			truncate(w, r, next)
		default:
			fault.answer(w, r)
		}
	})
}

// wait reports false when the caller has gone meanwhile.
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

// answer is what the server would say: nothing for a 429, and else a name and a text.
func (i *Injection) answer(w http.ResponseWriter, r *http.Request) {
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

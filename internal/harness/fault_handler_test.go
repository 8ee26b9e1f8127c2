package harness_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/harness"
)

const body = `{"greeting":"hello"}`

// newFaultyServer starts a server with faults. received returns the number of requests that the server received.
func newFaultyServer(t *testing.T, f *harness.Faults) (url string, received func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	s := httptest.NewServer(f.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		mu.Unlock()
		if r.URL.Path == "/empty" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if r.URL.Path == "/stream" {
			io.WriteString(w, body)
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
			return
		}
		io.WriteString(w, body)
	})))
	t.Cleanup(s.Close)
	return s.URL, func() int { mu.Lock(); defer mu.Unlock(); return n }
}

func inject(t *testing.T, f *harness.Faults, fault harness.Fault) *harness.Injection {
	t.Helper()
	i, err := f.Inject(fault)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// request returns the status and the body of the response.
func request(t *testing.T, method, url string, headers ...string) (int, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(b), err
}

func TestRouteSelectsRequests(t *testing.T) {
	for _, tt := range []struct {
		route, method, path string
		want                bool
	}{
		{"", "GET", "/v1/customers/", true},
		{"POST /v1/customer-sessions/", "POST", "/v1/customer-sessions/", true},
		{"POST /v1/customer-sessions/", "GET", "/v1/customer-sessions/", false},
		{"POST /v1/customer-sessions/", "POST", "/v1/customer-sessions", false},
		{"POST /v1/customer-sessions/", "POST", "/v1/customer-sessions/inspect", false},
		{"/v1/customers/{id}", "PATCH", "/v1/customers/1", true},
		{"/v1/customers/{id}", "PATCH", "/v1/customers/", false},
		{"/v1/customers/{id}", "PATCH", "/v1/customers/1/members", false},
		{"/v1/customers/{id}/members", "GET", "/v1/customers/1/members", true},
		{"GET /v1/customer-portal/{rest...}", "GET", "/v1/customer-portal/customers/me", true},
		{"GET /v1/customer-portal/{rest...}", "GET", "/v1/customer-portal/", true},
		{"GET /v1/customer-portal/{rest...}", "GET", "/v1/customers/", false},
		{"/{rest...}", "GET", "/", true},
	} {
		var f harness.Faults
		inject(t, &f, harness.Fault{Route: tt.route, Status: 503})
		w := httptest.NewRecorder()
		f.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if got := w.Code == 503; got != tt.want {
			t.Errorf("%q matches %s %s: %v", tt.route, tt.method, tt.path, got)
		}
	}
}

func TestInvalidFaultsAreRefused(t *testing.T) {
	for _, tt := range []struct {
		fault harness.Fault
		want  string
	}{
		{harness.Fault{}, "must have a status"},
		{harness.Fault{Times: 3}, "must have a status"},
		{harness.Fault{Status: 200}, "from 400 to 599"},
		{harness.Fault{Status: 503, Drop: true}, "only one of"},
		{harness.Fault{Truncate: true, Drop: true}, "only one of"},
		{harness.Fault{Drop: true, RetryAfter: time.Second}, "retry-after requires a status"},
		{harness.Fault{Status: 503, Times: -1}, "must not be negative"},
		{harness.Fault{Delay: -1}, "must not be negative"},
		{harness.Fault{Status: 503, Route: "v1/customers/"}, "invalid route"},
		{harness.Fault{Status: 503, Route: "post /v1/customers/"}, "invalid route"},
		{harness.Fault{Status: 503, Route: "GET /v1/customers/?limit=1"}, "invalid route"},
	} {
		var f harness.Faults
		if _, err := f.Inject(tt.fault); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.fault, err, tt.want)
		}
		if n := len(f.Injected()); n != 0 {
			t.Errorf("%+v: %d faults", tt.fault, n)
		}
	}
}

func TestFaultsApplyInOrderAndCountRequests(t *testing.T) {
	var f harness.Faults
	url, received := newFaultyServer(t, &f)
	slow := inject(t, &f, harness.Fault{Delay: time.Nanosecond})
	limit := inject(t, &f, harness.Fault{Times: 2, Status: 429, RetryAfter: 1500 * time.Millisecond})
	forAda := inject(t, &f, harness.Fault{Status: 500, Bearer: "ada"})
	onRoute := inject(t, &f, harness.Fault{Times: 1, Route: "GET /a", Status: 503})
	for i, tt := range []struct {
		path, bearer string
		status       int
		body         string
	}{
		{"/a", "ada", 429, ""}, {"/b", "", 429, ""},
		{"/a", "ada", 500, `{"error":"InternalServerError","detail":"Fault 3 was injected by a test."}`},
		{"/b", "bob", 200, body},
		{"/a", "bob", 503, `{"error":"ServiceUnavailable","detail":"Fault 4 was injected by a test."}`},
		{"/a", "", 200, body},
	} {
		status, text, err := request(t, "GET", url+tt.path, "Authorization", "Bearer "+tt.bearer)
		if err != nil || status != tt.status || strings.TrimSpace(text) != tt.body {
			t.Errorf("%d: %d %s %v, want %d %s", i, status, text, err, tt.status, tt.body)
		}
	}
	if got := []int{slow.Applied(), limit.Applied(), forAda.Applied(), onRoute.Applied(), received()}; fmt.Sprint(got) != "[6 2 1 1 2]" {
		t.Errorf("applied and received: %v", got)
	}
	f.Clear()
	if status, _, err := request(t, "GET", url+"/a", "Authorization", "Bearer ada"); status != 200 || err != nil || len(f.Injected()) != 0 {
		t.Errorf("after all faults: %d %v %v", status, err, f.Injected())
	}
}

func TestFaultResponseHasItsHeaders(t *testing.T) {
	var f harness.Faults
	url, _ := newFaultyServer(t, &f)
	inject(t, &f, harness.Fault{Status: 503, RetryAfter: 1500 * time.Millisecond})
	for _, tt := range []struct {
		method, asks, origin string
		want                 string
	}{
		{"GET", "", "", "503 1 2 "},
		{"GET", "", "http://localhost:3000", "503 1 2 *"},
		{"OPTIONS", "", "http://localhost:3000", "503 1 2 *"},
		{"OPTIONS", "POST", "http://localhost:3000", "200   "}, // a CORS preflight request reaches the server
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", tt.origin)
		r.Header.Set("Access-Control-Request-Method", tt.asks)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		h := answer.Header
		if got := fmt.Sprint(answer.StatusCode, " ", h.Get("Postern-Fault"), " ", h.Get("Retry-After"), " ", h.Get("Access-Control-Allow-Origin")); got != tt.want {
			t.Errorf("%v: %q", tt, got)
		}
	}
}

// Clients report an error even on a reused connection, where some of them would repeat a request that got no byte.
func TestBrokenConnectionsAreErrors(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		fault      harness.Fault
		received   int
	}{
		{"drop", "/", harness.Fault{Times: 1, Drop: true}, 1},
		{"truncate", "/", harness.Fault{Times: 1, Truncate: true}, 2},
		{"truncate without a body", "/empty", harness.Fault{Times: 1, Truncate: true}, 2},
		{"truncate a stream", "/stream", harness.Fault{Times: 1, Truncate: true}, 2},
	} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(tt.name+" "+method, func(t *testing.T) {
				var f harness.Faults
				url, received := newFaultyServer(t, &f)
				if status, _, err := request(t, "GET", url+"/"); err != nil || status != 200 {
					t.Fatal(status, err)
				}
				broken := inject(t, &f, tt.fault)
				if status, text, err := request(t, method, url+tt.path); !errors.Is(err, io.ErrUnexpectedEOF) || text == body {
					t.Errorf("%d %q %v, want an unexpected end", status, text, err)
				}
				if broken.Applied() != 1 || received() != tt.received {
					t.Errorf("applied %d times, received %d requests", broken.Applied(), received())
				}
				if status, _, err := request(t, method, url+"/"); err != nil || status != 200 {
					t.Errorf("afterwards: %d %v", status, err)
				}
			})
		}
	}
}

func TestTruncatedResponseHasStatusAndHeaders(t *testing.T) {
	var f harness.Faults
	url, _ := newFaultyServer(t, &f)
	inject(t, &f, harness.Fault{Truncate: true})
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(answer.Body)
	if string(b) != body[:len(body)/2] || !errors.Is(err, io.ErrUnexpectedEOF) || answer.StatusCode != 200 || answer.ContentLength != int64(len(body)) {
		t.Errorf("%d %v %q %v", answer.StatusCode, answer.Header, b, err)
	}
}

func TestDelayEndsWithClearAndWithTheClient(t *testing.T) {
	var f harness.Faults
	url, received := newFaultyServer(t, &f)
	slow := inject(t, &f, harness.Fault{Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { _, err := http.DefaultClient.Do(r); ended <- err }()
	awaitApplied(t, slow, 1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("canceled request: %v", err)
	}
	go func() { _, _, err := request(t, "POST", url); ended <- err }()
	awaitApplied(t, slow, 2)
	f.Clear()
	if err := <-ended; err != nil || received() != 1 {
		t.Errorf("%v, received %d", err, received())
	}
}

// awaitApplied waits until the fault was applied to a number of requests.
func awaitApplied(t *testing.T, i *harness.Injection, times int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); i.Applied() < times; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("applied %d times, want %d", i.Applied(), times)
		}
	}
}

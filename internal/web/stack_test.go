package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// testStack is a stack whose log the test reads. An error is answered with the code of the fault as the body.
type testStack struct {
	web.Stack
	log bytes.Buffer
}

func newTestStack(t *testing.T, base string, routes ...web.Route) *testStack {
	t.Helper()
	public, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	b := &testStack{}
	b.Stack = web.Stack{
		Routes:       web.NewRouter(public, false, routes),
		Authenticate: func(*web.Exchange, *http.Request) error { return nil },
		Problem: func(x *web.Exchange, _ *http.Request, err error) {
			x.Cause = err
			status := http.StatusBadRequest
			if fault.Is(err, fault.Internal) {
				status = http.StatusInternalServerError
			}
			x.WriteHeader(status)
			x.Write([]byte(fault.CodeOf(err)))
		},
		Log: slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: time.Now,
	}
	return b
}

// says returns a handler that answers with a text and the parameter {id} of its path.
func says(text string) web.Handler {
	return func(x *web.Exchange, _ *http.Request) error {
		_, err := x.Write([]byte(text + x.Param("id")))
		return err
	}
}

// ask sends a request. Headers are pairs of name and value.
func (b *testStack) ask(method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

// send sends a request. Like net/http's server, it sets the header Content-Length if the length is known.
func (b *testStack) send(r *http.Request) *http.Response {
	if r.ContentLength >= 0 {
		r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var text bytes.Buffer
	if _, err := text.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// wants compares the status and headers. Headers are pairs of name and value; "" means that the header must be absent.
func wants(t *testing.T, r *http.Response, status int, headers ...string) {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("the status is %d, want %d", r.StatusCode, status)
	}
	for i := 0; i < len(headers); i += 2 {
		if got := strings.Join(r.Header.Values(headers[i]), " | "); got != headers[i+1] {
			t.Errorf("%s is %q, want %q", headers[i], got, headers[i+1])
		}
	}
}

// The order of the stack is visible to clients: some checks come before authentication, others after it.
func TestOrderOfTheStack(t *testing.T) {
	b := newTestStack(t, "http://example.com", web.Route{Method: "GET", Path: "/v1/x", Handle: says("x")})
	b.Authenticate = func(*web.Exchange, *http.Request) error { return fault.New(fault.InvalidToken, "no") }
	for _, target := range []string{"/v1/x", "/v1/x/", "/v1/nowhere", "/api/v1/x"} {
		if got := body(t, b.ask("GET", target)); got != "invalid_token" {
			t.Errorf("%s with a bad bearer token answers %q", target, got)
		}
	}
	if got := body(t, b.ask("DELETE", "/v1/x")); got != "invalid_token" {
		t.Errorf("a wrong method with a bad bearer token answers %q", got)
	}
	long := httptest.NewRequest("POST", "/v1/x", strings.NewReader("x"))
	long.ContentLength = web.MaxBody + 1
	if got := body(t, b.send(long)); got != "too_large" {
		t.Errorf("too long a body with a bad bearer token answers %q", got)
	}
	wants(t, b.ask("OPTIONS", "/v1/x", "Origin", "https://shop.example", "Access-Control-Request-Method", "GET"), http.StatusOK)
	wants(t, b.ask("GET", "/v1/x", "Polar-Version", "1999-01"), http.StatusNotFound)
}

func panics(*web.Exchange, *http.Request) error { panic("the reason") }

func TestPanicIsAnswered(t *testing.T) {
	b := newTestStack(t, "http://example.com", web.Route{Method: "GET", Path: "/v1/x", Handle: panics})
	r := b.ask("GET", "/v1/x")
	wants(t, r, http.StatusInternalServerError)
	if got := body(t, r); got != "internal" || strings.Contains(got, "the reason") {
		t.Errorf("the answer is %q", got)
	}
	for _, want := range []string{"level=ERROR", "the reason", "web_test.panics", "status=500", "route=/v1/x"} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &b.log)
		}
	}
}

// If a handler panics after it has written a part of the answer, the connection is closed, so that the client notices.
func TestPanicAfterTheStartOfAnAnswer(t *testing.T) {
	b := newTestStack(t, "http://example.com", web.Route{Method: "GET", Path: "/v1/x", Handle: func(x *web.Exchange, _ *http.Request) error {
		x.Write([]byte("half"))
		return panics(x, nil)
	}})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("the panic is %v, want http.ErrAbortHandler", p)
		}
		for _, want := range []string{"level=ERROR", "the reason", "web_test.panics"} {
			if !strings.Contains(b.log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, &b.log)
			}
		}
	}()
	b.ask("GET", "/v1/x")
}

// A client that disconnects must not cause an error in the log.
func TestDisconnectedClientsAreNotErrors(t *testing.T) {
	b := newTestStack(t, "http://example.com", web.Route{Method: "GET", Path: "/v1/x", Handle: func(x *web.Exchange, _ *http.Request) error {
		x.Cause = fault.New(fault.Unavailable, "gone").Because(context.Canceled)
		x.WriteHeader(http.StatusServiceUnavailable)
		return nil
	}})
	b.ask("GET", "/v1/x")
	if line := b.log.String(); !strings.Contains(line, "level=ERROR") {
		t.Errorf("the client is still connected: %s", line)
	}
	b.log.Reset()
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	b.send(httptest.NewRequestWithContext(ctx, "GET", "/v1/x", nil))
	if line := b.log.String(); !strings.Contains(line, "level=DEBUG") || !strings.Contains(line, "code=unavailable") {
		t.Errorf("the client has disconnected: %s", line)
	}
}

func TestLog(t *testing.T) {
	broken := web.Route{Method: "GET", Path: "/v1/broken/{id}", Handle: func(x *web.Exchange, _ *http.Request) error {
		x.RequestID()
		return fault.New(fault.Internal, "broken").Because(http.ErrBodyNotAllowed)
	}}
	b := newTestStack(t, "http://example.com", broken, web.Route{Method: "GET", Path: "/v1/x", Handle: says("x")})
	const secret = "polar_cst_never_in_a_log"
	for _, tt := range []struct {
		target string
		want   []string
	}{
		{"/v1/x", []string{"level=DEBUG", "status=200", "path=/v1/x", "method=GET", "route=/v1/x", "duration_ms=", "client=192.0.2.1"}},
		{"/v1/x/", []string{"level=DEBUG", "status=307", "path=/v1/x/"}},
		{"/v1/nowhere", []string{"level=DEBUG", "code=no_route"}},
		{"/v1/broken/7", []string{"level=ERROR", "status=500", "route=/v1/broken/{id}", "code=internal", http.ErrBodyNotAllowed.Error(), "request_id="}},
	} {
		b.log.Reset()
		b.ask("GET", tt.target+"?customer_session_token="+secret, "Authorization", "Bearer "+secret, "Cookie", "s="+secret, "Referer", "/?"+secret)
		line := b.log.String()
		for _, want := range tt.want {
			if !strings.Contains(line, want) {
				t.Errorf("the line for %s lacks %q: %s", tt.target, want, line)
			}
		}
		if strings.Contains(line, secret) || strings.Contains(line, "?") {
			t.Errorf("the line for %s contains a secret: %s", tt.target, line)
		}
		if n := strings.Count(line, "\n"); n != 1 {
			t.Errorf("%s has "+strconv.Itoa(n)+" lines, want 1: %s", tt.target, line)
		}
	}

	b.log.Reset()
	const inPath = "polar_mst_0H5k8Z9UMPUZJGHcE2HnmIC3nNHzVpFhb2SwD0GyBv1"
	b.ask("GET", "/v1/x/"+inPath+"/y")
	if line := b.log.String(); strings.Contains(line, inPath[10:]) || !strings.Contains(line, "path=/v1/x/polar_mst_…/y") {
		t.Errorf("a token in a path: %s", line)
	}

	b.Log = slog.New(slog.NewTextHandler(&b.log, nil))
	b.log.Reset()
	b.ask("GET", "/v1/x")
	if b.log.Len() > 0 {
		t.Errorf("a successful request is logged without debugging: %s", &b.log)
	}
}

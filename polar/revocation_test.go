package polar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/polar"
)

const (
	streamStart      = "id: 7\nretry: 1000\nevent: stream.started\ndata: {}\n\n"
	streamRevocation = "id: 8\nevent: customer_session.revoked\ndata: {\"customer_id\":\"c\",\"member_id\":null,\"customer_session_id\":null,\ndata: \"reason\":\"r\",\"revoked_at\":\"2026-10-01T12:00:00Z\"}\n\n"
	streamHeartbeat  = ": still here\n\n"
)

// newStreamClient returns a client of a stream that starts with text and continues with rest.
func newStreamClient(t *testing.T, text string, rest func(*http.Request) io.Reader, closed *bool, opts ...polar.Option) *polar.Client {
	t.Helper()
	return must[*polar.Client](t)(polar.New(append([]polar.Option{polar.WithAccessToken("polar_oat_x"), withTransport(func(r *http.Request) (*http.Response, error) {
		resp := newResponse(200, "", "Content-Type: text/event-stream; charset=utf-8")
		resp.Body, resp.ContentLength = streamBody{io.MultiReader(strings.NewReader(text), rest(r)), closed}, -1
		return resp, nil
	})}, opts...)...))
}

type streamBody struct {
	io.Reader
	closed *bool
}

func (s streamBody) Close() error { *s.closed = true; return nil }

func blockForever(r *http.Request) io.Reader { return blockingReader{r.Context()} }

// readStream reads a stream to its end and returns the number of events and the final error.
func readStream(t *testing.T, ctx context.Context, c *polar.Client, each func(polar.RevocationEvent)) (steps int, last error) {
	t.Helper()
	for event, err := range c.CustomerSessions.Revocations(ctx, "") {
		if last != nil {
			t.Error("a step follows the error")
		}
		if last = err; err == nil {
			steps++
			each(event)
		}
	}
	return steps, last
}

func TestRevocationsReportHowTheStreamEnded(t *testing.T) {
	for name, test := range map[string]struct {
		rest  func(*http.Request) io.Reader
		is    func(error) bool
		after time.Duration
	}{
		"falls silent": {blockForever, func(err error) bool { _, ok := errors.AsType[*polar.TimeoutError](err); return ok }, 35 * time.Second},
		"breaks":       {func(*http.Request) io.Reader { return failingReader{} }, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }, 0},
		"ends": {func(*http.Request) io.Reader { return strings.NewReader("id: 9\ndata: half of an ev") }, func(err error) bool {
			_, ok := errors.AsType[*polar.ConnectError](err)
			return ok && strings.Contains(err.Error(), "the server closed the stream")
		}, 0},
		"has invalid JSON": {func(*http.Request) io.Reader {
			return strings.NewReader("event: customer_session.revoked\ndata: {\n\n")
		}, isMismatch, 0},
		"has no data":         {func(*http.Request) io.Reader { return strings.NewReader("event: customer_session.revoked\n\n") }, isMismatch, 0},
		"has an endless line": {func(*http.Request) io.Reader { return strings.NewReader("data: " + strings.Repeat("x", 1<<20)) }, isMismatch, 0},
		"has an endless event": {func(*http.Request) io.Reader {
			return strings.NewReader(strings.Repeat("data: "+strings.Repeat("x", 100)+"\n", 1000))
		}, isMismatch, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var closed bool
				var got []string
				start := time.Now()
				client := newStreamClient(t, streamStart+streamRevocation+"event: unheard_of\ndata: 1\n\n"+streamHeartbeat, test.rest, &closed)
				steps, err := readStream(t, t.Context(), client, func(e polar.RevocationEvent) {
					reason := "-"
					if e.Revocation != nil {
						reason = string(e.Revocation.Reason) + " of " + string(*e.Revocation.CustomerID)
					}
					got = append(got, e.ID+" "+reason)
				})
				if want := "[7 - 8 r of c 8 - 8 -]"; fmt.Sprint(got) != want || steps != 4 {
					t.Errorf("%v, want %s", got, want)
				}
				if !test.is(err) || !closed {
					t.Errorf("%T %v, closed: %v", err, err, closed)
				}
				if took := time.Since(start); took != test.after {
					t.Errorf("after %v, want %v", took, test.after)
				}
			})
		})
	}
}

func isMismatch(err error) bool { _, ok := errors.AsType[*polar.DecodeError](err); return ok }

// Neither WithTimeout nor a slow reader ends a stream that sends heartbeats.
func TestRevocationsOutliveEveryTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed bool
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, errors.New("the server shuts down"))
		defer cancel()
		rest := func(r *http.Request) io.Reader { return heartbeats{r.Context()} }
		steps, err := readStream(t, ctx, newStreamClient(t, streamStart, rest, &closed, polar.WithTimeout(time.Second)), func(e polar.RevocationEvent) {
			if e.Revocation != nil {
				time.Sleep(5 * time.Minute) // on the fake clock of synctest
			}
		})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the server shuts down") || !closed || steps < 12 {
			t.Errorf("%d events, %v, closed: %v", steps, err, closed)
		}
	})
}

// heartbeats sends a heartbeat every 30 seconds, and sometimes a revocation.
type heartbeats struct{ ctx context.Context }

func (s heartbeats) Read(b []byte) (int, error) {
	select {
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	case <-time.After(30 * time.Second):
		if time.Now().Minute()%10 == 0 {
			return copy(b, streamRevocation), nil
		}
		return copy(b, streamHeartbeat), nil
	}
}

func TestRevocationsEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed bool
		ctx, cancel := context.WithCancel(t.Context())
		steps, err := readStream(t, ctx, newStreamClient(t, streamStart+streamHeartbeat, blockForever, &closed), func(polar.RevocationEvent) { time.AfterFunc(time.Second, cancel) })
		if steps != 2 || !errors.Is(err, context.Canceled) || errors.As(err, new(*polar.TimeoutError)) || !closed {
			t.Errorf("%d events, %v, closed: %v", steps, err, closed)
		}
		closed = false
		for range newStreamClient(t, streamStart+streamHeartbeat, blockForever, &closed).CustomerSessions.Revocations(t.Context(), "") {
			break
		}
		if !closed {
			t.Error("the stream stays open after break")
		}
	})
}

func TestRevocationsThatCannotStart(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		is      func(error) bool
	}{
		"refused": {respond(403, `{"error":"insufficient_scope"}`, asJSON), func(err error) bool { return errors.Is(err, polar.ErrInsufficientScope) }},
		"Polar":   {respond(404, `{"detail":"Not Found"}`, asJSON, "Polar-Version: 2026-10"), func(err error) bool { return errors.Is(err, polar.ErrNotFound) }},
		"JSON":    {respond(200, `{}`, asJSON), isMismatch},
		"a page":  {respond(200, `<html>`, "Content-Type: text/html"), isMismatch},
		"empty":   {respond(204, ``), isMismatch},
	} {
		client := newClient(t, test.handler, polar.WithAccessToken("polar_oat_x"), polar.WithRetries(polar.RetryConfig{}))
		if steps, err := readStream(t, t.Context(), client, func(polar.RevocationEvent) {}); steps != 0 || !test.is(err) {
			t.Errorf("%s: %d events, %v", name, steps, err)
		}
	}
	url := rawServer(t, func(c net.Conn) { c.Read(make([]byte, 1)) }) // never responds
	_, err := readStream(t, t.Context(), newClientForURL(t, url, polar.WithAccessToken("polar_oat_x"), polar.WithTimeout(20*time.Millisecond)), func(polar.RevocationEvent) {})
	if late, ok := errors.AsType[*polar.TimeoutError](err); !ok || !strings.Contains(late.Error(), "WithTimeout") {
		t.Errorf("%v", err)
	}
}

func TestRevocationsSendLastEventID(t *testing.T) {
	var got, edited http.Header
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		respond(200, streamStart, "Content-Type: text/event-stream")(w, r)
	}, polar.WithAccessToken("polar_oat_x"), polar.WithRequestEditor(func(r *http.Request) error { edited = r.Header.Clone(); return nil }))
	for after, want := range map[string]string{"": "[]", "42": "[42]"} {
		for _, _ = range client.CustomerSessions.Revocations(t.Context(), after) {
			break
		}
		for who, h := range map[string]http.Header{"the server": got, "the editor": edited} {
			if last := fmt.Sprint(h["Last-Event-Id"]); last != want || h.Get("Accept") != "text/event-stream" || h.Get("Authorization") != "Bearer polar_oat_x" {
				t.Errorf("%q: %s got %v", after, who, h)
			}
		}
	}
	got = nil
	for _, err := range client.CustomerSessions.Revocations(t.Context(), "1\r\nX-Evil: 1") {
		if err == nil || got != nil {
			t.Errorf("%v, sent: %v", err, got)
		}
	}
}

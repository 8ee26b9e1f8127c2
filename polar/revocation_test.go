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
	beginning = "id: 7\nretry: 1000\n: revocations from now on\n\n"
	ended     = "id: 8\nevent: customer_session.revoked\ndata: {\"customer_id\":\"c\",\"member_id\":null,\"customer_session_id\":null,\ndata: \"reason\":\"r\",\"revoked_at\":\"2026-10-01T12:00:00Z\"}\n\n"
	alive     = ": still here\n\n"
)

// streamed is a client of a stream of the text, which then goes on as rest does.
func streamed(t *testing.T, text string, rest func(*http.Request) io.Reader, closed *bool, opts ...polar.Option) *polar.Client {
	t.Helper()
	return must[*polar.Client](t)(polar.New(append([]polar.Option{polar.WithAccessToken("polar_oat_x"), over(func(r *http.Request) (*http.Response, error) {
		resp := response(200, "", "Content-Type: text/event-stream; charset=utf-8")
		resp.Body, resp.ContentLength = stream{io.MultiReader(strings.NewReader(text), rest(r)), closed}, -1
		return resp, nil
	})}, opts...)...))
}

type stream struct {
	io.Reader
	closed *bool
}

func (s stream) Close() error { *s.closed = true; return nil }

func silent(r *http.Request) io.Reader { return stuck{r.Context()} }

// ends is what a stream's last step said, and how many there were before.
func ends(t *testing.T, ctx context.Context, c *polar.Client, each func(polar.RevocationEvent)) (steps int, last error) {
	t.Helper()
	for event, err := range c.CustomerSessions.Revocations(ctx, "") {
		if last != nil {
			t.Error("there is a step behind the last")
		}
		if last = err; err == nil {
			steps++
			each(event)
		}
	}
	return steps, last
}

func TestRevocations(t *testing.T) {
	for name, test := range map[string]struct {
		rest  func(*http.Request) io.Reader
		is    func(error) bool
		after time.Duration
	}{
		"falls silent": {silent, func(err error) bool { _, ok := errors.AsType[*polar.TimeoutError](err); return ok }, 35 * time.Second},
		"is cut":       {func(*http.Request) io.Reader { return failing{} }, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }, 0},
		"ends": {func(*http.Request) io.Reader { return strings.NewReader("id: 9\ndata: half of an ev") }, func(err error) bool {
			_, ok := errors.AsType[*polar.ConnectError](err)
			return ok && strings.Contains(err.Error(), "the server has ended the stream")
		}, 0},
		"is no JSON": {func(*http.Request) io.Reader {
			return strings.NewReader("event: customer_session.revoked\ndata: {\n\n")
		}, isMismatch, 0},
		"has no data":            {func(*http.Request) io.Reader { return strings.NewReader("event: customer_session.revoked\n\n") }, isMismatch, 0},
		"has a line without end": {func(*http.Request) io.Reader { return strings.NewReader("data: " + strings.Repeat("x", 1<<20)) }, isMismatch, 0},
		"has an event without end": {func(*http.Request) io.Reader {
			return strings.NewReader(strings.Repeat("data: "+strings.Repeat("x", 100)+"\n", 1000))
		}, isMismatch, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var closed bool
				var got []string
				start := time.Now()
				client := streamed(t, beginning+ended+"event: unheard_of\ndata: 1\n\n"+alive, test.rest, &closed)
				steps, err := ends(t, t.Context(), client, func(e polar.RevocationEvent) {
					reason := "-"
					if e.Revocation != nil {
						reason = e.Revocation.Reason + " of " + *e.Revocation.CustomerID
					}
					got = append(got, e.ID+" "+reason)
				})
				if want := "[7 - 8 r of c 8 - 8 -]"; fmt.Sprint(got) != want || steps != 4 {
					t.Errorf("%v, wanted %s", got, want)
				}
				if !test.is(err) || !closed {
					t.Errorf("%T %v, closed: %v", err, err, closed)
				}
				if took := time.Since(start); took != test.after {
					t.Errorf("after %v, wanted %v", took, test.after)
				}
			})
		})
	}
}

func isMismatch(err error) bool { _, ok := errors.AsType[*polar.DecodeError](err); return ok }

// A stream lives as long as its signs of life come, and its reader may take longer than they do.
func TestRevocationsOutliveEveryTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed bool
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, errors.New("closing time"))
		defer cancel()
		rest := func(r *http.Request) io.Reader { return ticking{r.Context()} }
		steps, err := ends(t, ctx, streamed(t, beginning, rest, &closed, polar.WithTimeout(time.Second)), func(e polar.RevocationEvent) {
			if e.Revocation != nil {
				time.Sleep(5 * time.Minute) // of the test's own clock
			}
		})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "closing time") || !closed || steps < 12 {
			t.Errorf("%d steps, %v, closed: %v", steps, err, closed)
		}
	})
}

// ticking says something every 30 seconds: that it is alive, and once in a while an event.
type ticking struct{ ctx context.Context }

func (s ticking) Read(b []byte) (int, error) {
	select {
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	case <-time.After(30 * time.Second):
		if time.Now().Minute()%10 == 0 {
			return copy(b, ended), nil
		}
		return copy(b, alive), nil
	}
}

func TestRevocationsEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed bool
		ctx, cancel := context.WithCancel(t.Context())
		steps, err := ends(t, ctx, streamed(t, beginning+alive, silent, &closed), func(polar.RevocationEvent) { time.AfterFunc(time.Second, cancel) })
		if steps != 2 || !errors.Is(err, context.Canceled) || errors.As(err, new(*polar.TimeoutError)) || !closed {
			t.Errorf("%d steps, %v, closed: %v", steps, err, closed)
		}
		closed = false
		for range streamed(t, beginning+alive, silent, &closed).CustomerSessions.Revocations(t.Context(), "") {
			break
		}
		if !closed {
			t.Error("a stream that is left stays open")
		}
	})
}

func TestRevocationsThatDoNotBegin(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		is      func(error) bool
	}{
		"refused": {answers(403, `{"error":"insufficient_scope"}`, asJSON), func(err error) bool { return errors.Is(err, polar.ErrInsufficientScope) }},
		"Polar":   {answers(404, `{"detail":"Not Found"}`, asJSON), func(err error) bool { return errors.Is(err, polar.ErrNotFound) }},
		"JSON":    {answers(200, `{}`, asJSON), isMismatch},
		"a page":  {answers(200, `<html>`, "Content-Type: text/html"), isMismatch},
		"empty":   {answers(204, ``), isMismatch},
	} {
		client := newClient(t, test.handler, polar.WithAccessToken("polar_oat_x"), polar.WithRetries(polar.RetryConfig{}))
		if steps, err := ends(t, t.Context(), client, func(polar.RevocationEvent) {}); steps != 0 || !test.is(err) {
			t.Errorf("%s: %d steps, %v", name, steps, err)
		}
	}
	url := rawServer(t, func(c net.Conn) { c.Read(make([]byte, 1)) }) // says nothing
	_, err := ends(t, t.Context(), clientOf(t, url, polar.WithAccessToken("polar_oat_x"), polar.WithTimeout(20*time.Millisecond)), func(polar.RevocationEvent) {})
	if late, ok := errors.AsType[*polar.TimeoutError](err); !ok || !strings.Contains(late.Error(), "WithTimeout") {
		t.Errorf("%v", err)
	}
}

func TestRevocationsSend(t *testing.T) {
	var got, edited http.Header
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		answers(200, beginning, "Content-Type: text/event-stream")(w, r)
	}, polar.WithAccessToken("polar_oat_x"), polar.WithRequestEditor(func(r *http.Request) error { edited = r.Header.Clone(); return nil }))
	for after, want := range map[string]string{"": "[]", "42": "[42]"} {
		for range client.CustomerSessions.Revocations(t.Context(), after) {
			break
		}
		for who, h := range map[string]http.Header{"the server": got, "the editor": edited} {
			if last := fmt.Sprint(h["Last-Event-Id"]); last != want || h.Get("Accept") != "text/event-stream" || h.Get("Authorization") != "Bearer polar_oat_x" {
				t.Errorf("%q: %s sees %v", after, who, h)
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

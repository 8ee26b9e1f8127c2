package polar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/polar"
)

// fakeStream is a server with a stream. Each connection gets the next answer; the last answer repeats.
type fakeStream struct {
	answers []streamAnswer
	start   time.Time
	at      []time.Duration // when each connection was opened
	after   []string        // the Last-Event-ID of each connection
}

type streamAnswer struct {
	status int           // zero means 200
	text   string        // sent at once
	lives  time.Duration // until the connection is closed
	header []string
	err    error // of the network
}

func (f *fakeStream) RoundTrip(r *http.Request) (*http.Response, error) {
	f.at = append(f.at, time.Since(f.start).Truncate(time.Millisecond))
	f.after = append(f.after, r.Header.Get("Last-Event-Id"))
	a := f.answers[min(len(f.at), len(f.answers))-1]
	if a.err != nil {
		return nil, a.err
	}
	if a.status != 0 {
		return newResponse(a.status, a.text, append(a.header, asJSON)...), nil
	}
	resp := newResponse(200, "", "Content-Type: text/event-stream")
	resp.Body, resp.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(a.text), eofAfter(a.lives))), -1
	return resp, nil
}

// eofAfter is a reader that ends after a time.
type eofAfter time.Duration

func (d eofAfter) Read([]byte) (int, error) {
	time.Sleep(time.Duration(d)) // on the fake clock of synctest
	return 0, io.EOF
}

func newRevocation(id int) string {
	return fmt.Sprintf("id: %d\nevent: customer_session.revoked\ndata: {\"reason\":\"r\",\"revoked_at\":\"2026-10-01T12:00:00Z\"}\n\n", id)
}

func TestFollowRevocationsWaits(t *testing.T) {
	const first = "id: 7\n: revocations from now on\n\n"
	const s = time.Second
	for name, test := range map[string]struct {
		answers []streamAnswer
		within  time.Duration
		waits   []time.Duration // the shortest wait before each further connection; the longest is a quarter more
	}{
		"doubles after streams that end after their first event":  {[]streamAnswer{{text: first}}, 3 * time.Minute, []time.Duration{1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s}},
		"doubles after streams that end after a short time":       {[]streamAnswer{{text: first, lives: 9 * s}}, 2 * time.Minute, []time.Duration{10 * s, 11 * s, 13 * s, 17 * s}},
		"doubles after failed connections":                        {[]streamAnswer{{err: errors.New("refused")}}, time.Minute, []time.Duration{1 * s, 2 * s, 4 * s, 8 * s, 16 * s}},
		"doubles after errors":                                    {[]streamAnswer{{status: 403, text: `{"error":"insufficient_scope"}`}}, time.Minute, []time.Duration{1 * s, 2 * s, 4 * s, 8 * s}},
		"doubles after a revocation that is sent again and again": {[]streamAnswer{{text: newRevocation(8)}}, time.Minute, []time.Duration{1 * s, 2 * s, 4 * s, 8 * s}},
		"starts again after a stream that lived":                  {[]streamAnswer{{text: first}, {text: first}, {text: first, lives: 10 * s}, {text: first}}, time.Minute, []time.Duration{1 * s, 2 * s, 11 * s, 2 * s}},
		"starts again after a new revocation":                     {[]streamAnswer{{text: first}, {text: first}, {text: newRevocation(8)}, {text: newRevocation(9)}, {text: first}}, 20 * s, []time.Duration{1 * s, 2 * s, 1 * s, 1 * s, 2 * s}},
		"honors retry":                                            {[]streamAnswer{{text: "retry: 5000\n" + first}}, 2 * time.Minute, []time.Duration{5 * s, 5 * s, 5 * s, 8 * s}},
		"limits retry":                                            {[]streamAnswer{{text: "retry: 86400000\n" + first}}, 5 * time.Minute, []time.Duration{60 * s, 60 * s}},
		"ignores an invalid retry":                                {[]streamAnswer{{text: "retry: soon\nretry: -1\n" + first}}, 20 * s, []time.Duration{1 * s, 2 * s}},
		"honors Retry-After":                                      {[]streamAnswer{{status: 503, header: []string{"Retry-After: 20"}}}, 2 * time.Minute, []time.Duration{20 * s, 20 * s}},
		"asks rarely if the server has no stream":                 {[]streamAnswer{{status: 404, text: `{"detail":"Not Found"}`, header: []string{"Polar-Version: 2026-10"}}}, time.Hour, []time.Duration{600 * s, 600 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &fakeStream{answers: test.answers, start: time.Now()}
				ctx, cancel := context.WithTimeout(t.Context(), test.within)
				defer cancel()
				client := must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), polar.WithHTTPClient(&http.Client{Transport: server})))
				var failures []error
				for _, err := range client.CustomerSessions.FollowRevocations(ctx, "") {
					if err != nil {
						failures = append(failures, err)
					}
				}
				if len(server.at) <= len(test.waits) {
					t.Fatalf("connections at %v, want at least %d", server.at, len(test.waits)+1)
				}
				for i, want := range test.waits {
					if got := server.at[i+1] - server.at[i]; got < want.Truncate(time.Millisecond) || got > want+want/4 {
						t.Errorf("wait %d is %v, want %v to %v", i+1, got, want, want+want/4)
					}
				}
				if n := len(server.at); len(failures) < n || len(failures) > n+1 || !errors.Is(failures[len(failures)-1], context.DeadlineExceeded) {
					t.Errorf("%d connections, errors: %v", n, failures)
				}
			})
		})
	}
}

func TestFollowRevocationsContinuesAfterTheLastEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeStream{start: time.Now(), answers: []streamAnswer{{err: errors.New("refused")}, {text: streamStart}, {text: streamRevocation + ": part of an ev"}, {text: newRevocation(9)}, {}}}
		client := must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), polar.WithHTTPClient(&http.Client{Transport: server})))
		var got []string
		for event, err := range client.CustomerSessions.FollowRevocations(t.Context(), "6") {
			if err == nil {
				got = append(got, event.ID)
			}
			if len(server.at) == 5 {
				break
			}
		}
		if want := "[7 8 9]"; fmt.Sprint(got) != want {
			t.Errorf("events %v, want %s", got, want)
		}
		if want := "[6 6 7 8 9]"; fmt.Sprint(server.after) != want {
			t.Errorf("Last-Event-ID %v, want %s", server.after, want)
		}
	})
}

func TestFollowRevocationsEnds(t *testing.T) {
	client := must[*polar.Client](t)(polar.New())
	steps := 0
	for _, err := range client.CustomerSessions.FollowRevocations(t.Context(), "") {
		if steps++; !errors.Is(err, polar.ErrMissingSecurity) {
			t.Errorf("%v", err)
		}
	}
	if steps != 1 {
		t.Errorf("%d steps without an access token", steps)
	}
	synctest.Test(t, func(t *testing.T) {
		server := &fakeStream{start: time.Now(), answers: []streamAnswer{{text: streamStart}}}
		client := must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), polar.WithHTTPClient(&http.Client{Transport: server})))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last error
		for _, err := range client.CustomerSessions.FollowRevocations(ctx, "") {
			if last = err; err != nil {
				cancel() // during the wait for the next connection
			}
		}
		if !errors.Is(last, context.Canceled) || len(server.at) != 1 {
			t.Errorf("%d connections, %v", len(server.at), last)
		}
	})
}

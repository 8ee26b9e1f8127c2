package polar_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/polar"
)

// scriptedTransport answers each attempt with the next step, and repeats the last step. It records the time of each
// attempt.
type scriptedTransport struct {
	steps    []roundTrip
	start    time.Time
	calledAt []time.Duration
}

func (s *scriptedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.calledAt == nil {
		s.start = time.Now()
	}
	s.calledAt = append(s.calledAt, time.Since(s.start))
	return s.steps[min(len(s.calledAt), len(s.steps))-1](r)
}

func reply(status int, body string, headers ...string) roundTrip {
	return func(*http.Request) (*http.Response, error) { return newResponse(status, body, headers...), nil }
}

func failWith(err error) roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

var success = reply(200, liveBody, asJSON)

func TestWhichFailuresAreRetried(t *testing.T) {
	connected := polar.RetryConfig{}
	crash := reply(500, "Internal Server Error", "Content-Type: text/plain")
	for name, test := range map[string]struct {
		opts  []polar.Option
		steps []roundTrip
		calls int
		ok    bool
	}{
		"two by default":             {nil, []roundTrip{crash, failWith(io.EOF), success}, 3, true},
		"not three by default":       {nil, []roundTrip{crash, crash, crash, success}, 3, false},
		"MaxRetries":                 {[]polar.Option{polar.WithRetries(polar.RetryConfig{MaxRetries: 3})}, []roundTrip{crash, crash, crash, success}, 4, true},
		"a crash":                    {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{crash, crash, success}, 3, true},
		"JSON":                       {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{reply(503, `{"detail":"x"}`, asJSON), success}, 2, true},
		"HTML":                       {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{reply(502, `<p>`, "Content-Type: text/html"), success}, 2, true},
		"truncated JSON":             {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{reply(504, `{"de`, asJSON), success}, 2, true},
		"rate limit":                 {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{reply(429, "", "Retry-After: 1"), success}, 2, true},
		"error, broken body":         {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{brokenBody(503), success}, 2, true},
		"not 401":                    {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{reply(401, ""), success}, 1, false},
		"not 501":                    {[]polar.Option{polar.WithRetries(polar.RetryConfig{})}, []roundTrip{reply(501, ""), success}, 1, false},
		"not an unexpected response": {[]polar.Option{polar.WithRetries(connected)}, []roundTrip{reply(200, "{}", asJSON), success}, 1, false},
		"own codes":                  {[]polar.Option{polar.WithRetries(polar.RetryConfig{StatusCodes: []int{409}})}, []roundTrip{reply(409, ""), success}, 2, true},
		"only own codes":             {[]polar.Option{polar.WithRetries(polar.RetryConfig{StatusCodes: []int{409}})}, []roundTrip{crash, success}, 1, false},
		"connection":                 {[]polar.Option{polar.WithRetries(connected)}, []roundTrip{failWith(io.ErrUnexpectedEOF), success}, 2, true},
		"connection lost in a body":  {[]polar.Option{polar.WithRetries(connected)}, []roundTrip{brokenBody(200), success}, 2, true},
		"connection, not enabled":    {[]polar.Option{polar.WithRetries(polar.RetryConfig{ResponsesOnly: true})}, []roundTrip{failWith(io.ErrUnexpectedEOF), success}, 1, false},
		"timeout":                    {[]polar.Option{polar.WithRetries(connected)}, []roundTrip{stall(""), stall("{"), success}, 3, true},
		"timeout, not enabled":       {[]polar.Option{polar.WithRetries(polar.RetryConfig{ResponsesOnly: true})}, []roundTrip{stall(""), success}, 1, false},
		"certificate":                {[]polar.Option{polar.WithRetries(connected)}, []roundTrip{failWith(&tls.CertificateVerificationError{Err: io.EOF}), success}, 1, false},
		"turned off again":           {[]polar.Option{polar.WithRetries(connected), polar.WithoutRetries()}, []roundTrip{crash, success}, 1, false},
		"MaxElapsedTime is over":     {[]polar.Option{polar.WithRetries(polar.RetryConfig{InitialInterval: time.Second, Exponent: 1, MaxInterval: time.Second, MaxElapsedTime: time.Second / 3})}, []roundTrip{crash}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &scriptedTransport{steps: test.steps}
				client, err := polar.New(polar.WithHTTPClient(&http.Client{Transport: server}))
				if err != nil {
					t.Fatal(err)
				}
				session, err := introspect(t, client, test.opts...)
				if len(server.calledAt) != test.calls || (err == nil) != test.ok || (session != nil) != test.ok {
					t.Errorf("%d calls, want %d; %v", len(server.calledAt), test.calls, err)
				}
			})
		})
	}
}

func brokenBody(status int) roundTrip {
	return func(*http.Request) (*http.Response, error) {
		resp := newResponse(status, "", asJSON)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"error":`), failingReader{}))
		return resp, nil
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestDelayBetweenAttempts(t *testing.T) {
	type span struct{ from, to time.Duration }
	const ms, s = time.Millisecond, time.Second
	for name, test := range map[string]struct {
		config  polar.RetryConfig
		headers []string
		want    []span // between attempts
	}{
		"defaults":            {polar.RetryConfig{}, nil, []span{{250 * ms, 500 * ms}, {375 * ms, 750 * ms}, {562 * ms, 1125 * ms}}},
		"exponent":            {polar.RetryConfig{InitialInterval: s, Exponent: 10}, nil, []span{{500 * ms, s}, {5 * s, 10 * s}, {30 * s, 60 * s}, {30 * s, 60 * s}}},
		"constant":            {polar.RetryConfig{InitialInterval: s, Exponent: 1}, nil, []span{{500 * ms, s}, {500 * ms, s}, {500 * ms, s}}},
		"overflow":            {polar.RetryConfig{InitialInterval: s, Exponent: 1e300, MaxInterval: 2 * s}, nil, []span{{500 * ms, s}, {s, 2 * s}, {s, 2 * s}}},
		"small max":           {polar.RetryConfig{MaxInterval: 10 * ms}, nil, []span{{5 * ms, 10 * ms}, {5 * ms, 10 * ms}}},
		"Retry-After":         {polar.RetryConfig{MaxInterval: s}, []string{"Retry-After: 60"}, []span{{60 * s, 61 * s}, {60 * s, 61 * s}}},
		"long Retry-After":    {polar.RetryConfig{}, []string{"Retry-After: 900"}, []span{{60 * s, 61 * s}, {60 * s, 61 * s}}},
		"a long MaxInterval":  {polar.RetryConfig{MaxInterval: 1000 * s}, []string{"Retry-After: 900"}, []span{{900 * s, 901 * s}}},
		"invalid Retry-After": {polar.RetryConfig{}, []string{"Retry-After: soon"}, []span{{250 * ms, 500 * ms}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &scriptedTransport{}
				for range test.want {
					server.steps = append(server.steps, reply(429, "", test.headers...))
				}
				server.steps = append(server.steps, success)
				test.config.MaxRetries = len(test.want)
				client, err := polar.New(polar.WithHTTPClient(&http.Client{Transport: server}), polar.WithRetries(test.config))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := introspect(t, client); err != nil {
					t.Fatal(err)
				}
				for i, want := range test.want {
					if got := server.calledAt[i+1] - server.calledAt[i]; got < want.from || got > want.to {
						t.Errorf("delay %d: %v, want %v to %v", i+1, got, want.from, want.to)
					}
				}
			})
		})
	}
}

func TestDelaysAreRandom(t *testing.T) {
	seen := map[time.Duration]bool{}
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			server := &scriptedTransport{steps: []roundTrip{reply(503, ""), success}}
			client, err := polar.New(polar.WithHTTPClient(&http.Client{Transport: server}), polar.WithRetries(polar.RetryConfig{}))
			if err != nil {
				t.Fatal(err)
			}
			introspect(t, client)
			seen[server.calledAt[1]] = true
		}
	})
	if len(seen) < 10 {
		t.Errorf("%d different delays of 20", len(seen))
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	limit := reply(429, "", "Retry-After: 60")
	for name, test := range map[string]struct {
		config polar.RetryConfig
		steps  []roundTrip
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		took   time.Duration // at least this, and less than one minute more
		is     []error
		status int // of the Error in the returned error
	}{
		"MaxElapsedTime": {
			polar.RetryConfig{MaxElapsedTime: 150 * time.Second, MaxRetries: 9}, []roundTrip{limit},
			context.WithCancel, 120 * time.Second, []error{polar.ErrRateLimited}, 429,
		},
		"the deadline, in a wait": {
			polar.RetryConfig{}, []roundTrip{limit},
			deadline(90 * time.Second), 90 * time.Second, []error{polar.ErrRateLimited, context.DeadlineExceeded}, 429,
		},
		"canceled, in a wait": {
			polar.RetryConfig{}, []roundTrip{limit},
			canceled(90 * time.Second), 90 * time.Second, []error{polar.ErrRateLimited, context.Canceled}, 429,
		},
		"the deadline, in the next attempt": {
			polar.RetryConfig{}, []roundTrip{limit, stall("")},
			deadline(62 * time.Second), 62 * time.Second, []error{polar.ErrRateLimited, context.DeadlineExceeded}, 429,
		},
		"a refused connection, and the deadline": {
			polar.RetryConfig{InitialInterval: 400 * time.Millisecond, Exponent: 1000}, []roundTrip{failWith(syscall.ECONNREFUSED)},
			deadline(time.Second), time.Second, []error{syscall.ECONNREFUSED, context.DeadlineExceeded}, 0,
		},
		"canceled after a refused connection": {
			polar.RetryConfig{InitialInterval: time.Minute, MaxRetries: 10}, []roundTrip{failWith(syscall.ECONNREFUSED)},
			canceled(70 * time.Second), 70 * time.Second, []error{syscall.ECONNREFUSED, context.Canceled}, 0,
		},
		"an earlier response is not part of the error": {
			polar.RetryConfig{MaxElapsedTime: time.Minute}, []roundTrip{reply(503, ""), failWith(io.EOF)},
			context.WithCancel, 0, []error{io.EOF}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &scriptedTransport{steps: test.steps}
				client, err := polar.New(polar.WithHTTPClient(&http.Client{Transport: server}), polar.WithRetries(test.config))
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := test.ctx(t.Context())
				defer cancel()
				start := time.Now()
				_, err = client.CustomerPortal.CustomerSession.Introspect(ctx, liveSecurity)
				for _, is := range test.is {
					if !errors.Is(err, is) {
						t.Errorf("%v is missing in %v", is, err)
					}
				}
				var apiErr *polar.Error
				if errors.As(err, &apiErr) != (test.status != 0) || apiErr != nil && apiErr.StatusCode != test.status {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); took < test.took || took >= test.took+time.Minute {
					t.Errorf("took %v, want %v", took, test.took)
				}
				wantText(t, err.Error(), []string{"polar: introspect customer session: ", "after "}, []string{"\n"})
			})
		})
	}
}

func deadline(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

func canceled(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(d, cancel)
		return ctx, cancel
	}
}

func TestErrorsCountAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, last := range []roundTrip{reply(401, ""), failWith(&tls.CertificateVerificationError{Err: io.EOF})} {
			server := &scriptedTransport{steps: []roundTrip{reply(503, ""), stall(""), last}}
			client, err := polar.New(polar.WithHTTPClient(&http.Client{Transport: server}),
				polar.WithRetries(polar.RetryConfig{}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = introspect(t, client)
			wantText(t, err.Error(), []string{", after 3 attempts"}, nil)
		}
	})
}

func TestEveryAttemptSendsTheSameRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		look := func(status int) roundTrip {
			return func(r *http.Request) (*http.Response, error) {
				seen = append(seen, fmt.Sprint(r.Method, r.URL, r.Header))
				return newResponse(status, liveBody, asJSON), nil
			}
		}
		server := &scriptedTransport{steps: []roundTrip{look(500), look(500), look(200)}}
		client, err := polar.New(polar.WithHTTPClient(&http.Client{Transport: server}), polar.WithRetries(polar.RetryConfig{}),
			polar.WithRequestEditor(func(r *http.Request) error { r.Header.Add("X-Once", "1"); return nil }))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := introspect(t, client); err != nil || len(seen) != 3 || len(slices.Compact(seen)) != 1 {
			t.Errorf("%v, %q", err, seen)
		}
	})
}

func TestRetryConfigIsCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		codes := []int{409}
		server := &scriptedTransport{steps: []roundTrip{reply(409, ""), success}}
		client, err := polar.New(polar.WithHTTPClient(&http.Client{Transport: server}), polar.WithRetries(polar.RetryConfig{StatusCodes: codes}))
		if err != nil {
			t.Fatal(err)
		}
		codes[0] = 500
		if _, err := introspect(t, client); err != nil {
			t.Error(err)
		}
	})
}

// Only requests that can be repeated are retried.
func TestWhichRequestsAreRetried(t *testing.T) {
	send := func(method string, opts ...polar.Option) func(*polar.Client) error {
		return func(c *polar.Client) error { return c.Do(t.Context(), method, "/v1/x", nil, nil, opts...) }
	}
	for name, test := range map[string]struct {
		call  func(*polar.Client) error
		calls int
	}{
		"GET":             {send(http.MethodGet), 3},
		"PUT":             {send(http.MethodPut), 3},
		"DELETE":          {send(http.MethodDelete), 3},
		"POST":            {send(http.MethodPost), 1},
		"PATCH of Do":     {send(http.MethodPatch), 1},
		"POST with a key": {send(http.MethodPost, polar.WithHeader("Idempotency-Key", "k")), 3},
		"update": {func(c *polar.Client) error {
			return errorOf(c.Customers.Update(t.Context(), polar.CustomerID("c"), polar.CustomerUpdate{}))
		}, 3},
		"create a session": {func(c *polar.Client) error {
			return errorOf(c.CustomerSessions.Create(t.Context(), polar.CustomerSessionCreate{Customer: polar.CustomerID("c")}))
		}, 3},
		"revoke":           {func(c *polar.Client) error { return c.CustomerSessions.RevokeOrganization(t.Context(), "o", "") }, 3},
		"inspect":          {func(c *polar.Client) error { return errorOf(c.CustomerSessions.Inspect(t.Context(), "x")) }, 3},
		"OAuth introspect": {func(c *polar.Client) error { return errorOf(c.OAuth2.Introspect(t.Context(), "x")) }, 3},
		"send a login code": {func(c *polar.Client) error {
			return c.CustomerPortal.CustomerSession.Request(t.Context(), polar.CustomerSessionCodeRequest{})
		}, 1},
		"use a login code": {func(c *polar.Client) error {
			return errorOf(c.CustomerPortal.CustomerSession.Authenticate(t.Context(), polar.CustomerSessionCodeAuthenticate{Code: "x"}))
		}, 1},
		"redeliver an event": {func(c *polar.Client) error { return c.Webhooks.RedeliverEvent(t.Context(), "x") }, 1},
	} {
		var calls int
		client := must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_x"), polar.WithRetries(polar.RetryConfig{InitialInterval: 1}),
			withTransport(func(*http.Request) (*http.Response, error) {
				calls++
				return newResponse(503, ""), nil
			})))
		if err := test.call(client); err == nil || calls != test.calls {
			t.Errorf("%s: %d calls, want %d; %v", name, calls, test.calls, err)
		}
	}
}

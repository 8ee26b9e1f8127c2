package polar_test

import (
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

func withRetries(change func(*polar.RetryConfig)) polar.Option {
	var r polar.RetryConfig
	change(&r)
	return polar.WithRetries(r)
}

func TestBadOptionsAreErrors(t *testing.T) {
	client := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for name, option := range map[string]polar.Option{
		"nil":               nil,
		"server":            polar.WithServer("staging"),
		"no server":         polar.WithServer(""),
		"empty URL":         polar.WithServerURL(""),
		"no scheme":         polar.WithServerURL("api.example.com"),
		"host:port":         polar.WithServerURL("localhost:8080"),
		"ftp":               polar.WithServerURL("ftp://example.com"),
		"no host":           polar.WithServerURL("https:///v1"),
		"server version":    polar.WithServerURL("https://api.polar.sh/v1"),
		"base and version":  polar.WithServerURL("http://127.0.0.1:8787/base/v1/"),
		"port without host": polar.WithServerURL("https://:443"),
		"opaque":            polar.WithServerURL("https:example.com"),
		"query":             polar.WithServerURL("https://example.com/?a=1"),
		"empty query":       polar.WithServerURL("https://example.com/?"),
		"fragment":          polar.WithServerURL("https://example.com/#a"),
		"empty fragment":    polar.WithServerURL("https://example.com/#"),
		"user":              polar.WithServerURL("https://user:hunter2@example.com"),
		"broken user":       polar.WithServerURL("https://user:hunter2%zz@example.com"),
		"port 0":            polar.WithServerURL("https://example.com:0"),
		"port 65536":        polar.WithServerURL("https://example.com:65536"),
		"port x":            polar.WithServerURL("https://example.com:hunter2"),
		"space":             polar.WithServerURL(" https://example.com"),
		"client":            polar.WithHTTPClient(nil),
		"header name":       polar.WithHeader("X Trace", "1"),
		"no header name":    polar.WithHeader("", "1"),
		"header value":      polar.WithHeader("X-Trace", "hunter2\r\nX-Evil: 1"),
		"authorization":     polar.WithHeader("authorization", "Bearer hunter2"),
		"host":              polar.WithHeader("host", "example.com"),
		"length":            polar.WithHeader("Content-Length", "5"),
		"transfer encoding": polar.WithHeader("Transfer-Encoding", "chunked"),
		"editor":            polar.WithRequestEditor(nil),
		"no access token":   polar.WithAccessToken(""),
		"an access token":   polar.WithAccessToken("polar_oat_hunter2\n"),
		"timeout 0":         polar.WithTimeout(0),
		"timeout negative":  polar.WithTimeout(-time.Second),
		"user agent":        polar.WithUserAgent("  "),
		"user agent 2":      polar.WithUserAgent("shop\n"),
		"version day":       polar.WithAPIVersion("2026-10-01"),
		"version month":     polar.WithAPIVersion("2026-13"),
		"version short":     polar.WithAPIVersion("2026-1"),
		"version word":      polar.WithAPIVersion("latest"),
		"initial":           withRetries(func(r *polar.RetryConfig) { r.InitialInterval = -1 }),
		"max":               withRetries(func(r *polar.RetryConfig) { r.MaxInterval = -1 }),
		"elapsed":           withRetries(func(r *polar.RetryConfig) { r.MaxElapsedTime = -1 }),
		"exponent":          withRetries(func(r *polar.RetryConfig) { r.Exponent = 0.5 }),
		"exponent negative": withRetries(func(r *polar.RetryConfig) { r.Exponent = -2 }),
		"exponent NaN":      withRetries(func(r *polar.RetryConfig) { r.Exponent = math.NaN() }),
		"exponent infinite": withRetries(func(r *polar.RetryConfig) { r.Exponent = math.Inf(1) }),
		"initial over max":  withRetries(func(r *polar.RetryConfig) { r.InitialInterval, r.MaxInterval = 2, 1 }),
		"retry a success":   withRetries(func(r *polar.RetryConfig) { r.StatusCodes = []int{200} }),
	} {
		t.Run(name, func(t *testing.T) {
			made, err := polar.New(option)
			if err == nil || made != nil {
				t.Fatalf("New: %v, %v", made, err)
			}
			wantText(t, formatted(err), []string{"polar: "}, []string{"hunter2"})
			if _, err := introspect(t, client, option); err == nil {
				t.Error("the call has no error")
			}
		})
	}
}

func TestServerURLs(t *testing.T) {
	for want, opts := range map[string][]polar.Option{
		"https://api.polar.sh" + livePath:         nil,
		"https://sandbox-api.polar.sh" + livePath: {polar.WithServerURL("https://example.com"), polar.WithServer(polar.Sandbox)},
		"http://[::1]:8787/a/b" + livePath:        {polar.WithServer(polar.Sandbox), polar.WithServerURL("http://[::1]:8787/a/b//")},
		"https://EXAMPLE.com" + livePath:          {polar.WithServerURL("HTTPS://EXAMPLE.com/")},
	} {
		var got string
		client, err := polar.New(append(opts, withTransport(func(r *http.Request) (*http.Response, error) {
			got = r.URL.String()
			return newResponse(200, liveBody, asJSON), nil
		}))...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := introspect(t, client); err != nil || got != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
}

func TestLastOptionWins(t *testing.T) {
	var got http.Header
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		respond(200, liveBody, asJSON)(w, r)
	}, polar.WithHeader("X-A", "1"), polar.WithHeader("x-a", "2"), polar.WithHeader("X-B", "client"), polar.WithUserAgent("one"))
	for _, test := range []struct {
		opts []polar.Option
		want map[string]string
	}{
		{nil, map[string]string{"X-A": "2", "X-B": "client", "User-Agent": "one"}},
		{
			[]polar.Option{polar.WithHeader("X-B", "call"), polar.WithHeader("X-C", "call"), polar.WithUserAgent("two")},
			map[string]string{"X-A": "2", "X-B": "call", "X-C": "call", "User-Agent": "two"},
		},
		{nil, map[string]string{"X-B": "client", "X-C": "", "User-Agent": "one"}}, // options of a call do not affect the next call
	} {
		if _, err := introspect(t, client, test.opts...); err != nil {
			t.Fatal(err)
		}
		for name, want := range test.want {
			if got.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, got.Get(name), want)
			}
		}
	}
}

func TestRequestEditorMayNotChangeMethodOrBody(t *testing.T) {
	refusal := errors.New("not today")
	for name, test := range map[string]struct {
		edit func(*http.Request) error
		text string // of the error; empty if there is none
	}{
		"headers, host, query": {func(r *http.Request) error {
			r.Header.Add("X-Many", "1")
			r.Header.Add("X-Many", "2")
			r.Host, r.URL.RawQuery = "portal.example.com", "probe=1"
			return nil
		}, ""},
		"no credentials": {func(r *http.Request) error { r.Header.Del("Authorization"); return nil }, ""},
		"no header":      {func(r *http.Request) error { r.Header = nil; return nil }, ""},
		"method":         {func(r *http.Request) error { r.Method = http.MethodDelete; return nil }, "method or the body"},
		"body":           {func(r *http.Request) error { r.Body = io.NopCloser(strings.NewReader("x")); return nil }, "method or the body"},
		"length":         {func(r *http.Request) error { r.ContentLength = 7; return nil }, "method or the body"},
		"URL":            {func(r *http.Request) error { r.URL = nil; return nil }, "URL"},
		"everything":     {func(r *http.Request) error { *r = http.Request{}; return nil }, "method or the body"},
		"error":          {func(*http.Request) error { return refusal }, "not today"},
	} {
		t.Run(name, func(t *testing.T) {
			var sent *http.Request
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				sent = r
				respond(200, liveBody, asJSON)(w, r)
			})
			_, err := introspect(t, client, polar.WithRequestEditor(test.edit))
			if test.text == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || sent != nil {
				t.Fatalf("%v, sent %v", err, sent != nil)
			}
			wantText(t, err.Error(), []string{"polar: introspect customer session: ", test.text}, nil)
			if name == "error" && !errors.Is(err, refusal) {
				t.Error("the error of the editor is not wrapped")
			}
		})
	}
}

func TestCallersClientIsNotChanged(t *testing.T) {
	callersClient := &http.Client{Timeout: time.Minute}
	client := newClient(t, respond(200, liveBody, asJSON), polar.WithHTTPClient(callersClient))
	if _, err := introspect(t, client, polar.WithTimeout(time.Second)); err != nil {
		t.Fatal(err)
	}
	if callersClient.CheckRedirect != nil || callersClient.Transport != nil || callersClient.Jar != nil || callersClient.Timeout != time.Minute {
		t.Errorf("%+v", callersClient)
	}
}

// The error of a URL that ends with /v1 says what to write instead.
func TestServerURLWithVersion(t *testing.T) {
	for url, want := range map[string]string{
		"https://api.polar.sh/v1": "write https://api.polar.sh", "http://127.0.0.1:8787/base/v1//": "write http://127.0.0.1:8787/base",
	} {
		if _, err := polar.New(polar.WithServerURL(url)); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := polar.New(polar.WithServerURL("https://example.com/v1x")); err != nil {
		t.Error(err)
	}
}

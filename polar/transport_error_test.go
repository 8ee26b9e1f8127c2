package polar_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/polar"
)

func TestUnexpectedResponsesAreDecodeErrors(t *testing.T) {
	const good = `{"expires_at":"2026-08-22T09:30:15Z","return_url":null}`
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		text    string
	}{
		"HTML":                      {respond(200, "<html>hello", "Content-Type: text/html; charset=utf-8"), "200 application/json"},
		"HTML as JSON":              {respond(200, "<html>hello", asJSON), "invalid character '<'"},
		"JSON as text":              {respond(200, good, "Content-Type: text/plain"), "(200 text/plain)"},
		"no content type":           {respond(200, good, "Content-Type: "), "200 application/json"},
		"bad content type":          {respond(200, good, "Content-Type: ;;;"), "200 application/json"},
		"empty":                     {respond(200, "", asJSON), ""},
		"truncated":                 {respond(200, good[:30], asJSON), ""},
		"two values":                {respond(200, good+good, asJSON), ""},
		"null":                      {respond(200, "null", asJSON), "expires_at is missing"},
		"list":                      {respond(200, "[]", asJSON), ""},
		"empty object":              {respond(200, "{}", asJSON), "expires_at is missing"},
		"null fields":               {respond(200, `{"expires_at":null,"return_url":null}`, asJSON), "expires_at is missing"},
		"a number":                  {respond(200, `{"expires_at":1787391015}`, asJSON), ""},
		"no zone":                   {respond(200, `{"expires_at":"2026-08-22T09:30:15.120000"}`, asJSON), "2026-08-22T09:30:15.120000"},
		"no date":                   {respond(200, `{"expires_at":"tomorrow"}`, asJSON), "tomorrow"},
		"return_url":                {respond(200, `{"expires_at":"2026-08-22T09:30:15Z","return_url":5}`, asJSON), "return_url"},
		"no content":                {respond(204, ""), "(204 )"},
		"accepted":                  {respond(202, "null", asJSON), "(202 application/json)"},
		"not modified":              {respond(304, ""), "(304 )"},
		"redirect without location": {respond(302, "", asJSON), "(302 application/json)"},
		"too large, with length":    {respond(200, strings.Repeat(" ", 1<<20)+good, asJSON, fmt.Sprint("Content-Length: ", 1<<20+len(good))), "exceeds 1048576 bytes"},
		"endless":                   {respondEndlessly(200, asJSON), "exceeds 1048576 bytes"},
		"too large after gzip":      {respondWithZipBomb, "exceeds 1048576 bytes"},
		"endless HTML":              {respondEndlessly(200, "Content-Type: text/html"), "200 application/json"},
		"long content type":         {respond(200, good, "Content-Type: text/"+strings.Repeat("x", 5000)), "…"},
	} {
		t.Run(name, func(t *testing.T) {
			var calls int
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) { calls++; test.handler(w, r) },
				polar.WithRetries(polar.RetryConfig{}))
			session, err := introspect(t, client)
			var mismatch *polar.DecodeError
			if session != nil || !errors.As(err, &mismatch) {
				t.Fatalf("%v, %T %v", session, err, err)
			}
			wantText(t, err.Error(), []string{"polar: introspect customer session: ", "unexpected response", test.text, "WithServerURL"}, []string{"\n"})
			if len(mismatch.Body) > 4096 || len(err.Error()) > 700 || calls != 1 {
				t.Errorf("body of %d bytes, error text of %d bytes, %d calls", len(mismatch.Body), len(err.Error()), calls)
			}
		})
	}
}

// respondEndlessly writes until the client closes the connection.
func respondEndlessly(status int, header string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		name, value, _ := strings.Cut(header, ": ")
		w.Header().Set(name, value)
		w.WriteHeader(status)
		writeForever(w)
	}
}

func writeForever(w io.Writer) {
	chunk := []byte(strings.Repeat(" ", 64<<10))
	for {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func respondWithZipBomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	io.WriteString(z, strings.Repeat(" ", 4<<20)) // four kilobytes when compressed
	z.Close()
}

func TestHostileErrorBodiesAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		status  int
	}{
		"endless":      {respondEndlessly(500, "Content-Type: text/plain"), 500},
		"endless JSON": {respondEndlessly(403, asJSON), 403},
		"100 kB of validation errors": {
			respond(422, `{"error":"RequestValidationError","detail":[`+strings.Repeat(`{"type":"missing","loc":["body"],"msg":"x"},`, 2500)+`null]}`, asJSON), 422,
		},
		"connection closed in the body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(503)
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, 503},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := introspect(t, newClient(t, test.handler))
			var apiErr *polar.Error
			if !errors.As(err, &apiErr) || apiErr.StatusCode != test.status {
				t.Fatalf("%T %v", err, err)
			}
			if len(apiErr.Body) > 4096 || len(err.Error()) > 1000 {
				t.Errorf("body of %d bytes, error text of %d bytes", len(apiErr.Body), len(err.Error()))
			}
		})
	}
}

func TestBrokenConnectionsAreConnectErrors(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	tls := httptest.NewUnstartedServer(respond(200, liveBody, asJSON))
	tls.Config.ErrorLog = discardLogger
	tls.StartTLS()
	defer tls.Close()
	for name, url := range map[string]string{
		"connection refused": closed.URL,
		"bad TLS":            tls.URL,
		"no TLS":             "https" + strings.TrimPrefix(newQuietServer(t, respond(200, liveBody, asJSON)), "http"),
		"dropped":            rawServer(t, func(net.Conn) {}),
		"no HTTP":            rawServer(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n\r\n") }),
		"half headers":       rawServer(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Ty") }),
		"half body": rawServer(t, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		}),
		"half chunk": rawServer(t, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{")
		}),
		"bad chunk": rawServer(t, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{")
		}),
		"huge header": rawServer(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\n") }),
	} {
		t.Run(name, func(t *testing.T) {
			session, err := introspect(t, newClientForURL(t, url))
			var broken *polar.ConnectError
			if session != nil || !errors.As(err, &broken) || broken.Attempts != 1 || errors.Unwrap(broken) == nil {
				t.Fatalf("%v, %T %v", session, err, err)
			}
			wantText(t, formatted(err), []string{"polar: introspect customer session: no response: "}, []string{liveToken})
		})
	}
}

func newQuietServer(t *testing.T, handler http.HandlerFunc) string {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = discardLogger
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// stall returns a transport that sends nothing, or only the beginning of a response, until the request is canceled.
func stall(before string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if before == "" {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		resp := newResponse(200, before, asJSON)
		resp.Body, resp.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(before), blockingReader{r.Context()})), 1000
		return resp, nil
	}
}

// withStatus changes the status and content type of a transport's responses.
func withStatus(status int, contentType string, f roundTrip) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := f(r)
		resp.StatusCode = status
		resp.Header.Set("Content-Type", contentType)
		return resp, err
	}
}

type blockingReader struct{ ctx context.Context }

func (s blockingReader) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestTimeoutErrorNamesTheLimit(t *testing.T) {
	for name, transport := range map[string]roundTrip{"before the headers": stall(""), "in the body": stall(`{"expires`)} {
		for limit, test := range map[string]struct {
			opts []polar.Option
			ctx  time.Duration
			want time.Duration
			text string
		}{
			"default":     {nil, time.Hour, 10 * time.Second, "no complete response within 10s; see WithTimeout"},
			"WithTimeout": {[]polar.Option{polar.WithTimeout(time.Second)}, time.Hour, time.Second, "within 1s"},
			"context":     {[]polar.Option{polar.WithTimeout(time.Hour)}, time.Minute, time.Minute, "context deadline exceeded"},
			"client of the caller": {
				[]polar.Option{polar.WithHTTPClient(&http.Client{Transport: transport, Timeout: 3 * time.Second})},
				time.Hour, 3 * time.Second, "timed out: ",
			},
		} {
			t.Run(name+", "+limit, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client, err := polar.New(polar.WithoutRetries(), withTransport(transport))
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithTimeout(t.Context(), test.ctx)
					defer cancel()
					start := time.Now()
					_, err = client.CustomerPortal.CustomerSession.Introspect(ctx, liveSecurity, test.opts...)
					var late *polar.TimeoutError
					if !errors.As(err, &late) || !late.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
						t.Fatalf("%T %v", err, err)
					}
					if took := time.Since(start); took != test.want {
						t.Errorf("after %v, want %v", took, test.want)
					}
					wantText(t, err.Error(), []string{"polar: introspect customer session: timed out: ", test.text}, nil)
				})
			})
		}
	}
}

func TestTimeoutOverRealConnection(t *testing.T) {
	for name, speak := range map[string]string{
		"before the headers": "",
		"in the headers":     "HTTP/1.1 200 OK\r\nContent-",
		"in the body":        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			url := rawServer(t, func(c net.Conn) {
				io.WriteString(c, speak)
				c.Read(make([]byte, 1)) // returns when the client closes the connection
			})
			_, err := introspect(t, newClientForURL(t, url, polar.WithTimeout(20*time.Millisecond)))
			var late *polar.TimeoutError
			if !errors.As(err, &late) {
				t.Fatalf("%T %v", err, err)
			}
		})
	}
}

func TestCanceledContextIsReported(t *testing.T) {
	for name, transport := range map[string]roundTrip{
		"before the headers": stall(""), "in the body": stall(`{"expires`),
		"in an unexpected page": withStatus(200, "text/html", stall(`{`)), "in an error": withStatus(500, "application/json", stall(`{`)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, err := polar.New(polar.WithoutRetries(), withTransport(transport), polar.WithTimeout(time.Minute), polar.WithRetries(polar.RetryConfig{}))
				if err != nil {
					t.Fatal(err)
				}
				reason := errors.New("the customer left")
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(reason) })
				_, err = client.CustomerPortal.CustomerSession.Introspect(ctx, liveSecurity)
				if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) || errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("%T %v", err, err)
				}
				wantText(t, err.Error(), []string{"polar: introspect customer session: ", "the customer left"}, []string{"\n"})
			})
		})
	}
}

package harness

import (
	"bytes"
	"io"
	"net/http"
)

// interim is an interim response that is sent before a connection is closed without a response. If a connection closes before
// its first byte, some HTTP clients assume that the connection was idle for too long, and silently send the request again.
const interim = "HTTP/1.1 100 Continue\r\n\r\n"

// drop closes the connection without a response.
func drop(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // closing a connection with unread data would reset it
	closeAfter(w, []byte(interim))
}

// truncate closes the connection in the middle of the body, or before the response if the response has no body.
func truncate(w http.ResponseWriter, r *http.Request, next http.Handler) {
	recorded := record(r, next)
	if recorded.body.Len() == 0 {
		drop(w, r)
		return
	}
	complete := http.Response{
		StatusCode: recorded.status, ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: recorded.header,
		ContentLength: int64(recorded.body.Len()), Body: io.NopCloser(bytes.NewReader(recorded.body.Bytes())),
	}
	var b bytes.Buffer
	complete.Write(&b)
	closeAfter(w, b.Bytes()[:b.Len()-(recorded.body.Len()+1)/2])
}

// closeAfter writes bytes to the connection and then closes the connection.
func closeAfter(w http.ResponseWriter, b []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // closes a connection that cannot be hijacked
	}
	conn.Write(b)
	conn.Close()
}

// recorder is an http.ResponseWriter that stores the response.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// record returns the response of a handler. If the response is a stream, record ends the stream after the first flush.
func record(r *http.Request, next http.Handler) (w *recorder) {
	w = &recorder{header: http.Header{}, status: http.StatusOK}
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			panic(p)
		}
	}()
	next.ServeHTTP(w, r)
	return w
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }

// Flush ends the handler of a stream, which would otherwise run until the client disconnects.
func (w *recorder) Flush() { panic(http.ErrAbortHandler) }

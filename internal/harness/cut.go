package harness

import (
	"bytes"
	"io"
	"net/http"
)

// unanswered is what is sent before a connection is closed without an answer. After one that ends without a byte, some HTTP
// clients repeat the request on another one without a word, because the connection may have idled for too long.
const unanswered = "HTTP/1.1 100 Continue\r\n\r\n"

// drop breaks off before the answer.
func drop(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // what is not read would reset the connection
	cut(w, []byte(unanswered))
}

// truncate breaks off in the middle of the body, or, where there is none, before the answer.
func truncate(w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := record(r, next)
	if a.body.Len() == 0 {
		drop(w, r)
		return
	}
	whole := http.Response{
		StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: a.header,
		ContentLength: int64(a.body.Len()), Body: io.NopCloser(bytes.NewReader(a.body.Bytes())),
	}
	var b bytes.Buffer
	whole.Write(&b)
	cut(w, b.Bytes()[:b.Len()-(a.body.Len()+1)/2])
}

// cut writes bytes to the connection, and closes it.
func cut(w http.ResponseWriter, b []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // as near as it gets on a connection that cannot be taken over
	}
	conn.Write(b)
	conn.Close()
}

// answer is one that is not sent yet.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// record returns what a handler answers; of a stream, what it has sent first.
func record(r *http.Request, next http.Handler) (a *answer) {
	a = &answer{header: http.Header{}, status: http.StatusOK}
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			panic(p)
		}
	}()
	next.ServeHTTP(a, r)
	return a
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// Flush ends a stream.
func (a *answer) Flush() { panic(http.ErrAbortHandler) }

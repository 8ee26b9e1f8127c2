package polar_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// failingWriter fails after the first write.
type failingWriter struct{ n int }

var errFull = errors.New("the disk is full")

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.n++; w.n > 1 {
		return 0, errFull
	}
	return len(b), nil
}

func TestExportErrors(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x", 100<<10) + "\r\n"
	serve := func(contentType string, status int, write func(w http.ResponseWriter, r *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			write(w, r)
		}
	}
	whole := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, line) }
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx    context.Context
		server http.HandlerFunc
		writer io.Writer
		is     func(err error) bool
	}{
		"complete": {t.Context(), serve("text/csv; charset=utf-8", 200, whole), io.Discard, func(err error) bool { return err == nil }},
		"cut off": {t.Context(), serve("text/csv", 200, func(w http.ResponseWriter, r *http.Request) {
			whole(w, r)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}), io.Discard, isA[*polar.ConnectError]},
		"no start":     {t.Context(), serve("text/csv", 200, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), io.Discard, isA[*polar.TimeoutError]},
		"not text/csv": {t.Context(), serve("text/html", 200, whole), io.Discard, isA[*polar.DecodeError]},
		"an error of the API": {t.Context(), serve("application/json", 403, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"error": "insufficient_scope", "error_description": "x"}`)
		}), io.Discard, isA[*polar.Error]},
		"an error of the writer": {t.Context(), serve("text/csv", 200, whole), &failingWriter{}, func(err error) bool { return errors.Is(err, errFull) }},
		"canceled":               {canceled, serve("text/csv", 200, whole), io.Discard, func(err error) bool { return errors.Is(err, context.Canceled) }},
		"no writer":              {t.Context(), serve("text/csv", 200, whole), nil, func(err error) bool { return err != nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, tt.server, polar.WithAccessToken("polar_oat_x"), polar.WithTimeout(300*time.Millisecond))
			if err := client.Customers.Export(tt.ctx, tt.writer); !tt.is(err) {
				t.Errorf("the error is %v (%T)", err, err)
			}
		})
	}
}

func isA[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

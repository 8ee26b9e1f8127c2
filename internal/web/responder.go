package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/metrics"
)

// Responder runs a handler. It answers the request even if the handler fails or panics, and logs it. All fields except Metrics and Trusted must be set.
type Responder struct {
	// Problem turns an error of the handler into a response.
	Problem func(x *Exchange, r *http.Request, err error)
	Log     *slog.Logger
	Now     func() time.Time
	// Metrics counts the requests; nil counts nothing.
	Metrics *metrics.Metrics
	// Trusted are the proxies behind which the log line names the client; see [ClientIP].
	Trusted []netip.Prefix
}

// Respond answers a request with the handler serve, which gets the start time of the request.
func (j Responder) Respond(w http.ResponseWriter, r *http.Request, serve func(x *Exchange, r *http.Request, now time.Time) error) {
	x := &Exchange{ResponseWriter: w}
	start := j.Now()
	defer j.log(x, r, start) // these run even if panicked aborts the connection
	defer j.count(x)
	defer x.release()
	defer func() {
		if p := recover(); p != nil {
			j.panicked(x, r, p)
		}
	}()
	if err := serve(x, r, start); err != nil {
		j.Problem(x, r, err)
	}
}

func (j Responder) panicked(x *Exchange, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	err := &panicError{value: p, stack: debug.Stack()}
	if x.status == 0 {
		j.Problem(x, r, err)
		return
	}
	x.Cause = err
	panic(http.ErrAbortHandler) // abort the connection, so that a partial response does not look complete
}

// count counts an answered request, and the limit that refused it.
func (j Responder) count(x *Exchange) {
	j.Metrics.Request(x.Zone.String(), x.status)
	if f, ok := errors.AsType[*fault.Error](x.Cause); ok && f.Limit != "" {
		j.Metrics.Refused(f.Limit)
	}
}

// tokens matches every text that starts with a prefix of Polar's tokens.
var tokens = regexp.MustCompile(`(polar_[a-z]+_)[0-9A-Za-z]+`)

// log writes the log line of a request. Server errors have the level ERROR. All other requests have the level DEBUG, including
// requests that a client canceled. It logs the path with tokens redacted. It never logs the query, which may contain a token.
func (j Responder) log(x *Exchange, r *http.Request, start time.Time) {
	level := slog.LevelDebug
	canceled := errors.Is(x.Cause, context.Canceled) && r.Context().Err() != nil
	if !canceled && (x.status >= http.StatusInternalServerError || fault.Is(x.Cause, fault.Internal)) {
		level = slog.LevelError
	}
	if !j.Log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", tokens.ReplaceAllString(r.URL.Path, "$1…")), slog.Int("status", x.status),
		slog.Float64("duration_ms", float64(j.Now().Sub(start).Microseconds())/1000), slog.String("route", x.route),
		slog.String("client", ClientIP(r, j.Trusted).String()), slog.String("request_id", x.RequestID()),
	}
	if x.Cause != nil {
		attrs = append(attrs, slog.String("code", string(fault.CodeOf(x.Cause))), slog.Any("error", x.Cause))
	}
	if f, ok := errors.AsType[*fault.Error](x.Cause); ok && f.Limit != "" {
		attrs = append(attrs, slog.String("limit", f.Limit))
	}
	j.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

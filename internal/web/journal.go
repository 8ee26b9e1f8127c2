package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// journal sees to it that every request is answered, whatever its handler does, and that one line of the log tells of it.
type journal struct {
	problem func(x *Exchange, r *http.Request, err error)
	log     *slog.Logger
	now     func() time.Time
}

func (j journal) answer(w http.ResponseWriter, r *http.Request, serve func(x *Exchange, r *http.Request, now time.Time) error) {
	x := &Exchange{ResponseWriter: w}
	start := j.now()
	defer j.logged(x, r, start) // even when panicked breaks the connection off
	defer func() {
		if p := recover(); p != nil {
			j.panicked(x, r, p)
		}
	}()
	if err := serve(x, r, start); err != nil {
		j.problem(x, r, err)
	}
}

func (j journal) panicked(x *Exchange, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	err := &panicError{value: p, stack: debug.Stack()}
	if x.status == 0 {
		j.problem(x, r, err)
		return
	}
	x.Cause = err
	panic(http.ErrAbortHandler) // half an answer must not look like a whole one
}

// tokens are whatever begins as one of Polar's does.
var tokens = regexp.MustCompile(`(polar_[a-z]+_)[0-9A-Za-z]+`)

// logged tells of requests that went wrong on our side, and of all others where debugging is on; that callers go away is
// their own affair. It names the path and never the query, which may hold a token; one that was put into the path is blanked.
func (j journal) logged(x *Exchange, r *http.Request, start time.Time) {
	level := slog.LevelDebug
	gone := errors.Is(x.Cause, context.Canceled) && r.Context().Err() != nil
	if !gone && (x.status >= http.StatusInternalServerError || fault.Is(x.Cause, fault.Internal)) {
		level = slog.LevelError
	}
	if !j.log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", tokens.ReplaceAllString(r.URL.Path, "$1…")), slog.Int("status", x.status),
		slog.Duration("took", j.now().Sub(start)), slog.String("route", x.route),
	}
	if x.Cause != nil {
		attrs = append(attrs, slog.String("code", string(fault.CodeOf(x.Cause))), slog.Any("error", x.Cause))
	}
	if x.requestID != "" {
		attrs = append(attrs, slog.String("request_id", x.requestID))
	}
	j.log.LogAttrs(r.Context(), level, "request", attrs...)
}

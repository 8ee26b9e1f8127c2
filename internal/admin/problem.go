package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// problem is the one place where a fault becomes a page.
func (a *Admin) problem(x *web.Exchange, r *http.Request, err error) {
	x.Cause = err
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		err = fault.New(fault.Unavailable, "The visitor went away.").Because(err) // nobody reads this
		x.Cause = err
	}
	v, ok := x.Subject.(*visit)
	if !ok { // it was a file
		v = &visit{Admin: a, Exchange: x, Request: r}
	}
	if fault.Is(err, fault.InvalidToken) {
		v.leadToSignIn()
		return
	}
	f := faultOf(err)
	status, page := problemOf(err, f)
	if f != nil && f.RetryAfter > 0 {
		x.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if status == http.StatusMethodNotAllowed {
		x.Header().Set("Allow", "GET, HEAD, POST")
	}
	if status >= http.StatusInternalServerError {
		page.RequestID = x.RequestID()
		x.Header().Set("X-Request-Id", page.RequestID)
	}
	shown := v.frame(page.Title)
	shown.Page = page
	if err := v.show(status, "problem", shown); err != nil {
		x.Cause = errors.Join(x.Cause, err)
		http.Error(x, "Internal Server Error", http.StatusInternalServerError)
	}
}

// leadToSignIn sends those away who are not signed in, or not any more.
func (v *visit) leadToSignIn() {
	switch {
	case v.Method == http.MethodPost:
		v.leadWith("sign-in", noteNotSaved)
	case v.lapsed:
		v.jar().Set(v.Exchange, tokenCookie, "", -1)
		v.leadWith("sign-in", noteLapsed)
	default:
		v.leadTo("sign-in")
	}
}

func problemOf(err error, f *fault.Error) (status int, page problemPage) {
	switch code := fault.CodeOf(err); {
	case errors.Is(err, errCrossSite):
		return http.StatusForbidden, problemPage{Title: "This came from elsewhere", Text: "The form was sent by a page of another site, and nothing was done."}
	case code == fault.InsufficientScope:
		return http.StatusForbidden, problemPage{Title: "Not allowed", Text: "Your access token lacks the scope for this. It needs " + strings.Join(f.Scopes, " or ") + "."}
	case code == fault.NotFound, code == fault.NoRoute:
		return http.StatusNotFound, problemPage{Title: "There is nothing here", Text: "It may have been deleted, or it is another organization’s."}
	case code == fault.WrongMethod:
		return http.StatusMethodNotAllowed, problemPage{Title: "There is nothing here", Text: "This page takes no such request."}
	case code == fault.TooMany:
		return http.StatusTooManyRequests, problemPage{Title: "Too many requests", Text: "Try again in " + lasting(f.RetryAfter) + "."}
	case code == fault.InvalidForm, code == fault.Malformed, code == fault.TooLarge:
		return http.StatusBadRequest, problemPage{Title: "The form could not be read", Text: "Go back, reload the page, and try again."}
	case code == fault.RuleViolated, code == fault.Conflict, code == fault.NotPermitted:
		return http.StatusConflict, problemPage{Title: "This cannot be done", Text: wordsOf(f)}
	case code == fault.Unavailable:
		return http.StatusServiceUnavailable, problemPage{Title: "The server is busy", Text: "Try again in a moment."}
	}
	return http.StatusInternalServerError, problemPage{Title: "Something went wrong", Text: "It was our fault, and the log says more."}
}

// wordsOf is what a fault tells anybody.
func wordsOf(f *fault.Error) string {
	if len(f.Fields) == 0 {
		return f.Message
	}
	var words []string
	for _, field := range f.Fields {
		words = append(words, field.Msg)
	}
	return strings.Join(words, " ")
}

func faultOf(err error) *fault.Error {
	f, _ := errors.AsType[*fault.Error](err)
	return f
}

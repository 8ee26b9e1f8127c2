package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/page"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// problem turns an error into a page. Clients that are not signed in are redirected to the sign-in page instead.
func (a *Admin) problem(x *web.Exchange, hr *http.Request, err error) (status int, show func() error) {
	r, ok := x.Subject.(*request)
	if !ok { // the error is about a static file
		r = a.newRequest(x, hr)
	}
	if fault.Is(err, fault.InvalidToken) {
		r.redirectToSignIn()
		return 0, nil
	}
	f, _ := errors.AsType[*fault.Error](err)
	status, content := problemOf(err, f)
	if status >= http.StatusInternalServerError {
		content.RequestID = x.RequestID()
	}
	shown := r.newView(content.Title)
	shown.Page = content
	return status, func() error { return r.show(status, "problem", shown) }
}

// redirectToSignIn redirects to the sign-in page. The page shows a note if a form was not saved or the sign-in has expired.
func (r *request) redirectToSignIn() {
	switch {
	case r.Method == http.MethodPost:
		r.redirectWithNote("sign-in", noteNotSaved)
	case r.Expired:
		r.cookies().DeleteSession(r.Exchange)
		r.redirectWithNote("sign-in", noteExpired)
	default:
		r.Redirect("sign-in")
	}
}

func problemOf(err error, f *fault.Error) (status int, content problemPage) {
	switch code := fault.CodeOf(err); {
	case errors.Is(err, page.ErrCrossSite):
		return http.StatusForbidden, problemPage{Title: "Request refused", Text: "The form was sent from another website, so nothing was changed. If you meant to do this, open the page here and try again."}
	case code == fault.InsufficientScope:
		return http.StatusForbidden, problemPage{Title: "Not allowed", Text: "Your access token lacks the scope for this. It needs " + strings.Join(f.Scopes, " or ") + "."}
	case code == fault.NotFound, code == fault.NoRoute:
		return http.StatusNotFound, problemPage{Title: "Page not found", Text: "The page does not exist, or its object was deleted or belongs to another organization."}
	case code == fault.WrongMethod:
		return http.StatusMethodNotAllowed, problemPage{Title: "Page not found", Text: "This page cannot be opened like this. Go back and try again from there."}
	case code == fault.TooMany, code == fault.Busy:
		return http.StatusTooManyRequests, problemPage{Title: "Too many requests", Text: "Try again in " + formatDuration(f.RetryAfter) + "."}
	case code == fault.InvalidForm, code == fault.Malformed, code == fault.TooLarge:
		return http.StatusBadRequest, problemPage{Title: "The form could not be read", Text: "Go back, reload the page, and try again."}
	case code == fault.RuleViolated, code == fault.Conflict, code == fault.NotPermitted, code == fault.QuotaExceeded:
		return http.StatusConflict, problemPage{Title: "This is not possible", Text: messageOf(f)}
	case code == fault.Unavailable:
		return http.StatusServiceUnavailable, problemPage{Title: "The server is busy", Text: "Try again in a formatTime."}
	}
	return http.StatusInternalServerError, problemPage{Title: "Something went wrong", Text: "The server could not answer the request. Its log has the details."}
}

// messageOf returns the messages of a fault's fields, or the fault's own message if it has no fields.
func messageOf(f *fault.Error) string {
	if len(f.Fields) == 0 {
		return f.Message
	}
	var words []string
	for _, field := range f.Fields {
		words = append(words, field.Msg)
	}
	return strings.Join(words, " ")
}

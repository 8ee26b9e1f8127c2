package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// problem is the one place where a fault becomes a page.
func (p *Portal) problem(x *web.Exchange, r *http.Request, err error) {
	x.Cause = err
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		err = fault.New(fault.Unavailable, "The visitor went away.").Because(err) // nobody reads this
		x.Cause = err
	}
	v, ok := x.Subject.(*visit)
	if !ok { // it happened before anybody was let in
		slug, path, _ := directory.ParsePortalPath(r.URL.Path)
		v = p.visit(x, r, slug, path)
	}
	if fault.Is(err, fault.InvalidToken) {
		v.leadToSignIn()
		return
	}
	status, shown := v.problemView(err)
	if f, ok := faultOf(err); ok && f.RetryAfter > 0 {
		x.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if status >= http.StatusInternalServerError {
		x.Header().Set("X-Request-Id", x.RequestID())
	}
	if err := v.show(status, "problem", shown); err != nil {
		x.Cause = errors.Join(x.Cause, err)
		http.Error(x, "Internal Server Error", http.StatusInternalServerError)
	}
}

// leadToSignIn sends those away whose session has ended, and brings them back to where they were.
func (v *visit) leadToSignIn() {
	if v.lapsed {
		v.dropSession()
	}
	if navigable(v.path) {
		v.memory.Next = v.path
	}
	switch {
	case v.Method == http.MethodPost:
		v.leadWith("request", noteNotSaved)
	case v.lapsed || v.memory.Email != "":
		v.leadWith("request", noteEnded)
	default:
		v.remember()
		v.leadTo("request")
	}
}

func (v *visit) problemView(err error) (status int, shown view) {
	l := v.tongue
	shown = v.frame("")
	home := &link{Path: "overview", Label: l.Text("problem.home")}
	if v.live == nil {
		home = &link{Path: "request", Label: l.Text("problem.sign-in")}
	}
	say := func(code int, title, text string, action *link, pairs ...any) problemPage {
		status, shown.Title = code, l.Text(title)
		return problemPage{Text: l.Text(text, pairs...), Action: action}
	}
	page := problemPage{}
	switch code := fault.CodeOf(err); {
	case errors.Is(err, errBlocked):
		page = say(http.StatusForbidden, "problem.blocked.title", "problem.blocked.text", nil, "Name", short(v.org.Name))
	case errors.Is(err, errCrossSite):
		page = say(http.StatusForbidden, "problem.cross-site.title", "problem.cross-site.text", home)
	case errors.Is(err, errReadOnly):
		page = say(http.StatusForbidden, "problem.forbidden.title", "session.read-only.text", home)
	case errors.Is(err, errNobody):
		page = say(http.StatusNotFound, "problem.missing.title", "problem.nobody.text", nil)
	case code == fault.NotFound, code == fault.NoRoute:
		page = say(http.StatusNotFound, "problem.missing.title", "problem.missing.text", home)
	case code == fault.WrongMethod:
		v.Exchange.Header().Set("Allow", "GET, HEAD, POST")
		page = say(http.StatusMethodNotAllowed, "problem.missing.title", "problem.method.text", home)
	case code == fault.TooMany:
		f, _ := faultOf(err)
		page = say(http.StatusTooManyRequests, "problem.too-many.title", "problem.too-many.text", nil, "Time", l.FormatWait(f.RetryAfter))
	case code == fault.NotPermitted, code == fault.InsufficientScope:
		page = say(http.StatusForbidden, "problem.forbidden.title", "problem.forbidden.text", home)
	case code == fault.InvalidEmailUpdate:
		page = say(http.StatusForbidden, "verify.invalid.title", "verify.invalid.text", home)
	case code == fault.RuleViolated: // forms show what is wrong with them themselves; this is an address that is taken
		page = say(http.StatusConflict, "verify.invalid.title", "verify.taken", home)
	case code == fault.InvalidForm, code == fault.InvalidRequest, code == fault.Malformed, code == fault.TooLarge:
		page = say(http.StatusBadRequest, "problem.form.title", "problem.form.text", home)
	case code == fault.Unavailable:
		page = say(http.StatusServiceUnavailable, "problem.busy.title", "problem.busy.text", &link{Path: v.path, Label: l.Text("problem.try-again")})
		page.RequestID = v.RequestID()
	default:
		page = say(http.StatusInternalServerError, "problem.internal.title", "problem.internal.text", nil)
		page.RequestID = v.RequestID()
	}
	shown.Page = page
	return status, shown
}

func faultOf(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }

// because is a fault that problemView knows again, with its private cause.
func because(f *fault.Error, cause error) error { return fmt.Errorf("%w: %w", f, cause) }

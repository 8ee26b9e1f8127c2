package portal

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/web"
)

// problem turns an error into a page. Clients that are not signed in are redirected to the sign-in page instead.
func (p *Portal) problem(x *web.Exchange, hr *http.Request, err error) (status int, show func() error) {
	r, ok := x.Subject.(*request)
	if !ok { // the error is about a static file
		r = p.newRequest(x, hr)
	}
	if fault.Is(err, fault.InvalidToken) {
		r.redirectToSignIn()
		return 0, nil
	}
	status, shown := r.problemView(err)
	return status, func() error { return r.show(status, "problem", shown) }
}

// redirectToSignIn redirects to the sign-in page. After the sign-in, the customer returns to the requested page.
func (r *request) redirectToSignIn() {
	if r.Expired {
		r.deleteSession()
	}
	if navigable(r.Path) {
		r.memory.Next = r.Path
	}
	switch {
	case r.Method == http.MethodPost:
		r.redirectWithNote("request", noteNotSaved)
	case r.Expired || r.memory.Email != "":
		r.redirectWithNote("request", noteEnded)
	default:
		r.saveMemory()
		r.Redirect("request")
	}
}

func (r *request) problemView(err error) (status int, shown view) {
	l := r.localizer
	shown = r.newView("")
	home := &page.Link{Path: "overview", Label: l.Text("problem.home")}
	if r.session == nil {
		home = &page.Link{Path: "request", Label: l.Text("problem.sign-in")}
	}
	if r.onApplication {
		home = &page.Link{Path: "sign-in", Label: l.Text("problem.sign-in")}
	}
	say := func(code int, title, text string, action *page.Link, pairs ...any) problemPage {
		status, shown.Title = code, l.Text(title)
		return problemPage{Text: l.Text(text, pairs...), Action: action}
	}
	content := problemPage{}
	switch code := fault.CodeOf(err); {
	case errors.Is(err, directory.ErrBlocked):
		content = say(http.StatusForbidden, "problem.blocked.title", "problem.blocked.text", nil, "Name", shorten(r.org.Name))
	case errors.Is(err, errNoApplication):
		content = say(http.StatusForbidden, "application.unknown.title", "application.unknown.text", nil, "Name", shorten(r.org.Name))
	case errors.Is(err, page.ErrCrossSite):
		content = say(http.StatusForbidden, "problem.cross-site.title", "problem.cross-site.text", home)
	case errors.Is(err, errReadOnly):
		content = say(http.StatusForbidden, "problem.forbidden.title", "session.read-only.text", home)
	case errors.Is(err, errNoOrganization):
		content = say(http.StatusNotFound, "problem.missing.title", "problem.no-organization.text", nil)
	case code == fault.NotFound, code == fault.NoRoute:
		content = say(http.StatusNotFound, "problem.missing.title", "problem.missing.text", home)
	case code == fault.WrongMethod:
		content = say(http.StatusMethodNotAllowed, "problem.missing.title", "problem.method.text", home)
	case code == fault.TooMany, code == fault.Busy:
		f, _ := faultOf(err)
		content = say(http.StatusTooManyRequests, "problem.too-many.title", "problem.too-many.text", nil, "Time", l.FormatWait(f.RetryAfter))
	case code == fault.NotPermitted, code == fault.InsufficientScope:
		content = say(http.StatusForbidden, "problem.forbidden.title", "problem.forbidden.text", home)
	case code == fault.QuotaExceeded:
		content = say(http.StatusForbidden, "problem.quota.title", "problem.quota.text", home)
	case code == fault.InvalidEmailUpdate:
		content = say(http.StatusForbidden, "verify.invalid.title", "verify.invalid.text", home)
	case code == fault.RuleViolated: // only a conflict of email addresses gets here, because forms show their own errors
		content = say(http.StatusConflict, "verify.invalid.title", "verify.taken", home)
	case code == fault.InvalidForm, code == fault.InvalidRequest, code == fault.Malformed, code == fault.TooLarge:
		content = say(http.StatusBadRequest, "problem.form.title", "problem.form.text", home)
	case code == fault.Unavailable:
		content = say(http.StatusServiceUnavailable, "problem.busy.title", "problem.busy.text", &page.Link{Path: r.Path, Label: l.Text("problem.try-again")})
		content.RequestID = r.RequestID()
	default:
		content = say(http.StatusInternalServerError, "problem.internal.title", "problem.internal.text", nil)
		content.RequestID = r.RequestID()
	}
	shown.Page = content
	return status, shown
}

func faultOf(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }

// withCause adds a private cause to a fault that problemView recognizes.
func withCause(f *fault.Error, cause error) error { return fmt.Errorf("%w: %w", f, cause) }

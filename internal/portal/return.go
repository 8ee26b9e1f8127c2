package portal

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
)

// target is where the customer came from and returns to: a URL that the organization allows, and the state that the URL gets back.
type target struct{ url, state string }

const (
	// returnCookie stores a [target].
	returnCookie = "postern_return"
	// maxReturn is the maximum length of a return URL, and maxTarget of the cookie's value, in bytes. The whole response header of a
	// page that sets the cookie stays below 4 KiB, which is as much as nginx accepts by default.
	maxReturn = 2000
	maxTarget = 3200
	// returnLifetime is how long a browser remembers a target.
	returnLifetime = time.Hour
)

// readTarget parses the value of the cookie. The organization must still allow the URL when it is used.
func readTarget(text string) target {
	address, state, _ := strings.Cut(text, ".")
	plain, err := base64.RawURLEncoding.DecodeString(address)
	query, failed := url.QueryUnescape(state)
	if len(text) > maxTarget || err != nil || failed != nil {
		return target{}
	}
	return target{singleLine(string(plain), maxReturn), singleLine(query, login.MaxState)}
}

// rememberReturn stores the return URL of the query, with its state. The newest one counts: a URL that the organization does not
// allow deletes the one of an earlier request.
func (r *request) rememberReturn() {
	q := r.URL.Query()
	if r.Method != http.MethodGet || !q.Has("return_url") {
		return
	}
	r.setReturn(target{singleLine(q.Get("return_url"), maxReturn), singleLine(q.Get("state"), login.MaxState)})
}

// setReturn stores a target, or deletes the stored one if the organization does not allow the new one.
func (r *request) setReturn(t target) {
	known := r.returnTo != target{} || r.Cookie(returnCookie) != ""
	r.returnTo = target{}
	value := base64.RawURLEncoding.EncodeToString([]byte(t.url)) + "." + url.QueryEscape(t.state)
	if (r.allowedReturn(t) != nil || r.callbackOf(t) != nil) && len(value) <= maxTarget {
		r.returnTo = t
		r.cookies().Set(r.Exchange, returnCookie, value, returnLifetime)
	} else if known {
		r.cookies().Set(r.Exchange, returnCookie, "", -1)
	}
}

// callbackOf returns the callback of an application to which the sign-in page sends a ticket, or nil if the target is none.
func (r *request) callbackOf(t target) *url.URL {
	u, err := url.Parse(t.url)
	if err != nil || !r.org.Portal.IsCallback(u, r.Secure()) || !login.IsState(t.state) {
		return nil
	}
	return u
}

// allowedReturn returns a link to a target, or nil if the organization does not allow its URL, or if it is a callback, which is of no
// use without a ticket.
func (r *request) allowedReturn(t target) *back {
	u, err := url.Parse(t.url)
	if err != nil || !r.org.Portal.AllowsReturn(u) || r.callbackOf(t) != nil {
		return nil
	}
	return newBackLink(withParameter(u, "state", t.state))
}

// withParameter returns a URL with another parameter at the end of its query. The rest of the URL keeps its form.
func withParameter(u *url.URL, name, value string) string {
	if value == "" {
		return u.String()
	}
	with := *u
	if with.RawQuery != "" {
		with.RawQuery += "&"
	}
	with.RawQuery += name + "=" + url.QueryEscape(value)
	return with.String()
}

// goesOn reports whether the customer, who is signed in, came from an application that waits for a session. A team member of the
// merchant who looks at the account takes it nowhere else.
func (r *request) goesOn() bool {
	return r.session != nil && !r.session.Impersonated && r.callbackOf(r.returnTo) != nil
}

// ticketAddress returns the address of the application with a ticket for the customer's session. The target is then used up.
func (r *request) ticketAddress() (string, error) {
	to := r.callbackOf(r.returnTo)
	ticket, err := r.Login.IssueTicket(r.Context(), session.Issued{Session: *r.session, Token: r.token}, to, r.returnTo.state)
	if err != nil {
		return "", err
	}
	address := withParameter(to, "ticket", ticket.Reveal())
	if u, err := url.Parse(address); err == nil {
		address = withParameter(u, "state", r.returnTo.state)
	}
	r.setReturn(target{})
	return address, nil
}

// goOn answers GET /{slug}/portal/return, to which a form that has signed in redirects. The page leads to the application. It does
// not redirect, because browsers follow a form only within this site (form-action of the Content-Security-Policy).
func (r *request) goOn() error {
	if r.Method != http.MethodGet || r.IsPreview() {
		r.WriteHeader(http.StatusServiceUnavailable)
		return nil
	}
	if !r.goesOn() {
		return r.Redirect("overview")
	}
	host := r.callbackOf(r.returnTo).Host
	address, err := r.ticketAddress()
	if err != nil {
		return err
	}
	return r.show(http.StatusOK, "return", r.returnView(address, host))
}

func (r *request) returnView(address, host string) view {
	shown := r.newSignInView(r.localizer.Text("return.title"))
	shown.Path, shown.Back, shown.Next, shown.Page = "overview", nil, address, returnPage{URL: address, Host: host}
	return shown
}

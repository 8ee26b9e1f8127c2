package page

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
)

// Request is the state of one request for a page.
type Request struct {
	*Site
	*web.Exchange
	*http.Request
	// Base is the path of the site's pages, such as /admin. Path is the path of the page relative to Base, without a leading
	// slash.
	Base, Path string
	// Expired reports whether the credential in the request's cookie is no longer valid.
	Expired bool
}

// Client describes the client. Sessions that the client creates or uses store this description.
func (r *Request) Client() session.Client {
	return session.ClientFrom(web.ClientIP(r.Request, r.TrustedProxies), r.UserAgent())
}

// SetActor passes the client to the audit log as the actor of the changes that the request causes.
func (r *Request) SetActor(a audit.Actor) {
	a = a.From(web.ClientIP(r.Request, r.TrustedProxies), r.UserAgent())
	r.Request = r.WithContext(audit.WithActor(r.Context(), a))
}

// Dispatch calls the handler of a page with the site's state of the request. It passes GET and HEAD requests to get, or
// redirects them to the page fallback if get is nil. It parses the form of a POST request and passes the request to post; a nil
// post means that the page has no form. Before that, admit returns an error for clients without access.
func Dispatch[State any](r *Request, state State, get, post func(State) error, fallback string, admit func(post bool) error) error {
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		if err := admit(false); err != nil {
			return err
		}
		if get == nil {
			return r.Redirect(fallback)
		}
		return get(state)
	case r.Method == http.MethodPost && post != nil:
		if err := readForm(r.Exchange, r.Request, r.Bodies); err != nil {
			return err
		}
		if err := admit(true); err != nil {
			return err
		}
		return post(state)
	}
	return fault.New(fault.WrongMethod, "Method Not Allowed")
}

// Redirect sends the browser to a page of the site with 303 See Other. It returns nil, so that handlers can return its result.
func (r *Request) Redirect(path string) error { return r.RedirectTo(r.Base + "/" + path) }

// RedirectTo is like [Request.Redirect] for a path outside the site.
func (r *Request) RedirectTo(path string) error {
	r.Exchange.Header().Set("Location", strings.TrimSuffix(path, "/"))
	r.WriteHeader(http.StatusSeeOther)
	return nil
}

// WriteHTML sends a page.
func (r *Request) WriteHTML(status int, text []byte) {
	r.Exchange.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.WriteHeader(status)
	r.Exchange.Write(text) // an error means that the client has disconnected
}

// maxPage is higher than the last page of any list.
const maxPage = 1_000_000

// PageNumber returns the number of the requested page of a list. It returns 1 if the query has no valid number.
func (r *Request) PageNumber() int {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || n < 1 || n > maxPage {
		return 1
	}
	return n
}

// Pager links to the previous and the next page of a list. A link is "" if there is no such page.
type Pager struct {
	Page, Last     int
	Previous, Next string
}

// NewPager returns the pager for a list of total rows at path. It returns nil if the list fits on one page.
func (r *Request) NewPager(path string, number, total, perPage int) *Pager {
	p := &Pager{Page: number, Last: max(1, (total+perPage-1)/perPage)}
	if p.Last == 1 && number == 1 {
		return nil
	}
	link := func(n int) string {
		q := url.Values{}
		if r.Method != http.MethodPost {
			q = r.URL.Query()
		}
		q.Set("page", strconv.Itoa(n))
		return r.Base + "/" + path + "?" + q.Encode()
	}
	if number > 1 {
		p.Previous = link(min(number-1, p.Last))
	}
	if number < p.Last {
		p.Next = link(number + 1)
	}
	return p
}

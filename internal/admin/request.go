package admin

import (
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// request is the state of one request.
type request struct {
	*page.Request
	admin *Admin
	// params are the parameters in the path, by their names in the route.
	params map[string]string
	// signedIn reports whether the operator is signed in. The next three fields are set only then: the operator's
	// session, the access token of the sign-in, and the organization of that token.
	signedIn        bool
	operatorSession directory.OperatorSession
	operator        directory.AccessToken
	org             directory.Organization
	// polls reports whether a script of the page sends the request on its own, so that it is no use of the operator's session.
	polls bool
}

func (a *Admin) newRequest(x *web.Exchange, hr *http.Request) *request {
	path := strings.Trim(strings.TrimPrefix(hr.URL.Path, Path), "/")
	return &request{Request: &page.Request{Site: a.Site, Exchange: x, Request: hr, Base: a.Root + Path, Path: path}, admin: a}
}

// authenticate counts the request, and verifies the operator session in the request's cookie.
func (r *request) authenticate(to route) error {
	if err := r.CheckOrigin(); err != nil {
		return err
	}
	r.polls = to.polls
	tokens := r.tokensInCookies()
	counted, zone := "", web.Default
	if to.path == "sign-in" && r.Method == http.MethodPost {
		zone = web.Login // count by IP address, because an attacker tries many tokens
	} else if len(tokens) > 0 {
		counted = tokens[0]
	}
	r.Exchange.Zone = zone
	claim, err := r.Limits.Admit(zone, web.WithBearer(r.Request.Request, counted), r.Now())
	if err != nil {
		return err
	}
	err = r.Limits.VerifyAny(r.Context(), claim, tokens, r.Now(), r.identify)
	switch {
	case r.signedIn:
		r.Expired = false
	case fault.Is(err, fault.InvalidToken):
		r.Expired, err = true, nil
	}
	return err
}

// identify verifies the token of a cookie, and signs the operator in.
func (r *request) identify(text string) (who web.Identity, err error) {
	t, err := token.Check(text)
	if err != nil {
		return who, err
	}
	by := r.Client
	if r.polls || r.IsPreview() {
		by = nil
	}
	o, err := r.Directory.VerifyOperator(r.Context(), t, by)
	if err != nil {
		return who, err
	}
	r.become(o)
	return web.Identity{Kind: web.Organization, Key: uint64(o.Organization.ID.Key())}, nil // the API counts under the same identity
}

// become sets the operator who sends the request.
func (r *request) become(o directory.Operator) {
	r.operatorSession, r.operator, r.org, r.signedIn = o.Session, o.AccessToken, o.Organization, true
}

func (r *request) asOperator() directory.Operator {
	return directory.Operator{Session: r.operatorSession, AccessToken: r.operator, Organization: r.org}
}

// serve calls the handler of a page.
func (r *request) serve(to route) error {
	fallback := strings.Replace(to.page, "{id}", r.params["id"], 1)
	return page.Dispatch(r.Request, r, to.get, to.post, fallback, func(post bool) error {
		if post {
			r.SetActor(r.actor())
			return r.admit(to.open, to.writes)
		}
		return r.admit(to.open || to.get == nil && to.page == "", to.reads)
	})
}

// actor returns the operator for the audit log, or a visitor before the sign-in.
func (r *request) actor() audit.Actor {
	if !r.signedIn {
		return audit.Actor{Kind: audit.Visitor}
	}
	return audit.Actor{Kind: audit.Operator, Key: r.operator.ID.Key(), Session: r.operatorSession.ID}
}

// admit returns an error if the operator is not signed in, or lacks all of the scopes that the page needs.
func (r *request) admit(open bool, needs scopes) error {
	if open {
		return nil
	}
	if !r.signedIn {
		return page.ErrSignedOut
	}
	if r.may(needs) {
		return nil
	}
	err := fault.New(fault.InsufficientScope, "The access token lacks a scope.")
	for _, scope := range needs {
		err.Scopes = append(err.Scopes, string(scope))
	}
	return err
}

// may reports whether the operator has one of the scopes. It returns true if scopes is empty.
func (r *request) may(needs scopes) bool {
	return len(needs) == 0 || slices.ContainsFunc(needs, func(s directory.Scope) bool { return slices.Contains(r.operator.Scopes, s) })
}

// text returns the value of a form field as a single line.
func (r *request) text(name string) string { return line(r.PostForm.Get(name)) }

func (r *request) checked(name string) bool { return r.PostForm.Get(name) != "" }

// line returns a text as a single line, without control characters, invalid UTF-8 and surrounding spaces.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
}

// id returns the ID in the path, or fault.NotFound if it is not an ID.
func (r *request) id() (token.ID, error) { return readID(r.params["id"]) }

func readID(text string) (token.ID, error) {
	id, ok := token.ParseID(text)
	if !ok {
		return id, fault.New(fault.NotFound, "Not found")
	}
	return id, nil
}

// redirectWithNote redirects to a page that shows a note.
func (r *request) redirectWithNote(path string, n note) error {
	r.setNote(n)
	return r.Redirect(path)
}

// show sends a page. It deletes the note, because the page shows it.
func (r *request) show(status int, name string, shown view) error {
	shown.Test = name
	text, err := page.Render(templates(), name, shown)
	if err != nil {
		return err
	}
	if r.note() != "" {
		r.setNote("")
	}
	r.WriteHTML(status, text)
	return nil
}

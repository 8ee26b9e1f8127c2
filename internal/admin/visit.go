package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// visit is one request, and what is known of whoever makes it.
type visit struct {
	*Admin
	*web.Exchange
	*http.Request
	// path is the page, and params are the parts of it that its route names.
	path   string
	params map[string]string
	// by is the access token of an operator who is signed in, and org its organization.
	signedIn bool
	by       directory.AccessToken
	org      directory.Organization
	// lapsed is whether the visitor has come with a token that lets nobody in any more.
	lapsed bool
}

var (
	errCrossSite = fault.New(fault.NotPermitted, "The form came from another site.")
	errSignedOut = fault.New(fault.InvalidToken, "Nobody is signed in.")
)

// open finds out who visits.
func (v *visit) open(to route) error {
	if v.Method == http.MethodPost {
		if err := v.crossSite.Check(v.Request); err != nil {
			return fmt.Errorf("%w: %w", errCrossSite, err)
		}
	}
	brought := v.brought()
	counted, zone := brought, web.Default
	if to.path == "sign-in" && v.Method == http.MethodPost {
		counted, zone = "", web.Login // by address: who guesses has many tokens
	}
	claim, err := v.Limits.Admit(zone, web.WithBearer(v.Request, counted), v.Now())
	if err != nil {
		return err
	}
	if brought == "" {
		return nil
	}
	v.by, v.org, err = v.verify(brought)
	if err == nil {
		v.signedIn = true
	}
	v.Limits.Learn(claim, v.identity(), err, v.Now())
	if v.lapsed = fault.Is(err, fault.InvalidToken); v.lapsed {
		err = nil
	}
	return err
}

// verify returns the live access token that a text is, or fault.InvalidToken.
func (v *visit) verify(text string) (directory.AccessToken, directory.Organization, error) {
	t, err := token.Check(text)
	if err != nil {
		return directory.AccessToken{}, directory.Organization{}, err
	}
	return v.Directory.VerifyAccessToken(v.Context(), t)
}

// identity is for whom the visitor's requests are counted: for the same as in the API.
func (v *visit) identity() web.Identity {
	if !v.signedIn {
		return web.Identity{}
	}
	return web.Identity{Kind: web.Organization, Key: uint64(v.org.ID.Key())}
}

// client is who has sessions made here.
func (v *visit) client() session.Client {
	return session.ClientFrom(web.ClientIP(v.Request, v.TrustedProxies), v.UserAgent())
}

// serve lets a page answer.
func (v *visit) serve(to route) error {
	switch v.Method {
	case http.MethodGet, http.MethodHead:
		if to.get == nil && to.page == "" {
			return v.leadTo("")
		}
		if err := v.admit(to.open, to.reads); err != nil {
			return err
		}
		if to.get == nil {
			return v.leadTo(strings.Replace(to.page, "{id}", v.params["id"], 1))
		}
		return to.get(v)
	case http.MethodPost:
		if to.post == nil {
			return fault.New(fault.WrongMethod, "Method Not Allowed")
		}
		if err := web.ReadForm(v.Exchange, v.Request); err != nil {
			return err
		}
		if err := v.admit(to.open, to.writes); err != nil {
			return err
		}
		return to.post(v)
	}
	return fault.New(fault.WrongMethod, "Method Not Allowed")
}

// admit refuses those for whom a page is not.
func (v *visit) admit(open bool, needs scopes) error {
	if open {
		return nil
	}
	if !v.signedIn {
		return errSignedOut
	}
	if v.may(needs) {
		return nil
	}
	err := fault.New(fault.InsufficientScope, "The access token lacks a scope.")
	for _, scope := range needs {
		err.Scopes = append(err.Scopes, string(scope))
	}
	return err
}

// may reports whether the operator's token has one of the scopes, or none is needed.
func (v *visit) may(needs scopes) bool {
	return len(needs) == 0 || slices.ContainsFunc(needs, func(s directory.Scope) bool { return slices.Contains(v.by.Scopes, s) })
}

// text is a field of the form in one line.
func (v *visit) text(name string) string { return line(v.PostForm.Get(name)) }

func (v *visit) checked(name string) bool { return v.PostForm.Get(name) != "" }

// line is a text of strangers without what no line has.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
}

// id is the id in the path, or fault.NotFound.
func (v *visit) id() (token.ID, error) { return readID(v.params["id"]) }

func readID(text string) (token.ID, error) {
	id, ok := token.ParseID(text)
	if !ok {
		return id, fault.New(fault.NotFound, "Not found")
	}
	return id, nil
}

// pageNumber is which page of a list is asked for, and the most is one that no list has.
func (v *visit) pageNumber() int {
	n, err := strconv.Atoi(v.URL.Query().Get("page"))
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}

// leadTo sends the browser to a page.
func (v *visit) leadTo(page string) error {
	v.Exchange.Header().Set("Location", strings.TrimSuffix(v.base+"/"+page, "/"))
	v.WriteHeader(http.StatusSeeOther)
	return nil
}

// leadWith is leadTo with something that the next page says first.
func (v *visit) leadWith(page string, n note) error {
	v.remember(n)
	return v.leadTo(page)
}

// show writes a page.
func (v *visit) show(status int, page string, shown view) error {
	text, err := render(page, shown)
	if err != nil {
		return err
	}
	if v.noted() != "" { // it has been said
		v.remember("")
	}
	v.Exchange.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.WriteHeader(status)
	v.Exchange.Write(text) // who goes away does not read it
	return nil
}

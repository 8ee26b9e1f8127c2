package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// request is the state of one request.
type request struct {
	*page.Request
	// slug is the organization's slug in the path, and org the organization. org is zero until authenticate has found it.
	slug string
	org  directory.Organization
	// session is the client's live session with the given token, held by holder. session is nil if the client is not signed in.
	session *session.Session
	token   token.Token
	holder  directory.Holder
	// creator is the key of an operator's access token if the operator uses the session to look at the customer's account, and
	// otherwise 0.
	creator   token.Key
	localizer *localizer
	memory    memory
	// returnTo is where the customer came from.
	returnTo target
	// onApplication is set for a page on the host of an application. application is then the scheme and host of the application, or
	// nil if the proxy does not name them.
	onApplication bool
	application   *url.URL
}

func (p *Portal) newRequest(x *web.Exchange, hr *http.Request) *request {
	slug, path, _ := directory.ParsePortalPath(hr.URL.Path)
	r := &request{slug: slug}
	r.Request = &page.Request{Site: p.Site, Exchange: x, Request: hr, Base: p.Root + directory.PortalPath(slug), Path: path}
	r.memory = readMemory(r.Cookie(memoryCookie))
	r.returnTo = readTarget(r.Cookie(returnCookie))
	r.localizer = r.chooseLocalizer()
	return r
}

var (
	errNoOrganization = fault.New(fault.NotFound, "There is no such organization.")
	errReadOnly       = fault.New(fault.InsufficientScope, "The session is read-only.")
)

// authenticate finds the organization, counts the request, and verifies the session in the request's cookie.
func (r *request) authenticate(to route) error {
	if err := r.checkOrigin(); err != nil {
		return err
	}
	// Find the organization before counting the request, so that the page about too many requests shows the organization's brand.
	// Rendering that page costs more than the lookup.
	var err error
	switch r.org, err = r.Directory.OrganizationBySlug(r.Context(), r.slug); {
	case fault.Is(err, fault.NotFound):
		err = withCause(errNoOrganization, err)
	case err == nil && r.org.Slug != r.slug: // cookie paths are case-sensitive, so the portal has only one address
		r.org, err = directory.Organization{}, errNoOrganization
	}
	setSecurityHeaders(r.Exchange.Header(), r.org.Portal.LogoURL)
	r.Exchange.Zone = to.zoneOf(r.Method)
	tokens := r.sessionTokens()
	claim, refused := r.Limits.Admit(r.Exchange.Zone, web.WithBearer(r.Request.Request, r.bearerToCount(to, tokens)), r.Now())
	if claim.Reached() && r.Exchange.Zone == web.Login && err == nil {
		err = r.Login.Blocked(r.Context(), r.org.ID, login.Failure{Client: r.Client()})
	}
	if err = cmp.Or(refused, err); err != nil {
		return err
	}
	err = r.Limits.VerifyAny(r.Context(), claim, tokens, r.Now(), r.identify)
	if r.Expired = fault.Is(err, fault.InvalidToken); err != nil && !r.Expired {
		return err
	}
	r.localizer = r.chooseLocalizer() // choose again, because the customer may have a language
	if locale.Match(r.URL.Query().Get("locale")) != nil && !r.onApplication {
		r.cookies().Set(r.Exchange, localeCookie, r.localizer.Code, 365*24*time.Hour)
	}
	return nil
}

// sessionTokens returns the tokens in the session cookies of the portal, or of the application on whose host the page is.
func (r *request) sessionTokens() []string {
	if r.onApplication {
		return r.Limits.KnownFirst(web.CookieValues(r.Request.Request, web.ForwardAuthCookies...), r.Now())
	}
	return r.SessionCookies()
}

// checkOrigin returns [page.ErrCrossSite] for a form that a page of another site has sent.
func (r *request) checkOrigin() error {
	if r.onApplication {
		return r.CheckOriginAt(r.application)
	}
	return r.CheckOrigin()
}

// bearerToCount returns the bearer token for which the limiter counts the request, or "" to count by IP address. Requests that
// sign in are counted by address, because an attacker can invent cookies.
func (r *request) bearerToCount(to route, tokens []string) string {
	if len(tokens) == 0 || to.access == anyone || r.hasTokenInURL() {
		return ""
	}
	return tokens[0]
}

// identify verifies the token of a cookie. It returns fault.InvalidToken if the token's session is not live.
func (r *request) identify(text string) (web.Identity, error) {
	t, err := token.Check(text)
	if err == nil {
		err = r.signInWith(t)
	}
	return r.identity(), err
}

// signInWith sets the session and the holder of a token. It returns fault.InvalidToken if the session is not live or belongs to
// another organization.
func (r *request) signInWith(t token.Token) error {
	live, err := r.verify(t)
	if err != nil {
		return err
	}
	if live.Organization != r.org.ID.Key() {
		return page.ErrSignedOut
	}
	holder, err := r.Directory.HolderByKeys(r.Context(), live.Customer, live.Member)
	if err != nil {
		return err
	}
	r.session, r.token, r.holder = &live, t, holder
	return r.checkImpersonation()
}

// verify returns the live session of a token. The request counts as a use of the session, unless it may be the preview of a page. A
// link never counts: mail scanners and chats open links too. The page to which it redirects counts.
func (r *request) verify(t token.Token) (session.Session, error) {
	if r.IsPreview() || r.hasTokenInURL() {
		return r.Sessions.Verify(r.Context(), t)
	}
	live, err := r.Sessions.Use(r.Context(), t, r.Client)
	live.LastUsedAt = r.Now() // for the idle timeout
	return live, err
}

// checkImpersonation finds out which operator uses the session to look at the customer's account.
func (r *request) checkImpersonation() error {
	if !r.session.Impersonated {
		return nil
	}
	e, err := r.Sessions.Get(r.Context(), r.org.ID.Key(), r.session.ID)
	if fault.Is(err, fault.NotFound) { // the customer was deleted during the request
		err = page.ErrSignedOut
	}
	r.creator = e.Creator
	return err
}

// identity returns the identity under which the limiter counts requests. The API uses the same identity.
func (r *request) identity() web.Identity {
	switch {
	case r.session == nil:
		return web.Identity{}
	case r.session.Kind == token.Member:
		return web.Identity{Kind: web.Member, Key: uint64(r.session.Member)}
	}
	return web.Identity{Kind: web.Customer, Key: uint64(r.session.Customer)}
}

// chooseLocalizer chooses the language: the first supported language of the query, the cookie, the customer and the browser.
func (r *request) chooseLocalizer() *localizer {
	requested := r.URL.Query().Get("locale")
	customers := ""
	if r.session != nil && r.holder.Customer.Locale != nil {
		customers = *r.holder.Customer.Locale
	}
	return choose(requested, r.Cookie(localeCookie), customers, strings.Join(r.Request.Header["Accept-Language"], ","))
}

// serve calls the handler of a page.
func (r *request) serve(to route) error {
	return page.Dispatch(r.Request, r, to.get, to.post, to.page, func(post bool) error {
		if post {
			r.SetActor(r.actor())
		}
		if post && to.access == holders {
			return r.admit(writers)
		}
		return r.admit(to.access)
	})
}

// actor returns the holder for the audit log. It returns the operator if a team member of the merchant uses the session, and a
// visitor if the client is not signed in.
func (r *request) actor() audit.Actor {
	switch {
	case r.session == nil:
		return audit.Actor{Kind: audit.Visitor}
	case r.session.Impersonated:
		return audit.Actor{Kind: audit.Operator, Key: r.creator, Session: r.session.ID}
	case r.session.Kind == token.Member:
		return audit.Actor{Kind: audit.Member, Key: r.session.Member, Session: r.session.ID}
	}
	return audit.Actor{Kind: audit.Customer, Key: r.session.Customer, Session: r.session.ID}
}

// admit returns an error if the client may not open a page. If the organization is blocked, only clients with a live session have
// access: blocking ends sessions, unless the organization's policy keeps them.
func (r *request) admit(access access) error {
	switch {
	case r.session == nil && r.org.BlockedAt != nil:
		return directory.ErrBlocked
	case access != anyone && r.session == nil:
		return page.ErrSignedOut
	case access == writers && r.session.ReadOnly:
		return errReadOnly
	}
	return nil
}

// redirectWithNote redirects to a page that shows a note. about is the name or the email address that the note contains.
func (r *request) redirectWithNote(path string, n note, about ...string) error {
	r.memory.Note, r.memory.About = n, strings.Join(about, "")
	r.saveMemory()
	return r.Redirect(path)
}

// show sends a page. It deletes the note, because the page shows it.
func (r *request) show(status int, name string, shown view) error {
	text, err := r.localizer.render(name, shown)
	if err != nil {
		return err
	}
	if r.memory.Note != "" {
		r.memory.Note, r.memory.About = "", ""
		r.saveMemory()
	}
	r.WriteHTML(status, text)
	return nil
}

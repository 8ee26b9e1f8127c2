package portal

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// visit is one request, and what is known of whoever makes it.
type visit struct {
	*Portal
	*web.Exchange
	*http.Request
	// base is the path of the organization's portal, and path the page below it.
	base, path string
	slug       string
	// org is zero until it is known.
	org directory.Organization
	// live is the visitor's session, and holder who holds it; nil for somebody who is not signed in.
	live   *session.Session
	holder directory.Holder
	// impersonated is whether the session is the organization's own look at the account.
	impersonated bool
	// lapsed is whether the visitor has come with a session that is none any more.
	lapsed bool
	tongue *tongue
	memory memory
}

// visit begins one. Nothing is looked up yet.
func (p *Portal) visit(x *web.Exchange, r *http.Request, slug, path string) *visit {
	v := &visit{Portal: p, Exchange: x, Request: r, slug: slug, path: path, base: p.root + directory.PortalPath(slug)}
	v.memory = readMemory(r)
	v.tongue = v.chooseTongue()
	return v
}

var (
	errNobody    = fault.New(fault.NotFound, "There is no such organization.")
	errCrossSite = fault.New(fault.NotPermitted, "The form came from another site.")
	errReadOnly  = fault.New(fault.InsufficientScope, "The session is read-only.")
	errSignedOut = fault.New(fault.InvalidToken, "There is no live session.")
	errBlocked   = fault.New(fault.NotPermitted, "The organization is blocked.")
)

// open finds out where the visitor is and who that is.
func (v *visit) open(to route) error {
	if v.Method == http.MethodPost {
		if err := v.crossSite.Check(v.Request); err != nil {
			return because(errCrossSite, err)
		}
	}
	// The organization comes before the count, so that who asks too often is told so on a page that they know; the page costs
	// more than the look-up.
	var err error
	if v.org, err = v.Directory.OrganizationBySlug(v.Context(), v.slug); fault.Is(err, fault.NotFound) {
		err = because(errNobody, err)
	}
	protect(v.Exchange.Header(), v.org.Portal.LogoURL)
	claim, refused := v.Limits.Admit(to.zoneOf(v.Method), web.WithBearer(v.Request, v.counted(to)), v.Now())
	if err = cmp.Or(refused, err); err != nil {
		return err
	}
	err = v.identify()
	v.Limits.Learn(claim, v.identity(), err, v.Now())
	if err != nil && !fault.Is(err, fault.InvalidToken) {
		return err
	}
	v.tongue = v.chooseTongue() // the customer may have a language
	if locale.Match(v.URL.Query().Get("locale")) != nil {
		v.setLocale(v.tongue.Code)
	}
	return nil
}

// counted is the bearer for which the request is counted, "" for the client's address. Who signs in is counted by address,
// whatever cookie it brings: cookies can be invented.
func (v *visit) counted(to route) string {
	if to.who == everybody || v.bringsToken() {
		return ""
	}
	return web.BearerFromCookie(v.Request)
}

// identify finds out who the visitor is. A cookie that opens nothing here is fault.InvalidToken.
func (v *visit) identify() error {
	text := web.BearerFromCookie(v.Request)
	if text == "" {
		return nil
	}
	t, err := token.Check(text)
	if err == nil {
		err = v.enter(t)
	}
	v.lapsed = fault.Is(err, fault.InvalidToken)
	return err
}

// enter makes the holder of a token the visitor, or yields fault.InvalidToken. Another organization's token opens nothing.
func (v *visit) enter(t token.Token) error {
	live, err := v.Sessions.Use(v.Context(), t, v.client)
	if err != nil {
		return err
	}
	if live.Organization != v.org.ID.Key() {
		return errSignedOut
	}
	holder, err := v.Directory.HolderByKeys(v.Context(), live.Customer, live.Member)
	if err != nil {
		return err
	}
	live.LastUsedAt = v.Now() // an idle session lasts longer from now on
	v.live, v.holder = &live, holder
	return v.noticeLook()
}

// noticeLook finds out whether the visitor is somebody of the organization. Only read-only sessions can be theirs.
func (v *visit) noticeLook() error {
	if !v.live.ReadOnly {
		return nil
	}
	e, err := v.Sessions.Get(v.Context(), v.org.ID.Key(), v.live.ID)
	if fault.Is(err, fault.NotFound) { // it was forgotten meanwhile
		err = errSignedOut
	}
	v.impersonated = err == nil && e.Impersonated()
	return err
}

func (v *visit) client() session.Client {
	return session.ClientFrom(web.ClientIP(v.Request, v.TrustedProxies), v.UserAgent())
}

// identity is for whom the visitor's requests are counted: for the same as in the API.
func (v *visit) identity() web.Identity {
	switch {
	case v.live == nil:
		return web.Identity{}
	case v.live.Kind == token.Member:
		return web.Identity{Kind: web.Member, Key: uint64(v.live.Member)}
	}
	return web.Identity{Kind: web.Customer, Key: uint64(v.live.Customer)}
}

// chooseTongue takes what the address says, then what was chosen before, then what the customer speaks, then the browser.
func (v *visit) chooseTongue() *tongue {
	asked := v.URL.Query().Get("locale")
	chosen, customers := "", ""
	if c, err := v.Cookie(localeCookie); err == nil {
		chosen = c.Value
	}
	if v.live != nil && v.holder.Customer.Locale != nil {
		customers = *v.holder.Customer.Locale
	}
	return choose(asked, chosen, customers, strings.Join(v.Request.Header["Accept-Language"], ","))
}

// serve lets a page answer.
func (v *visit) serve(to route) error {
	switch v.Method {
	case http.MethodGet, http.MethodHead:
		if err := v.admit(to.who); err != nil {
			return err
		}
		if to.get == nil {
			return v.leadTo(to.page)
		}
		return to.get(v)
	case http.MethodPost:
		if to.post == nil {
			return fault.New(fault.WrongMethod, "Method Not Allowed")
		}
		if err := web.ReadForm(v.Exchange, v.Request); err != nil {
			return err
		}
		who := to.who
		if who == holders {
			who = writers
		}
		if err := v.admit(who); err != nil {
			return err
		}
		return to.post(v)
	}
	return fault.New(fault.WrongMethod, "Method Not Allowed")
}

// admit refuses those for whom a page is not. Who has a live session is let in where the organization is blocked: blocking
// ends sessions, unless its policy keeps them.
func (v *visit) admit(who who) error {
	switch {
	case v.live == nil && v.org.BlockedAt != nil:
		return errBlocked
	case who != everybody && v.live == nil:
		return errSignedOut
	case who == writers && v.live.ReadOnly:
		return errReadOnly
	}
	return nil
}

// leadTo sends the browser to a page of the portal, whose address has nothing but the page in it.
func (v *visit) leadTo(page string) error {
	v.Exchange.Header().Set("Location", strings.TrimSuffix(v.base+"/"+page, "/"))
	v.WriteHeader(http.StatusSeeOther)
	return nil
}

// leadWith is leadTo with something that the next page says first.
func (v *visit) leadWith(page string, note note, about ...string) error {
	v.memory.Note, v.memory.About = note, strings.Join(about, "")
	v.remember()
	return v.leadTo(page)
}

// show writes a page.
func (v *visit) show(status int, page string, shown view) error {
	text, err := v.tongue.render(page, shown)
	if err != nil {
		return err
	}
	if v.memory.Note != "" { // it has been said
		v.memory.Note, v.memory.About = "", ""
		v.remember()
	}
	v.Exchange.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.WriteHeader(status)
	v.Exchange.Write(text) // who goes away does not read it
	return nil
}

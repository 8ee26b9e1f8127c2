package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/wirejson"
)

var needsWrite = portal(directory.CustomerPortalWrite).insufficientScope()

// forwardAuth handles GET and HEAD /v1/customer-portal/forward-auth. A proxy calls this route to check whether a request has a
// live session, and to learn the holder of the session.
func (a *api) forwardAuth(c *call) error {
	if forgesIdentity(c.Request.Header) {
		return errForgedIdentity
	}
	in, err := body.ReadForwardAuth(c.query())
	if err != nil {
		return err
	}
	h, err := a.holder(c)
	if fault.Is(err, fault.InvalidToken) {
		return a.toLogin(c.Exchange, c.Request, err)
	}
	if err != nil {
		return err
	}
	s := &c.subject.session
	if in.Scope == string(directory.CustomerPortalWrite) && s.ReadOnly {
		return needsWrite
	}
	if err := a.sendIdentity(c, h, in.Audience); err != nil {
		return err
	}
	c.Exchange.Header().Set("Content-Length", "0")
	c.WriteHeader(http.StatusOK)
	return nil
}

// sessionCookies returns the session tokens in the cookies of a request. It returns none if the bearer token of the request is a
// session token, because the client has then named its session. With first=cookie, it returns the cookies and then this bearer token.
// Any other bearer token belongs to the application behind the proxy and says nothing about the session.
func sessionCookies(r *http.Request) (tokens []string) {
	bearer, _ := web.Bearer(r.Header)
	named := strings.HasPrefix(bearer, string(token.Customer)) || strings.HasPrefix(bearer, string(token.Member))
	in, err := body.ReadForwardAuth(body.ParseQuery(r.URL.RawQuery))
	if named && (err != nil || !in.CookieFirst) {
		return nil
	}
	for _, text := range web.CookieValues(r, web.ForwardAuthCookies...) {
		if t, err := token.Check(text); err == nil && (t.Kind() == token.Customer || t.Kind() == token.Member) {
			tokens = append(tokens, text)
		}
	}
	if named && len(tokens) > 0 {
		tokens = append(tokens, bearer)
	}
	return tokens
}

// inNamedOrganization returns fault.InvalidToken for a session that does not belong to the organization that the query names.
func (a *api) inNamedOrganization(x *web.Exchange, r *http.Request) error {
	query := body.ParseQuery(r.URL.RawQuery)
	in, wrong := body.ReadForwardAuth(query)
	s, _ := x.Subject.(*subject)
	if wrong != nil || len(query.Values["organization"]) == 0 || !s.is([]kind{ofSession}) { // forwardAuth and guard refuse the request
		return nil
	}
	org, err := a.Directory.OrganizationBySlug(r.Context(), in.Organization)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || org.ID.Key() != s.session.Organization {
		return fault.New(fault.InvalidToken, "The session belongs to another organization.").Because(err)
	}
	return nil
}

// noValue is the value of a header that has none. Every header is always sent, because a client can make some proxies
// delete headers, so a missing header must not mean anything.
const noValue = "-"

// sendIdentity sets the response headers that describe the session and its holder.
func (a *api) sendIdentity(c *call, h directory.Holder, audience string) error {
	s, header := &c.subject.session, c.Exchange.Header()
	set := func(name, value string) { header.Set("X-Postern-"+name, headerText(value)) }
	member, role, email, identity := noValue, noValue, noValue, noValue
	if h.Member != nil {
		member, role = h.Member.ID.String(), string(h.Member.Role)
	}
	if address := h.Email(); address != nil {
		email = *address
	}
	if audience != "" {
		var err error
		if identity, err = a.signIdentity(s, h, audience); err != nil {
			return err
		}
	}
	set("Principal", principalOf(h))
	set("Organization-Id", h.Customer.Organization.String())
	set("Customer-Id", h.Customer.ID.String())
	set("Member-Id", member)
	set("Role", role)
	set("Email", email)
	set("Scopes", string(scopesOf(s)[0]))
	set("Expires-At", timeText(s.ExpiresAt))
	set("Identity", identity)
	return nil
}

// timeText returns a time as in answers of the API.
func timeText(t time.Time) string { return strings.Trim(string(wirejson.AppendTime(nil, t)), `"`) }

// errForgedIdentity is the answer to a client that sends headers of Postern itself. The proxy has not removed them, so they might
// reach the application.
var errForgedIdentity = fault.New(fault.NotPermitted, "The request has headers that only Postern sets. Remove all X-Postern- headers of clients in the proxy.")

// forgesIdentity reports whether a request has a header whose name an application could take for one of Postern's. Many
// applications do not distinguish underscores and dashes.
func forgesIdentity(h http.Header) bool {
	const prefix = "x-postern-"
	for name := range h {
		if len(name) >= len(prefix) && strings.EqualFold(strings.ReplaceAll(name[:len(prefix)], "_", "-"), prefix) {
			return true
		}
	}
	return false
}

// headerText percent-encodes every byte that is not visible ASCII, and the percent sign. An application can decode the value,
// and an attacker cannot inject headers with it.
func headerText(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7F || c == '%' {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// queryEscapes escapes what has a meaning in a query. It makes addresses shorter than url.QueryEscape, because proxies limit the
// length of a response header.
var queryEscapes = strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", ";", "%3B")

// toLogin redirects a browser without a live session to the sign-in page on the application's own host if the query contains
// login=redirect. It returns the error for all other clients.
//
// The redirect is relative to the host that the browser has asked, so that it leads nowhere else. The sign-in page there, which the
// proxy passes on to the portal, sets a cookie of that host before it redirects to the portal.
func (a *api) toLogin(x *web.Exchange, r *http.Request, err error) error {
	if !fault.Is(err, fault.InvalidToken) && !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	in, wrong := body.ReadForwardAuth(body.ParseQuery(r.URL.RawQuery))
	if wrong != nil || !in.Login || !strings.Contains(strings.Join(r.Header["Accept"], ","), "text/html") {
		return err
	}
	_, unknown := a.Directory.OrganizationBySlug(r.Context(), in.Organization)
	if fault.Is(unknown, fault.NotFound) {
		return err
	}
	if unknown != nil {
		return unknown
	}
	to := "/.postern/sign-in"
	if target := web.ForwardedTarget(r, a.TrustedProxies); target != "" {
		to += "?to=" + queryEscapes.Replace(target)
	}
	x.Header().Set("Location", to)
	x.Header().Set("Content-Length", "0")
	x.WriteHeader(http.StatusFound)
	return nil
}

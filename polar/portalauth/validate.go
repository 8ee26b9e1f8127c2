package portalauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postern-go/postern/polar"
)

// longest is the longest lifetime of a session, and therefore the longest useful time in the cache.
const longest = 366 * 24 * time.Hour

// configError contains everything that is wrong with the arguments of New.
type configError struct {
	problems []string
	causes   []error
}

func (e *configError) Error() string   { return "portalauth: " + strings.Join(e.problems, "; ") }
func (e *configError) Unwrap() []error { return e.causes }

func (e *configError) add(format string, args ...any) {
	e.problems = append(e.problems, fmt.Sprintf(format, args...))
}

// validate returns an error that lists everything that cannot work, and what to set instead. The defaults are set.
func validate(client *polar.Client, o *Options, crossOrigin *http.CrossOriginProtection) error {
	e := &configError{}
	e.checkOrganization(client, o)
	e.checkBounds(o)
	e.checkCookie(o)
	e.checkPages(client, o)
	for _, origin := range o.TrustedOrigins {
		if crossOrigin.AddTrustedOrigin(origin) != nil {
			e.add("TrustedOrigins: %q is not an origin; write scheme and host without a path, such as https://app.example.com", origin)
		}
	}
	if len(e.problems) > 0 {
		return e
	}
	return nil
}

// checkOrganization checks that the verifier can know whose sessions to accept.
func (e *configError) checkOrganization(client *polar.Client, o *Options) {
	if o.OrganizationID != "" && o.AnyOrganization {
		e.add("OrganizationID and AnyOrganization are both set; set only one")
	}
	if _, ok := parseUUID(string(o.OrganizationID)); o.OrganizationID != "" && !ok {
		e.add("OrganizationID %q is not a UUID; set the ID of the organization, not its slug", o.OrganizationID)
	}
	switch {
	case client == nil:
		e.add("the client is nil; create it with polar.New, and check the error of polar.New")
	case client.Server == (polar.ServerService{}):
		e.add("the client was not created with polar.New")
	case o.AnyOrganization || o.OrganizationID != "" && !isPolar(client, o):
	case !client.HasAccessToken() && isPolar(client, o):
		e.add("the client has no access token, but Polar does not tell the organization of a session without one; set polar.WithAccessToken")
		e.causes = append(e.causes, polar.ErrMissingSecurity)
	case !client.HasAccessToken():
		e.add("the organization is not known; set polar.WithAccessToken, Options.OrganizationID or Options.AnyOrganization")
		e.causes = append(e.causes, polar.ErrMissingSecurity)
	case o.OrganizationID == "" && !client.HasOrganizationToken():
		e.add("the client's access token belongs to a user, who can have several organizations; set Options.OrganizationID, or use an organization's access token (polar_oat_…)")
	}
}

func isPolar(client *polar.Client, o *Options) bool { return o.Polar || client.TargetsPolar() }

func (e *configError) checkBounds(o *Options) {
	for _, bound := range []struct {
		name  string
		value time.Duration
	}{{"MaxStaleness", o.MaxStaleness}, {"ServeStale", o.ServeStale}} {
		switch {
		case bound.value < 0:
			e.add("%s %v must not be negative; leave it zero for the default", bound.name, bound.value)
		case bound.value > longest:
			e.add("%s %v is longer than any session lives; set at most %v", bound.name, bound.value, longest)
		}
	}
	if o.MaxSessions < 0 {
		e.add("MaxSessions %d must not be negative; leave it zero for the default", o.MaxSessions)
	}
}

// checkCookie refuses cookies that net/http does not send or browsers do not store.
func (e *configError) checkCookie(o *Options) {
	c := o.cookie("x")
	lower := strings.ToLower(c.Name)
	switch err := c.Valid(); {
	case err != nil:
		e.add("Cookie: %v", err)
	case !strings.HasPrefix(c.Path, "/"):
		e.add("Cookie.Path %q must start with a slash", c.Path)
	case !c.Secure && (strings.HasPrefix(lower, "__host-") || strings.HasPrefix(lower, "__secure-")):
		e.add("Cookie: browsers store a cookie with the name %s over https only; unset Insecure, or set another name", c.Name)
	case strings.HasPrefix(lower, "__host-") && (c.Path != "/" || c.Domain != ""):
		e.add("Cookie: browsers store a cookie with the name %s only with Path / and without Domain", c.Name)
	}
}

// checkPages checks PortalURL, LoginURL and PublicURL.
func (e *configError) checkPages(client *polar.Client, o *Options) {
	if o.LoginURL != "" {
		if _, err := webURL(o.LoginURL); err != nil {
			e.add("LoginURL: %v, such as https://portal.example.com/acme/portal/request", err)
		}
		if o.ErrorHandler != nil {
			e.add("LoginURL has no effect together with ErrorHandler; set only one, and redirect browsers in ErrorHandler")
		}
	}
	if o.PortalURL != "" {
		e.checkPortal(client, o)
	}
	if o.PublicURL == "" {
		return
	}
	u, err := webURL(o.PublicURL)
	domain := strings.ToLower(strings.TrimPrefix(o.Cookie.Domain, "."))
	switch {
	case err != nil:
		e.add("PublicURL: %v, such as https://app.example.com", err)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		e.add("PublicURL must not have a query or a fragment")
	case u.Scheme == "http" && !o.Cookie.Insecure && !isLoopback(u.Hostname()):
		e.add("PublicURL starts with http://, where browsers do not store the cookie; use https, or set Cookie.Insecure for development")
	case domain != "" && !strings.HasSuffix("."+strings.ToLower(u.Hostname()), "."+domain):
		e.add("Cookie.Domain %q does not include the host of PublicURL, %s; browsers would not store the cookie", o.Cookie.Domain, u.Hostname())
	}
}

// checkPortal checks what a sign-in at the portal needs.
func (e *configError) checkPortal(client *polar.Client, o *Options) {
	u, err := webURL(o.PortalURL)
	switch {
	case err != nil:
		e.add("PortalURL: %v, such as https://portal.example.com/acme/portal", err)
	case !strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/portal") || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		e.add("PortalURL %q is not the address of a portal; write it as https://portal.example.com/acme/portal", o.PortalURL)
	case client != nil && isPolar(client, o):
		e.add("PortalURL works with Postern servers only; set LoginURL")
	}
	if o.PublicURL == "" {
		e.add("PortalURL needs PublicURL, the URL under which browsers reach this application, such as https://app.example.com")
	}
	if o.LoginURL != "" || o.ErrorHandler != nil {
		e.add("PortalURL has no effect together with LoginURL or ErrorHandler; set only one")
	}
}

// webURL returns an error unless text is an http or https URL with a host.
func webURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, errors.New("the URL must start with http:// or https://, and have a host and no user")
	}
	return u, nil
}

// isLoopback reports whether browsers treat a host as this computer, on which they store secure cookies over http.
func isLoopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "::1"
}

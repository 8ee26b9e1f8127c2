package portalauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options change what a [Verifier] does. The zero value is good. A value that cannot be is an error from [Verifier.Verify], and
// whoever passes the middleware is refused.
type Options struct {
	// MaxStaleness is for how long an answer of the server is believed without asking again; 0 stands for 30 seconds. It is what
	// bounds how long a session that has ended still gets in, where there are no news of it: on Polar, or while the stream of
	// revocations is broken.
	MaxStaleness time.Duration
	// ServeStale is for how much longer an answer is believed when the server cannot be asked; 0 refuses then. Never beyond the
	// session's expiry, and never when it is known to have ended.
	ServeStale time.Duration
	// MaxSessions bounds how many sessions are remembered; 0 stands for 100,000, which take some 50 MB. Those that were not used
	// for the longest time are forgotten first.
	MaxSessions int

	// OrganizationID is whose customers are let in; "" stands for the organization of the client's access token, which needs the
	// scope customers:read for that.
	OrganizationID string
	// AnyOrganization lets in the customers of all organizations on the server. On Polar that is everybody's customers: your
	// handlers have to know which CustomerID is yours.
	AnyOrganization bool
	// Polar says that the server is Polar under another name than its own, such as a proxy or a mock.
	Polar bool

	// Cookie is where browsers keep their session.
	Cookie Cookie
	// NoQueryToken ignores tokens in URLs.
	NoQueryToken bool
	// TrustedOrigins are other origins, such as https://app.example.com, whose pages may send the cookie along with requests that
	// change something.
	TrustedOrigins []string
	// LoginURL is where browsers without a session are sent, such as https://portal.example.com/acme/portal/request; "" answers
	// them 401, as all others.
	LoginURL string
	// PublicURL is where the outside world reaches the program, such as https://app.example.com. With it the login learns, in the
	// parameter return_url, where to lead back to. A Postern leads back to the return hosts of the organization's portal settings.
	PublicURL string
	// Refused answers requests that are not let in, in place of Polar's words. The error is one of those that Verify yields,
	// polar.ErrUnauthorized for a request without a token, polar.ErrInsufficientScope, or [ErrCrossOrigin].
	ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

	// Observe is told of everything that metrics are made of, on the way of the request: it should be quick.
	Observe func(Event)
	// Now is the clock; nil stands for time.Now.
	Now func() time.Time
}

// Cookie says where browsers keep their session. It is HttpOnly and SameSite=Lax, and ends with the session.
type Cookie struct {
	// Name is "postern_session" when it is "", which is where Postern's forward auth looks too.
	Name string
	// Path is "/" when it is "".
	Path string
	// Domain is the host of the request alone when it is "".
	Domain string
	// Insecure sends the cookie over plain http too, for development.
	Insecure bool
}

// The defaults of the options.
const (
	defaultMaxStaleness = 30 * time.Second
	defaultMaxSessions  = 100_000
	defaultCookie       = "postern_session"
)

// complete fills in the defaults and refuses what cannot be.
func (o *Options) validate() error {
	if o.MaxStaleness < 0 || o.ServeStale < 0 || o.MaxSessions < 0 {
		return errors.New("portalauth: MaxStaleness, ServeStale and MaxSessions are not negative")
	}
	if o.OrganizationID != "" && o.AnyOrganization {
		return errors.New("portalauth: OrganizationID and AnyOrganization exclude each other")
	}
	if o.OrganizationID != "" {
		if _, ok := parseUUID(o.OrganizationID); !ok {
			return fmt.Errorf("portalauth: the OrganizationID %q is no UUID", o.OrganizationID)
		}
		o.OrganizationID = strings.ToLower(o.OrganizationID)
	}
	for name, text := range map[string]string{"LoginURL": o.LoginURL, "PublicURL": o.PublicURL} {
		if err := webURL(text); err != nil {
			return fmt.Errorf("portalauth: %s: %w", name, err)
		}
	}
	if o.MaxStaleness == 0 {
		o.MaxStaleness = defaultMaxStaleness
	}
	if o.MaxSessions == 0 {
		o.MaxSessions = defaultMaxSessions
	}
	if o.Cookie.Name == "" {
		o.Cookie.Name = defaultCookie
	}
	if o.Cookie.Path == "" {
		o.Cookie.Path = "/"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Event) {}
	}
	if err := o.cookie("x").Valid(); err != nil {
		return fmt.Errorf("portalauth: the cookie: %w", err)
	}
	return nil
}

// webURL refuses what is neither "" nor http or https with a host.
func webURL(text string) error {
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
		return errors.New("it begins with http:// or https:// and names a host")
	}
	return nil
}

func (o *Options) cookie(token string) *http.Cookie {
	return &http.Cookie{
		Name: o.Cookie.Name, Value: token, Path: o.Cookie.Path, Domain: o.Cookie.Domain,
		Secure: !o.Cookie.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

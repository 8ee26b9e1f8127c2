package portalauth

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/postern-go/postern/polar"
)

// Options configure a [Verifier]. The zero value is valid for a client with an organization's access token. [New] returns
// an error for values that cannot work.
type Options struct {
	// MaxStaleness is the time for which an answer of the server is cached. Default: 30 seconds. It limits how long an
	// ended session is still accepted if the verifier receives no revocations: on Polar, or while the stream of
	// revocations is interrupted.
	MaxStaleness time.Duration
	// ServeStale extends the time in the cache while the server cannot be reached. Default: zero, which refuses requests with
	// sessions that are no longer cached. A session is never accepted after its expiry or after a known revocation.
	ServeStale time.Duration
	// MaxSessions is the largest number of cached sessions. Default: 100,000, which take about 50 MB. Sessions that
	// have not been used for long are evicted first. Tokens that the server refused are cached apart, at most one
	// eighth of MaxSessions.
	MaxSessions int

	// OrganizationID is the organization whose sessions are accepted. Default: the organization of the client's access
	// token, which needs the scope customers:read.
	OrganizationID polar.OrganizationID
	// AnyOrganization accepts the sessions of all organizations on the server. On Polar, these are the customers of all
	// of Polar's merchants, and your handlers must check the CustomerID.
	AnyOrganization bool
	// Polar must be set if the server is Polar but is reached under another host name, such as the name of a proxy or a mock.
	Polar bool

	// Cookie configures the cookie that stores a browser's session token.
	Cookie Cookie
	// NoQueryToken ignores tokens in the query of a URL.
	NoQueryToken bool
	// TrustedOrigins are additional origins, such as https://app.example.com, whose pages may send requests other than
	// GET and HEAD with the cookie.
	TrustedOrigins []string
	// PortalURL is the customer portal of the organization on a Postern server, such as
	// https://portal.example.com/acme/portal. If it is set, browsers without a valid session are redirected to the portal's
	// sign-in page. They return to the page that they wanted with a session of this application's host, through
	// [Verifier.Handler], which must be mounted at "/.postern/". It needs PublicURL, whose host must be one of the
	// organization's application hosts. It must not be set together with LoginURL or ErrorHandler.
	PortalURL string
	// LoginURL is a login page of your own, which calls [Verifier.SignIn]. Browsers without a valid session are redirected
	// to it. If LoginURL and PortalURL are empty, browsers get status 401 like other clients. It must not be set together
	// with ErrorHandler.
	LoginURL string
	// PublicURL is the URL under which browsers reach this application, such as https://app.example.com. If it is set,
	// the redirect to LoginURL contains the current page in the parameter return_url.
	PublicURL string
	// CookieFirst takes the session from the cookies if one of them is live, and otherwise from the Authorization header.
	// By default, a session token in the Authorization header counts alone.
	CookieFirst bool
	// ErrorHandler writes the response to a refused request, in place of Polar's response. err is an error of
	// [Verifier.Verify], polar.ErrUnauthorized for a request without a token, polar.ErrInsufficientScope, or
	// [ErrCrossOrigin]; compare it with errors.Is.
	ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

	// Logger gets a line when a session could not be checked, when the stream of revocations was lost, and when the
	// clock differs from the server's. The same failure is logged at most once a minute, with the number of times that it
	// happened. No line contains a token. Default: slog.Default(). Use slog.New(slog.DiscardHandler) for no log.
	Logger *slog.Logger
	// Observe is called for every event, for example to count metrics. It is called while a request waits, and must
	// return quickly. It must be safe for concurrent use.
	Observe func(Event)
	// Now returns the current time. Default: time.Now.
	Now func() time.Time
}

// Cookie configures the session cookie. The cookie is HttpOnly, has SameSite=Lax, and expires with the session.
type Cookie struct {
	// Name is the name of the cookie. Default: "postern_session". With the default, the verifier also reads the cookies
	// "__Host-postern_session" and "__Secure-postern_session", in the same order as Postern's forward authentication. On
	// https, set "__Host-postern_session": no other host of the domain can set a cookie with this name.
	Name string
	// Path is the path of the cookie. Default: "/".
	Path string
	// Domain is the domain of the cookie. Default: the host of the request, without its subdomains.
	Domain string
	// Insecure also sends the cookie over plain http. Use it for development only.
	Insecure bool
}

// Defaults of the options.
const (
	defaultMaxStaleness = 30 * time.Second
	defaultMaxSessions  = 100_000
	defaultCookie       = "postern_session"
)

// defaultCookies are the names that are read by default, the safest first.
var defaultCookies = []string{"__Host-" + defaultCookie, "__Secure-" + defaultCookie, defaultCookie}

// setDefaults replaces zero values by the defaults.
func (o *Options) setDefaults() {
	o.OrganizationID = polar.OrganizationID(strings.ToLower(string(o.OrganizationID)))
	o.MaxStaleness = cmp.Or(o.MaxStaleness, defaultMaxStaleness)
	o.MaxSessions = cmp.Or(o.MaxSessions, defaultMaxSessions)
	o.Cookie.Name = cmp.Or(o.Cookie.Name, defaultCookie)
	o.Cookie.Path = cmp.Or(o.Cookie.Path, "/")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Event) {}
	}
}

// cookieNames returns the names of the cookies that are read.
func (o *Options) cookieNames() []string {
	if o.Cookie.Name == defaultCookie {
		return defaultCookies
	}
	return []string{o.Cookie.Name}
}

func (o *Options) cookie(token string) *http.Cookie {
	return &http.Cookie{
		Name: o.Cookie.Name, Value: token, Path: o.Cookie.Path, Domain: o.Cookie.Domain,
		Secure: !o.Cookie.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

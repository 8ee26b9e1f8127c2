package portalauth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

const organization = "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a01"

// newOfflineClient returns a client whose transport fails the test.
func newOfflineClient(t *testing.T, opts ...polar.Option) *polar.Client {
	t.Helper()
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		t.Errorf("a request was sent: %s", r.URL)
		return nil, errDown
	})
	client, err := polar.New(append(opts, polar.WithHTTPClient(&http.Client{Transport: transport}))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNewRefusesWhatCannotWork(t *testing.T) {
	postern, key := polar.WithServerURL("https://portal.example.com"), polar.WithAccessToken("polar_oat_x")
	client := newOfflineClient(t, postern, key)
	handler := func(http.ResponseWriter, *http.Request, error) {}
	for name, test := range map[string]struct {
		client  *polar.Client
		options portalauth.Options
		says    string // empty if New must succeed
	}{
		"defaults":                          {client: client},
		"defaults on Polar":                 {client: newOfflineClient(t, key)},
		"no client":                         {nil, portalauth.Options{}, "polar.New"},
		"zero client":                       {&polar.Client{}, portalauth.Options{AnyOrganization: true}, "not created with polar.New"},
		"no access token":                   {newOfflineClient(t, postern), portalauth.Options{}, "polar.WithAccessToken"},
		"no access token, but organization": {client: newOfflineClient(t, postern), options: portalauth.Options{OrganizationID: organization}},
		"no access token on Polar":          {newOfflineClient(t), portalauth.Options{OrganizationID: organization}, "polar.WithAccessToken"},
		"no access token behind a proxy":    {newOfflineClient(t, postern), portalauth.Options{OrganizationID: organization, Polar: true}, "polar.WithAccessToken"},
		"any organization on Polar":         {client: newOfflineClient(t), options: portalauth.Options{AnyOrganization: true}},
		"user's token without organization": {newOfflineClient(t, polar.WithAccessToken("polar_pat_x")), portalauth.Options{}, "set Options.OrganizationID"},
		"user's token with organization":    {client: newOfflineClient(t, polar.WithAccessToken("polar_pat_x")), options: portalauth.Options{OrganizationID: organization}},
		"two organization options":          {client, portalauth.Options{OrganizationID: organization, AnyOrganization: true}, "set only one"},
		"slug as organization":              {client, portalauth.Options{OrganizationID: "acme"}, `"acme" is not a UUID`},
		"negative MaxStaleness":             {client, portalauth.Options{MaxStaleness: -1}, "MaxStaleness -1ns must not be negative"},
		"negative ServeStale":               {client, portalauth.Options{ServeStale: -time.Second}, "ServeStale"},
		"negative MaxSessions":              {client, portalauth.Options{MaxSessions: -1}, "MaxSessions"},
		"MaxStaleness that overflows":       {client, portalauth.Options{MaxStaleness: 1<<63 - 1}, "set at most"},
		"ServeStale that overflows":         {client, portalauth.Options{ServeStale: 1<<63 - 1}, "set at most"},
		"cookie name with a space":          {client, portalauth.Options{Cookie: portalauth.Cookie{Name: "a b"}}, "Cookie"},
		"cookie domain with a space":        {client, portalauth.Options{Cookie: portalauth.Cookie{Domain: "a b"}}, "Cookie"},
		"cookie path without slash":         {client, portalauth.Options{Cookie: portalauth.Cookie{Path: "app"}}, "slash"},
		"secure cookie over http":           {client, portalauth.Options{Cookie: portalauth.Cookie{Name: "__Secure-s", Insecure: true}}, "https only"},
		"host cookie":                       {client: client, options: portalauth.Options{Cookie: portalauth.Cookie{Name: "__Host-s"}}},
		"host cookie with path":             {client, portalauth.Options{Cookie: portalauth.Cookie{Name: "__Host-s", Path: "/app"}}, "Path /"},
		"host cookie with domain":           {client, portalauth.Options{Cookie: portalauth.Cookie{Name: "__host-s", Domain: "example.com"}}, "without Domain"},
		"cookie of another site":            {client, portalauth.Options{PublicURL: "https://app.example.com", Cookie: portalauth.Cookie{Domain: "ample.com"}}, "Cookie.Domain"},
		"cookie of the parent domain":       {client: client, options: portalauth.Options{PublicURL: "https://app.example.com", Cookie: portalauth.Cookie{Domain: ".Example.com"}}},
		"login page":                        {client: client, options: portalauth.Options{LoginURL: "https://portal.example.com/acme/portal/request"}},
		"portal":                            {client: client, options: portalauth.Options{PortalURL: "https://portal.example.com/acme/portal", PublicURL: "https://app.example.com"}},
		"portal without public URL":         {client, portalauth.Options{PortalURL: "https://portal.example.com/acme/portal"}, "PublicURL"},
		"portal's sign-in page":             {client, portalauth.Options{PortalURL: "https://portal.example.com/acme/portal/request", PublicURL: "https://app.example.com"}, "PortalURL"},
		"portal without host":               {client, portalauth.Options{PortalURL: "/acme/portal", PublicURL: "https://app.example.com"}, "PortalURL"},
		"portal of Polar":                   {client, portalauth.Options{Polar: true, PortalURL: "https://polar.sh/acme/portal", PublicURL: "https://app.example.com"}, "PortalURL"},
		"portal and login page":             {client, portalauth.Options{PortalURL: "https://portal.example.com/acme/portal", PublicURL: "https://app.example.com", LoginURL: "https://app.example.com/login"}, "PortalURL"},
		"login page without host":           {client, portalauth.Options{LoginURL: "/login"}, "LoginURL"},
		"login page with port only":         {client, portalauth.Options{LoginURL: "https://:443/login"}, "LoginURL"},
		"login page of another scheme":      {client, portalauth.Options{LoginURL: "javascript:alert(1)"}, "LoginURL"},
		"login page and error handler":      {client, portalauth.Options{LoginURL: "https://example.com/", ErrorHandler: handler}, "ErrorHandler"},
		"public URL with another scheme":    {client, portalauth.Options{PublicURL: "ftp://app.example.com"}, "PublicURL"},
		"public URL with query":             {client, portalauth.Options{PublicURL: "https://app.example.com/?a=b"}, "query"},
		"public URL over http":              {client, portalauth.Options{PublicURL: "http://app.example.com"}, "Cookie.Insecure"},
		"public URL over http, insecure":    {client: client, options: portalauth.Options{PublicURL: "http://app.example.com", Cookie: portalauth.Cookie{Insecure: true}}},
		"public URL on this computer":       {client: client, options: portalauth.Options{PublicURL: "http://localhost:3000"}},
		"trusted origin without scheme":     {client, portalauth.Options{TrustedOrigins: []string{"example.com"}}, "https://app.example.com"},
		"trusted origin with path":          {client, portalauth.Options{TrustedOrigins: []string{"https://example.com/a"}}, "without a path"},
	} {
		t.Run(name, func(t *testing.T) {
			auth, err := portalauth.New(test.client, test.options)
			switch {
			case test.says == "" && err != nil:
				t.Fatal(err)
			case test.says == "":
				auth.Close()
			case err == nil || auth != nil || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "portalauth: "):
				t.Errorf("%v does not contain %q", err, test.says)
			}
			if strings.HasPrefix(name, "no access token") && test.says != "" && !errors.Is(err, polar.ErrMissingSecurity) {
				t.Errorf("%v is not ErrMissingSecurity", err)
			}
		})
	}
}

// New names everything that is wrong at once.
func TestNewListsAllProblems(t *testing.T) {
	_, err := portalauth.New(nil, portalauth.Options{MaxStaleness: -1, MaxSessions: -1, LoginURL: "x"})
	for _, want := range []string{"the client is nil", "MaxStaleness", "MaxSessions", "LoginURL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not contain %q", err, want)
		}
	}
}

// A verifier whose error was ignored refuses every request and never panics.
func TestVerifierWithoutNewRefuses(t *testing.T) {
	for _, auth := range []*portalauth.Verifier{nil, {}} {
		if _, err := auth.Verify(t.Context(), exampleToken); !errors.Is(err, portalauth.ErrUnavailable) || !strings.Contains(err.Error(), "New") {
			t.Errorf("Verify: %v", err)
		}
		if _, err := auth.SignIn(t.Context(), httptest.NewRecorder(), exampleToken); !errors.Is(err, portalauth.ErrUnavailable) {
			t.Errorf("SignIn: %v", err)
		}
		if err := auth.SignOut(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)); !errors.Is(err, portalauth.ErrUnavailable) {
			t.Errorf("SignOut: %v", err)
		}
		if answer := serve(auth.Require()(echoIdentity), "GET", "/?customer_session_token="+exampleToken, header{"Authorization": "Bearer " + exampleToken}); answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("Require: %d", answer.StatusCode)
		}
		auth.Close()
	}
}

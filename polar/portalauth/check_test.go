package portalauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// newAccessToken returns an access token with the given scopes.
func (h *testServer) newAccessToken(of tenant, scopes ...polar.Scope) polar.Option {
	h.t.Helper()
	created, err := of.client.OrganizationAccessTokens.Create(h.t.Context(), polar.OrganizationAccessTokenCreate{Scopes: scopes})
	if err != nil {
		h.t.Fatal(err)
	}
	return polar.WithAccessToken(created.Token)
}

func TestCheck(t *testing.T) {
	h := newTestServer(t)
	h.createTeam(h.acme, owner)
	h.createTeam(h.another, owner)
	down := &network{}
	down.down.Store(true)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	client := func(opts ...polar.Option) *polar.Client { return h.newClient(&network{}, opts...) }
	customers, sessions := polar.ScopeCustomersRead, polar.ScopeCustomerSessionsRead
	revoked := polar.WithAccessToken("polar_oat_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l")
	for name, test := range map[string]struct {
		client  *polar.Client
		options portalauth.Options
		ctx     context.Context
		says    string // empty if Check must succeed
		is      error
	}{
		"access token":                        {client: h.acme.client},
		"the scopes that are needed":          {client: client(h.newAccessToken(h.acme, customers, sessions))},
		"organization":                        {client: client(), options: portalauth.Options{OrganizationID: h.acme.id}},
		"organization and access token":       {client: client(h.newAccessToken(h.acme, sessions)), options: portalauth.Options{OrganizationID: h.acme.id}},
		"any organization":                    {client: client(), options: portalauth.Options{AnyOrganization: true}},
		"any organization on Polar":           {client: client(), options: portalauth.Options{AnyOrganization: true, Polar: true}},
		"Polar":                               {client: client(h.newAccessToken(h.acme, customers)), options: portalauth.Options{Polar: true}},
		"Polar and organization":              {client: h.acme.client, options: portalauth.Options{Polar: true, OrganizationID: h.acme.id}},
		"unreachable":                         {h.newClient(down), portalauth.Options{AnyOrganization: true}, nil, "the network is down", portalauth.ErrUnavailable},
		"ended context":                       {client(), portalauth.Options{AnyOrganization: true}, ended, "canceled", context.Canceled},
		"unknown access token":                {client(revoked), portalauth.Options{}, nil, "does not accept the client's access token", polar.ErrInvalidToken},
		"unknown access token, organization":  {client(revoked), portalauth.Options{OrganizationID: h.acme.id}, nil, "does not accept the client's access token", polar.ErrInvalidToken},
		"unknown access token, Polar":         {client(revoked), portalauth.Options{Polar: true}, nil, "does not accept the client's access token", polar.ErrInvalidToken},
		"no scope for customers":              {client(h.newAccessToken(h.acme, sessions)), portalauth.Options{}, nil, "lacks the scope customers:read", polar.ErrInsufficientScope},
		"no scope for customers on Polar":     {client(h.newAccessToken(h.acme, sessions)), portalauth.Options{Polar: true}, nil, "lacks the scope customers:read", polar.ErrInsufficientScope},
		"no scope for the stream":             {client(h.newAccessToken(h.acme, customers)), portalauth.Options{}, nil, "lacks the scope customer_sessions:read", polar.ErrInsufficientScope},
		"no scope at all, customers":          {client(h.newAccessToken(h.acme, polar.ScopeWebhooksRead)), portalauth.Options{}, nil, "customers:read", polar.ErrInsufficientScope},
		"no scope at all, stream":             {client(h.newAccessToken(h.acme, polar.ScopeWebhooksRead)), portalauth.Options{}, nil, "customer_sessions:read", polar.ErrInsufficientScope},
		"access token of another":             {h.another.client, portalauth.Options{OrganizationID: h.acme.id}, nil, "another organization than Options.OrganizationID, " + string(h.acme.id), nil},
		"access token of another on Polar":    {h.another.client, portalauth.Options{OrganizationID: h.acme.id, Polar: true}, nil, "belongs to the organization " + string(h.another.id), nil},
		"another server":                      {client(polar.WithRequestEditor(addPathPrefix)), portalauth.Options{AnyOrganization: true}, nil, "Options.Polar", portalauth.ErrUnavailable},
		"clock and scope, both":               {client(h.newAccessToken(h.acme, customers)), portalauth.Options{Now: h.ahead(time.Hour)}, nil, "set both clocks", polar.ErrInsufficientScope},
		"a server that accepts every request": {client(polar.WithRequestEditor(func(r *http.Request) error { r.URL.Path = "/healthz"; return nil })), portalauth.Options{AnyOrganization: true}, nil, "without a session", portalauth.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			if test.ctx == nil {
				test.ctx = t.Context()
			}
			auth, w := h.newVerifier(test.client, test.options)
			err := auth.Check(test.ctx)
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "portalauth: check: ") || strings.Contains(err.Error(), "\n")):
				t.Errorf("%v does not contain %q", err, test.says)
			case test.is != nil && !errors.Is(err, test.is):
				t.Errorf("%v is not %v", err, test.is)
			}
			if err != nil && anyToken.MatchString(err.Error()) {
				t.Errorf("the error contains a token: %v", err)
			}
			if n := w.counts(); n[portalauth.EventLookup] > 0 || n[portalauth.EventStreamConnected] > 0 {
				t.Errorf("Check started the stream or counts as a verification: %v", n)
			}
		})
	}
}

// A server that accepts every token is not one that can check sessions, and a stream that a proxy buffers never starts.
func TestCheckFindsBrokenProxies(t *testing.T) {
	for name, test := range map[string]struct {
		handler func(w http.ResponseWriter, r *http.Request)
		says    string
	}{
		"everything is accepted": {func(w http.ResponseWriter, _ *http.Request) { writeIdentity(w.Header(), time.Now().Add(time.Hour)) }, "without a session"},
		"stream is buffered": {func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/revocations") {
				<-r.Context().Done()
			}
			w.WriteHeader(http.StatusUnauthorized)
		}, "do not buffer"},
		"stream is not forwarded": {func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/revocations") {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.WriteHeader(http.StatusUnauthorized)
		}, "proxies forward the route"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(test.handler))
			defer server.Close()
			client, err := polar.New(polar.WithServerURL(server.URL), polar.WithAccessToken("polar_oat_x"), polar.WithTimeout(200*time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			auth, err := portalauth.New(client, portalauth.Options{OrganizationID: organization})
			if err != nil {
				t.Fatal(err)
			}
			defer auth.Close()
			if err := auth.Check(t.Context()); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v does not contain %q", err, test.says)
			}
		})
	}
}

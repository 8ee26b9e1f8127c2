package portalauth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// forwardAuthServer answers like a Postern server with a live session, and has no stream of revocations.
func forwardAuthServer(b *testing.B) *polar.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/customer-portal/forward-auth" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		h := w.Header()
		h.Set("X-Postern-Organization-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a01")
		h.Set("X-Postern-Customer-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a02")
		h.Set("X-Postern-Member-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a03")
		h.Set("X-Postern-Role", "owner")
		h.Set("X-Postern-Principal", "member")
		h.Set("X-Postern-Email", "-")
		h.Set("X-Postern-Scopes", "customer_portal:write")
		h.Set("X-Postern-Expires-At", "2094-01-01T00:00:00Z")
	}))
	b.Cleanup(server.Close)
	client, err := polar.New(polar.WithServerURL(server.URL))
	if err != nil {
		b.Fatal(err)
	}
	return client
}

const benchToken = "polar_cst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l"

// newWarmVerifier returns a verifier that has cached the token.
func newWarmVerifier(b *testing.B) *portalauth.Verifier {
	auth, err := portalauth.New(forwardAuthServer(b), portalauth.Options{AnyOrganization: true, MaxStaleness: 1 << 50})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(auth.Close)
	if _, err := auth.Verify(context.Background(), benchToken); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return auth
}

func BenchmarkVerifyCached(b *testing.B) {
	auth, ctx := newWarmVerifier(b), context.Background()
	for b.Loop() {
		if _, err := auth.Verify(ctx, benchToken); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyCachedParallel(b *testing.B) {
	auth, ctx := newWarmVerifier(b), context.Background()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := auth.Verify(ctx, benchToken); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRequire measures a whole request through the middleware, without a network.
func BenchmarkRequire(b *testing.B) {
	handler := newWarmVerifier(b).Require("customer_portal:read")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+benchToken)
	w := httptest.NewRecorder()
	for b.Loop() {
		clear(w.Header())
		handler.ServeHTTP(w, r)
	}
}

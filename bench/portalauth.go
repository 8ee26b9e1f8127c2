package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// cachedVerify compares the verification of a session in the cache of portalauth with the verification of a JSON Web Token.
// Neither of them sends a request. Unlike a session, a JSON Web Token cannot be revoked.
func cachedVerify() ([]result, error) {
	auth, err := newVerifier(customerToken)
	if err != nil {
		return nil, err
	}
	defer auth.Close()
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	jwt := filepath.Join(dir, "jwt")
	if err := build(filepath.Join("bench", "jwt"), "-o", jwt, "."); err != nil {
		return nil, err
	}
	var values, hs256, eddsa, hs256Ratios, eddsaRatios []float64
	var allocs int64
	for range rounds {
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := auth.Verify(context.Background(), customerToken); err != nil {
					b.Fatal(err)
				}
			}
		})
		out, err := exec.Command(jwt).Output()
		if err != nil {
			return nil, fmt.Errorf("bench/jwt: %w", err)
		}
		var h, e float64
		if _, err := fmt.Sscan(string(out), &h, &e); err != nil {
			return nil, fmt.Errorf("bench/jwt: %w", err)
		}
		value := float64(r.T.Nanoseconds()) / float64(r.N)
		allocs = r.AllocsPerOp()
		values, hs256, eddsa = append(values, value), append(hs256, h), append(eddsa, e)
		hs256Ratios, eddsaRatios = append(hs256Ratios, value/h), append(eddsaRatios, value/e)
	}
	return []result{
		{Name: "portalauth, a cached session against a JWT with HS256, ns", Value: median(values), Baseline: median(hs256), Ratio: median(hs256Ratios)},
		{Name: "portalauth, a cached session against a JWT with EdDSA, ns", Value: median(values), Baseline: median(eddsa), Ratio: median(eddsaRatios)},
		{Name: "portalauth, a cached session, ns", Value: median(values), Target: 250, Better: "lower"},
		{Name: "portalauth, a cached session, allocations", Value: float64(allocs), Target: 0, Better: "lower"},
	}, nil
}

// newVerifier returns a verifier that has the session of the token in its cache. The server that verified the session had no
// revocation stream and is already closed.
func newVerifier(token string) (*portalauth.Verifier, error) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/customer-portal/forward-auth" {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		for _, none := range []string{"Member-Id", "Role", "Email"} {
			h.Set("X-Postern-"+none, "-")
		}
		h.Set("X-Postern-Principal", "customer")
		h.Set("X-Postern-Organization-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a01")
		h.Set("X-Postern-Customer-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a02")
		h.Set("X-Postern-Scopes", "customer_portal:write")
		h.Set("X-Postern-Expires-At", time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339))
	}))
	defer server.Close()
	client, err := polar.New(polar.WithServerURL(server.URL))
	if err != nil {
		return nil, err
	}
	auth, err := portalauth.New(client, portalauth.Options{AnyOrganization: true, MaxStaleness: 24 * time.Hour})
	if err != nil {
		return nil, err
	}
	_, err = auth.Verify(context.Background(), token)
	return auth, err
}

// size compares the binary sizes of two programs that introspect a session: one uses package polar, the other only net/http.
func size() ([]result, error) {
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var sizes []float64
	for _, name := range []string{"introspect", "bare"} {
		out := filepath.Join(dir, name)
		if err := build(".", "-trimpath", "-ldflags=-s -w", "-o", out, filepath.Join("bench", "testdata", name+".go")); err != nil {
			return nil, err
		}
		info, err := os.Stat(out)
		if err != nil {
			return nil, err
		}
		sizes = append(sizes, float64(info.Size())/1024)
	}
	return []result{{Name: "a program that introspects, KiB", Value: sizes[0], Baseline: sizes[1], Ratio: sizes[0] / sizes[1]}}, nil
}

// build runs go build in a directory. It disables version control stamping, because stamping fails in a checkout that another
// user owns.
func build(dir string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-buildvcs=false"}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

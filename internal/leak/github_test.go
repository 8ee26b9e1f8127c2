package leak_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/leak"
)

// site is an HTTP server that publishes keys.
type site struct {
	*httptest.Server
	body    atomic.Value
	status  atomic.Int64
	fetched atomic.Int64
}

func newSite(t *testing.T) *site {
	s := &site{}
	s.status.Store(http.StatusOK)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.fetched.Add(1)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(int(s.status.Load()))
		w.Write([]byte(s.body.Load().(string)))
	}))
	t.Cleanup(s.Close)
	return s
}

type published struct {
	Identifier string `json:"key_identifier"`
	PEM        string `json:"key"`
}

func (s *site) publish(t *testing.T, keys ...published) {
	t.Helper()
	b, err := json.Marshal(map[string]any{"public_keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	s.body.Store(string(b))
}

// public returns a key in GitHub's format.
func public(t *testing.T, name string, key any) published {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return published{name, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}
}

func newKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, key *ecdsa.PrivateKey, body string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	der, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestGitHubFetchesKeysOnDemand(t *testing.T) {
	s := newSite(t)
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	g, err := leak.NewGitHub(s.URL, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	old, fresh := newKey(t, elliptic.P256()), newKey(t, elliptic.P256())
	verify := func(step, name string, key *ecdsa.PrivateKey, want fault.Code, fetched int64) {
		t.Helper()
		if err := g.Verify(t.Context(), name, sign(t, key, "[]"), []byte("[]")); fault.CodeOf(err) != want {
			t.Errorf("%s: %v, wanted %q", step, err, want)
		}
		if got := s.fetched.Load(); got != fetched {
			t.Errorf("%s: fetched %d times, wanted %d", step, got, fetched)
		}
	}
	if s.fetched.Load() != 0 {
		t.Error("fetched before the first use")
	}
	s.body.Store("no keys")
	verify("the site is broken", "old", old, fault.Unavailable, 1)
	s.publish(t, public(t, "old", &old.PublicKey))
	verify("no second fetch within a minute", "old", old, fault.Unavailable, 1)
	now = now.Add(time.Minute)
	verify("the first key", "old", old, "", 2)
	verify("the key is cached", "old", old, "", 2)
	verify("signature by another key", "old", fresh, fault.BadSignature, 2)
	s.publish(t, public(t, "old", &old.PublicKey), public(t, "new", &fresh.PublicKey))
	verify("unknown, too soon", "new", fresh, fault.UnknownKey, 2)
	now = now.Add(time.Minute)
	verify("unknown, a minute later", "new", fresh, "", 3)
	verify("an invented key id", "x", fresh, fault.UnknownKey, 3)
	s.status.Store(http.StatusFound)
	now = now.Add(time.Minute)
	verify("the site redirects", "x", fresh, fault.UnknownKey, 4)
	verify("known keys stay", "new", fresh, "", 4)
	s.status.Store(http.StatusOK)
	s.publish(t, public(t, "new", &fresh.PublicKey))
	now = now.Add(24 * time.Hour)
	verify("withdrawn, a day later", "old", old, fault.UnknownKey, 5)

	now = now.Add(time.Hour)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { g.Verify(t.Context(), "x", "", nil) })
	}
	wg.Wait()
	verify("concurrent callers", "new", fresh, "", 6)
}

func TestGitHubAcceptsOnlyP256Keys(t *testing.T) {
	s := newSite(t)
	good, wrong := newKey(t, elliptic.P256()), newKey(t, elliptic.P384())
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s.publish(t, public(t, "p384", &wrong.PublicKey), public(t, "rsa", &rsaKey.PublicKey), published{"garbage", "garbage"},
		public(t, "", &good.PublicKey), public(t, "good", &good.PublicKey))
	g, err := leak.NewGitHub(s.URL, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fault.Code{"good": "", "p384": fault.UnknownKey, "rsa": fault.UnknownKey, "garbage": fault.UnknownKey, "": fault.UnknownKey} {
		if err := g.Verify(t.Context(), name, sign(t, good, "x"), []byte("x")); fault.CodeOf(err) != want {
			t.Errorf("%q: %v, wanted %q", name, err, want)
		}
	}
}

func TestNewGitHubChecksTheSource(t *testing.T) {
	for source, want := range map[string]string{
		"https://api.github.com/meta/public_keys/secret_scanning": "",
		"http://localhost:1/":     "",
		"http://[::1]:1/":         "",
		"keys.json":               "",
		"http://api.github.com/x": "must use https",
		"http://localhost.evil/":  "must use https",
		"ftp://example.com/":      "must use https",
		"https://":                "neither a file nor a URL",
		"https://a:b@example.com": "neither a file nor a URL",
	} {
		_, err := leak.NewGitHub(source, time.Now)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

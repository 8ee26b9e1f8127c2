package api

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

func signerWith(t testing.TB, secrets ...string) *api {
	t.Helper()
	s, err := token.NewSecrets(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	public := &url.URL{Scheme: "https", Host: "portal.example.com"}
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	return &api{Deps: Deps{PublicURL: public, Now: func() time.Time { return now }}, identities: newIdentitySigner(s)}
}

func signedHeader(t testing.TB, a *api) http.Header {
	t.Helper()
	text, err := a.signIdentity(&session.Session{ExpiresAt: a.Now().Add(time.Hour)}, directory.Holder{}, "app")
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{"X-Postern-Identity": {text}}
}

// After a rotation, the set has the new and the old key, so that identities of both are accepted until the old secret is retired.
func TestIdentityKeysFollowTheSecrets(t *testing.T) {
	first, second := token.NewSecret(), token.NewSecret()
	before, after, later := signerWith(t, first), signerWith(t, second, first), signerWith(t, second)
	for name, tt := range map[string]struct {
		keys     polar.ForwardAuthKeys
		signer   *api
		accepted bool
	}{
		"before":                         {before.identities.public, before, true},
		"the new key, old keys":          {before.identities.public, after, false},
		"the new key":                    {after.identities.public, after, true},
		"the old key, after the change":  {after.identities.public, before, true},
		"the old key, after its removal": {later.identities.public, before, false},
		"the new key, after the removal": {later.identities.public, after, true},
	} {
		if _, err := tt.keys.Verify(signedHeader(t, tt.signer), "app", tt.signer.Now()); (err == nil) != tt.accepted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkSignIdentity(b *testing.B) {
	a := signerWith(b, token.NewSecret())
	for b.Loop() {
		signedHeader(b, a)
	}
}

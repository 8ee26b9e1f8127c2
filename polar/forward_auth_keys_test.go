package polar_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// identity is a signed identity for tests.
type identity struct {
	head, claims string
	key          ed25519.PrivateKey
}

func (i identity) sign() string {
	part := base64.RawURLEncoding.EncodeToString
	text := part([]byte(i.head)) + "." + part([]byte(i.claims))
	return text + "." + part(ed25519.Sign(i.key, []byte(text)))
}

const identityClaims = `{"iss":"https://portal.example.com","aud":"app.example.com","sub":"m","iat":1000,"exp":1060,"principal":"member",` +
	`"organization_id":"o","customer_id":"c","member_id":"m","role":"owner","email":null,"scopes":["customer_portal:read"],"session_expires_at":"1970-01-01T01:00:00Z"}`

func TestVerifyIdentity(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32)))
	keys := polar.ForwardAuthKeys{Keys: []polar.ForwardAuthKey{
		{ID: "broken", Type: "OKP", Curve: "Ed25519", X: "x"}, {ID: "other", Type: "EC", Curve: "P-256", X: "x"},
		{ID: "a", Type: "OKP", Curve: "Ed25519", Use: "sig", Algorithm: "EdDSA", X: base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))},
	}}
	const head = `{"alg":"EdDSA","kid":"a","typ":"JWT"}`
	good := identity{head, identityClaims, key}.sign()
	changed := func(old, new string) string {
		return identity{head, strings.Replace(identityClaims, old, new, 1), key}.sign()
	}
	for name, tt := range map[string]struct {
		header   []string
		audience string
		at       int64
		want     error
	}{
		"valid":                     {header: []string{good}, at: 1000},
		"just before its end":       {header: []string{good}, at: 1089},
		"a slow clock":              {header: []string{good}, at: 970},
		"a customer":                {header: []string{changed(`"principal":"member"`, `"principal":"customer"`)}, at: 1000, want: polar.ErrInvalidIdentity},
		"a customer without member": {header: []string{changed(`"principal":"member","organization_id":"o","customer_id":"c","member_id":"m","role":"owner"`, `"principal":"customer","organization_id":"o","customer_id":"c","member_id":null,"role":null`)}, at: 1000},
		"a member without role":     {header: []string{changed(`"role":"owner"`, `"role":null`)}, at: 1000, want: polar.ErrInvalidIdentity},
		"expired":                   {header: []string{good}, at: 1090, want: polar.ErrInvalidIdentity},
		"from the future":           {header: []string{good}, at: 969, want: polar.ErrInvalidIdentity},
		"after the session":         {header: []string{changed("01:00:00Z", "00:16:00Z")}, at: 1000, want: polar.ErrInvalidIdentity},
		"another audience":          {header: []string{good}, audience: "evil.example.com", at: 1000, want: polar.ErrInvalidIdentity},
		"an empty audience":         {header: []string{changed(`"aud":"app.example.com"`, `"aud":""`)}, audience: "-", at: 1000, want: polar.ErrInvalidIdentity},
		"no header":                 {at: 1000, want: polar.ErrNoIdentity},
		"no value":                  {header: []string{"-"}, at: 1000, want: polar.ErrNoIdentity},
		"two headers":               {header: []string{good, good}, at: 1000, want: polar.ErrInvalidIdentity},
		"another key":               {header: []string{identity{head, identityClaims, other}.sign()}, at: 1000, want: polar.ErrInvalidIdentity},
		"an unknown key":            {header: []string{identity{`{"alg":"EdDSA","kid":"b"}`, identityClaims, other}.sign()}, at: 1000, want: polar.ErrUnknownKey},
		"a broken key":              {header: []string{identity{`{"alg":"EdDSA","kid":"broken"}`, identityClaims, other}.sign()}, at: 1000, want: polar.ErrUnknownKey},
		"a key of another kind":     {header: []string{identity{`{"alg":"EdDSA","kid":"other"}`, identityClaims, other}.sign()}, at: 1000, want: polar.ErrUnknownKey},
		"no algorithm":              {header: []string{identity{`{"alg":"none","kid":"a"}`, identityClaims, key}.sign()}, at: 1000, want: polar.ErrInvalidIdentity},
		"HS256":                     {header: []string{identity{`{"alg":"HS256","kid":"a"}`, identityClaims, key}.sign()}, at: 1000, want: polar.ErrInvalidIdentity},
		"without signature":         {header: []string{good[:strings.LastIndexByte(good, '.')+1]}, at: 1000, want: polar.ErrInvalidIdentity},
		"changed claims":            {header: []string{strings.Replace(good, ".", ".e", 1)}, at: 1000, want: polar.ErrInvalidIdentity},
		"garbage":                   {header: []string{"a.b.c"}, at: 1000, want: polar.ErrInvalidIdentity},
		"no claims":                 {header: []string{identity{head, `[]`, key}.sign()}, at: 1000, want: polar.ErrInvalidIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			for _, value := range tt.header {
				h.Add("X-Postern-Identity", value)
			}
			audience := tt.audience
			if audience == "" {
				audience = "app.example.com"
			} else if audience == "-" {
				audience = ""
			}
			who, err := keys.Verify(h, audience, time.Unix(tt.at, 0))
			if !errors.Is(err, tt.want) || (err == nil) != (who != nil) {
				t.Fatalf("%v, %v, want %v", who, err, tt.want)
			}
			if who != nil && (who.CustomerID != "c" || (who.Principal == polar.PrincipalMember) != (who.MemberID == "m") || who.Email != "" || who.Scopes[0] != polar.ScopeCustomerPortalRead) {
				t.Errorf("%+v", who)
			}
		})
	}
}

// An application that reads the headers themselves refuses requests whose headers a client could have added or deleted.
func TestParseForwardAuth(t *testing.T) {
	complete := func() http.Header {
		return http.Header{
			"X-Postern-Principal": {"member"}, "X-Postern-Organization-Id": {"o"}, "X-Postern-Customer-Id": {"c"}, "X-Postern-Member-Id": {"m"}, "X-Postern-Role": {"owner"},
			"X-Postern-Email": {"zo%C3%AB@example.com"}, "X-Postern-Scopes": {"customer_portal:write"}, "X-Postern-Expires-At": {"2026-10-01T12:00:00Z"},
		}
	}
	if who, err := polar.ParseForwardAuth(complete()); err != nil || who.Email != "zoë@example.com" || who.Role != polar.RoleOwner {
		t.Errorf("%+v, %v", who, err)
	}
	for name := range complete() {
		for _, values := range [][]string{nil, {""}, {"a", "b"}, {"%zz"}} {
			h := complete()
			if h[name] = values; values == nil {
				delete(h, name)
			}
			if who, err := polar.ParseForwardAuth(h); err == nil {
				t.Errorf("%s %q: %+v", name, values, who)
			}
		}
	}
	for _, change := range [][2]string{{"Principal", "customer"}, {"Principal", "admin"}, {"Member-Id", "-"}, {"Role", "-"}, {"Expires-At", "-"}} {
		h := complete()
		h.Set("X-Postern-"+change[0], change[1])
		if who, err := polar.ParseForwardAuth(h); err == nil {
			t.Errorf("%v: %+v", change, who)
		}
	}
	h := complete()
	h.Set("X-Postern-Principal", "customer")
	h.Set("X-Postern-Member-Id", "-")
	h.Set("X-Postern-Role", "-")
	h.Set("X-Postern-Email", "-")
	if who, err := polar.ParseForwardAuth(h); err != nil || who.MemberID != "" || who.Role != "" || who.Email != "" {
		t.Errorf("%+v, %v", who, err)
	}
}

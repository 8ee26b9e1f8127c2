package polar

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ForwardAuthKeys are the public keys that verify the header X-Postern-Identity, as a JSON Web Key Set (RFC 7517). The first key
// signs.
//
// Route: GET /v1/customer-portal/forward-auth/keys (Postern only).
type ForwardAuthKeys struct {
	Keys []ForwardAuthKey `json:"keys"`
}

// ForwardAuthKey is a JSON Web Key for Ed25519 (RFC 8037).
type ForwardAuthKey struct {
	// ID is the thumbprint of the key (RFC 7638).
	ID string `json:"kid"`
	// Type is "OKP", Curve "Ed25519", Use "sig" and Algorithm "EdDSA".
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	// X is the public key in base64url.
	X string `json:"x"`
}

func (k *ForwardAuthKeys) check() error {
	if len(k.Keys) == 0 {
		return errors.New("the answer has no keys")
	}
	return nil
}

var forwardAuthKeys = operation{
	name: "get forward auth keys", method: http.MethodGet, path: "/v1/customer-portal/forward-auth/keys", status: http.StatusOK, auth: noAuth,
}

// ForwardAuthKeys returns the keys for [ForwardAuthKeys.Verify]. It needs no credential. Keep the keys. If Verify
// returns [ErrUnknownKey], the server's secret may have been rotated: get the keys again, at most once a minute.
//
// Route: GET /v1/customer-portal/forward-auth/keys (Postern only).
func (s CustomerPortalService) ForwardAuthKeys(ctx context.Context, opts ...Option) (*ForwardAuthKeys, error) {
	return fetch[ForwardAuthKeys](ctx, s.core, call{op: &forwardAuthKeys}, opts)
}

// Errors of [ForwardAuthKeys.Verify], for errors.Is.
var (
	// ErrNoIdentity means that a request has no signed identity: the header X-Postern-Identity is missing or "-". The latter
	// means that the proxy does not send the parameter audience.
	ErrNoIdentity = errors.New("the request has no signed identity")
	// ErrUnknownKey means that the identity is signed with a key that is not in the set.
	ErrUnknownKey = errors.New("the identity is signed with an unknown key")
	// ErrInvalidIdentity means that the identity is malformed, has a wrong signature, has expired, or is for another audience.
	ErrInvalidIdentity = errors.New("the identity is invalid")
)

// identityLeeway is the accepted difference between the clocks of the server and the application.
const identityLeeway = 30 * time.Second

// Verify verifies the header X-Postern-Identity of a request, and returns the identity. The application need not trust the proxy
// then. audience is the parameter audience that the proxy sends to Postern, such as app.example.com; it must be the application's
// own. now is the current time. The identity is valid for one minute, and half a minute more for clocks that differ.
//
//	keys, err := client.CustomerPortal.ForwardAuthKeys(ctx) // once
//	who, err := keys.Verify(r.Header, "app.example.com", time.Now())
//
// The errors are [ErrNoIdentity], [ErrUnknownKey] and [ErrInvalidIdentity].
func (k *ForwardAuthKeys) Verify(h http.Header, audience string, now time.Time) (*ForwardAuth, error) {
	values := h["X-Postern-Identity"]
	switch {
	case len(values) == 0 || len(values) == 1 && (values[0] == "" || values[0] == "-"):
		return nil, fmt.Errorf("polar: %w", ErrNoIdentity)
	case len(values) > 1:
		return nil, invalidIdentity("the header occurs %d times", len(values))
	case audience == "":
		return nil, invalidIdentity("no audience is given; name the application as in the proxy's configuration")
	}
	claims, err := k.open(values[0])
	if err != nil {
		return nil, err
	}
	switch {
	case claims.Audience != audience:
		return nil, invalidIdentity("it is for the audience %q", claims.Audience)
	case now.Add(identityLeeway).Unix() < claims.IssuedAt:
		return nil, invalidIdentity("it is from the future; check the clock")
	case now.Add(-identityLeeway).Unix() >= claims.ExpiresAt, !now.Add(-identityLeeway).Before(claims.SessionExpiresAt):
		return nil, invalidIdentity("it has expired")
	}
	v := &ForwardAuth{
		Principal: claims.Principal, OrganizationID: claims.OrganizationID, CustomerID: claims.CustomerID, MemberID: claims.MemberID, Role: claims.Role,
		Email: claims.Email, Scopes: claims.Scopes, ExpiresAt: claims.SessionExpiresAt.UTC(),
	}
	if err := v.check(); err != nil {
		return nil, invalidIdentity("%v", err)
	}
	return v, nil
}

// identityClaims are the claims of an identity. A claim that is null is empty.
type identityClaims struct {
	Audience         string         `json:"aud"`
	IssuedAt         int64          `json:"iat"`
	ExpiresAt        int64          `json:"exp"`
	Principal        Principal      `json:"principal"`
	OrganizationID   OrganizationID `json:"organization_id"`
	CustomerID       CustomerID     `json:"customer_id"`
	MemberID         MemberID       `json:"member_id"`
	Role             MemberRole     `json:"role"`
	Email            string         `json:"email"`
	Scopes           []Scope        `json:"scopes"`
	SessionExpiresAt time.Time      `json:"session_expires_at"`
}

// open verifies the signature of a JSON Web Token and returns its claims. It accepts EdDSA only, whatever the token says.
func (k *ForwardAuthKeys) open(text string) (claims identityClaims, err error) {
	head, rest, _ := strings.Cut(text, ".")
	body, signature, found := strings.Cut(rest, ".")
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if !found || decodePart(head, &header) != nil || header.Algorithm != "EdDSA" {
		return claims, invalidIdentity("it is not a JSON Web Token with EdDSA")
	}
	key := k.find(header.KeyID)
	if key == nil {
		return claims, fmt.Errorf("polar: %w", ErrUnknownKey)
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !ed25519.Verify(key, []byte(head+"."+body), sum) {
		return claims, invalidIdentity("the signature is wrong")
	}
	if decodePart(body, &claims) != nil {
		return claims, invalidIdentity("the claims are malformed")
	}
	return claims, nil
}

// find returns the public key with an ID, or nil.
func (k *ForwardAuthKeys) find(id string) ed25519.PublicKey {
	for _, key := range k.Keys {
		if key.ID != id || key.Type != "OKP" || key.Curve != "Ed25519" {
			continue
		}
		if x, err := base64.RawURLEncoding.DecodeString(key.X); err == nil && len(x) == ed25519.PublicKeySize {
			return x
		}
	}
	return nil
}

func decodePart(text string, into any) error {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

func invalidIdentity(format string, args ...any) error {
	return fmt.Errorf("polar: %w: %s", ErrInvalidIdentity, fmt.Sprintf(format, args...))
}

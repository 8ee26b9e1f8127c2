package api

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// identitySigner signs the header X-Postern-Identity: a JSON Web Token (RFC 7519) with EdDSA (RFC 8037). It has one key for each
// secret of the server. The first one signs; applications also accept the others, so that a secret can be rotated.
type identitySigner struct {
	key ed25519.PrivateKey
	// header is the encoded header of every token.
	header string
	public polar.ForwardAuthKeys
}

// identityLifetime is how long a signed identity is valid. The proxy asks for a new one with every request.
const identityLifetime = time.Minute

// identityClaims are the claims of a signed identity. They never contain the session's token.
type identityClaims struct {
	Issuer           string   `json:"iss"`
	Audience         string   `json:"aud"`
	Subject          string   `json:"sub"`
	IssuedAt         int64    `json:"iat"`
	ExpiresAt        int64    `json:"exp"`
	Principal        string   `json:"principal"`
	OrganizationID   string   `json:"organization_id"`
	CustomerID       string   `json:"customer_id"`
	MemberID         *string  `json:"member_id"`
	Role             *string  `json:"role"`
	Email            *string  `json:"email"`
	Scopes           []string `json:"scopes"`
	SessionExpiresAt string   `json:"session_expires_at"`
}

func newIdentitySigner(secrets *token.Secrets) *identitySigner {
	s := &identitySigner{}
	for i, seed := range secrets.Sums("postern: the key that signs identities for applications", "") {
		key := ed25519.NewKeyFromSeed(seed[:])
		x := base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
		thumbprint := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`)) // RFC 7638
		id := base64.RawURLEncoding.EncodeToString(thumbprint[:])
		s.public.Keys = append(s.public.Keys, polar.ForwardAuthKey{ID: id, Type: "OKP", Curve: "Ed25519", X: x, Use: "sig", Algorithm: "EdDSA"})
		if i == 0 {
			s.key, s.header = key, base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","kid":"`+id+`","typ":"JWT"}`))
		}
	}
	return s
}

// signIdentity returns the signed identity of the holder of a session for an audience.
func (a *api) signIdentity(s *session.Session, h directory.Holder, audience string) (string, error) {
	now := a.Now()
	claims := identityClaims{
		Issuer: a.issuer(), Audience: audience, Subject: h.Customer.ID.String(),
		IssuedAt: now.Unix(), ExpiresAt: earlier(now.Add(identityLifetime), s.EndsAt()).Unix(),
		Principal: principalOf(h), OrganizationID: h.Customer.Organization.String(), CustomerID: h.Customer.ID.String(), Email: h.Email(),
		SessionExpiresAt: timeText(s.ExpiresAt),
	}
	for _, scope := range scopesOf(s) {
		claims.Scopes = append(claims.Scopes, string(scope))
	}
	if h.Member != nil {
		id, role := h.Member.ID.String(), string(h.Member.Role)
		claims.Subject, claims.MemberID, claims.Role = id, &id, &role
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign identity: %w", err)
	}
	signed := a.identities.header + "." + base64.RawURLEncoding.EncodeToString(text)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(a.identities.key, []byte(signed))), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// principalOf returns who holds a session: "member" or "customer".
func principalOf(h directory.Holder) string {
	if h.Member != nil {
		return string(polar.PrincipalMember)
	}
	return string(polar.PrincipalCustomer)
}

// forwardAuthKeys handles GET /v1/customer-portal/forward-auth/keys: the keys that verify X-Postern-Identity.
func (a *api) forwardAuthKeys(c *call) error {
	c.Exchange.Header().Set("Cache-Control", "public, max-age=300")
	return c.answer(http.StatusOK, a.identities.public)
}

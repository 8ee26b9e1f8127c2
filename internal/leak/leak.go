// Package leak revokes leaked tokens of every kind and every organization.
//
//	leaks := leak.New(sessions, directory)
//	known, err := leaks.End(ctx, "polar_mst_…") // false if the token is unknown
//
// Anyone who has a token may end it, without further authentication. GitHub finds tokens in public repositories and reports
// them. Its reports get a detailed answer, so they must be signed by GitHub:
//
//	keys, err := leak.NewGitHub("https://api.github.com/meta/public_keys/secret_scanning", time.Now)
//	err = keys.Verify(ctx, identifier, signature, body) // fault.UnknownKey, fault.BadSignature
package leak

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Service ends leaked tokens. It is safe for concurrent use.
type Service struct {
	sessions  *session.Service
	directory *directory.Service
}

// New returns a Service that ends the tokens of both services.
func New(sessions *session.Service, directory *directory.Service) *Service {
	return &Service{sessions, directory}
}

// End revokes the token, durably, and reports whether the store knows it. The token may belong to a session, an access token,
// an email change, a one-time link or the cookie of an operator. A session that ended before stays unchanged. With an access token, End also ends what was made
// with it: see [directory.Service.EndAccessToken].
func (d *Service) End(ctx context.Context, text string) (known bool, err error) {
	t, err := token.Check(text)
	if err != nil {
		return false, nil // not well-formed, so the server cannot have issued it
	}
	switch t.Kind() {
	case token.Customer, token.Member:
		return d.sessions.RevokeToken(ctx, 0, t, session.Leaked)
	case token.Organization:
		return d.directory.EndAccessToken(ctx, t)
	case token.EmailChange:
		return d.directory.EndEmailUpdate(ctx, t)
	case token.Ticket:
		return d.sessions.EndTicket(ctx, t)
	case token.Operator:
		return d.directory.EndOperatorToken(ctx, t)
	}
	return false, nil
}

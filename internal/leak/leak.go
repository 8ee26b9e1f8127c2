// Package leak ends tokens that got where they should not be, whatever kind they are and whoever's.
//
//	desk := leak.New(sessions, directory)
//	known, err := desk.End(ctx, "polar_mst_…") // false for what was never a token here, or is forgotten
//
// Whoever has a token may end it, and nothing else is asked of them. GitHub, which finds tokens in public repositories and
// reports them, also gets an answer, so it has to show that it is GitHub:
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

// Service ends tokens. Safe for concurrent use.
type Service struct {
	sessions  *session.Service
	directory *directory.Service
}

// New makes a desk.
func New(sessions *session.Service, directory *directory.Service) *Service {
	return &Service{sessions, directory}
}

// End ends what the text is the token of, durably, and reports whether it is or was one: of a session, an access token, a
// change of an email address, or a ticket. One that has ended before stays as it is.
func (d *Service) End(ctx context.Context, text string) (known bool, err error) {
	t, err := token.Check(text)
	if err != nil {
		return false, nil // no token at all
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
	}
	return false, nil
}

package session

import (
	"context"
	"time"
)

// ProofLifetime is how long the holder of a session may change its address or the owner of its account after it proved that it
// reads the mailbox of its address.
const ProofLifetime = 10 * time.Minute

// Proven reports whether a session is live, and its holder proved in it, within [ProofLifetime], that it reads the
// mailbox of its address. It reads the store, because another process may have accepted the proof.
func (s *Service) Proven(ctx context.Context, of *Session) (bool, error) {
	e, found, err := s.store.Entry(ctx, of.ID.Key())
	proven := found && e.EndedAt == nil && !e.ProvenAt.IsZero() && s.now().Before(e.ProvenAt.Add(ProofLifetime))
	return proven && err == nil, err
}

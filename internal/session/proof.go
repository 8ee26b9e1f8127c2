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
	at, err := s.ProvenAt(ctx, of)
	return !at.IsZero() && s.now().Before(at.Add(ProofLifetime)), err
}

// ProvenAt returns when the holder of a live session last proved in it that it reads the mailbox of its address, which has not
// changed since. It returns the zero time if the holder never did, and for a session that is not live.
func (s *Service) ProvenAt(ctx context.Context, of *Session) (time.Time, error) {
	e, found, err := s.store.Entry(ctx, of.ID.Key())
	if err != nil || !found || e.State(s.now()) != Live {
		return time.Time{}, err
	}
	return e.ProvenAt, nil
}

package store

import (
	"context"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

const (
	insertTicketRow = `INSERT INTO tickets (key, hash, secret, sealed, expires_at, organization, pending_generation)
		SELECT $1, $2, $3, $4, $5, o.key, o.pending_generation FROM organizations o WHERE o.key = $6
		ON CONFLICT (key) DO NOTHING`
	ticketByKey = `SELECT p.key, p.hash, p.secret, p.sealed, p.expires_at
		FROM tickets p JOIN organizations o ON o.key = p.organization WHERE p.key = $1 AND ` + stillPending
)

// insertTicket returns false if a ticket with the same key exists.
func insertTicket(ctx context.Context, tx *Tx, org token.Key, t session.Ticket) (bool, error) {
	n, err := tx.Affect(ctx, insertTicketRow, t.Key, t.Hash[:], int64(t.Secret), t.Sealed, micros(t.ExpiresAt), org)
	return n == 1, err
}

// InsertTicket implements session.Store.
func (s *Store) InsertTicket(ctx context.Context, org token.Key, t session.Ticket) (inserted bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		inserted, err = insertTicket(ctx, tx, org, t)
		return err
	})
	return inserted && err == nil, err
}

// Ticket implements session.Store.
func (s *Store) Ticket(ctx context.Context, key token.Key) (session.Ticket, bool, error) {
	return find(s.queryRow(ctx, ticketByKey, key), func(r row) (t session.Ticket, err error) {
		var hash []byte
		var expires int64
		err = r.Scan(&t.Key, &hash, &t.Secret, &t.Sealed, &expires)
		t.Hash, t.ExpiresAt = hashOf(hash), instant(expires)
		return t, err
	})
}

// DeleteTicket implements session.Store. If several calls delete the same ticket at once, exactly one of them returns true.
func (s *Store) DeleteTicket(ctx context.Context, key token.Key) (spent bool, err error) {
	n, err := s.affect(ctx, `DELETE FROM tickets WHERE key = $1`, key)
	return n == 1, err
}

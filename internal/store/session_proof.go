package store

import (
	"context"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
)

const (
	countProofs = `SELECT count(*) FROM session_proofs WHERE session = $1 AND counts_until > $2 AND hash <> $3`
	insertProof = `INSERT INTO session_proofs (session, hash, organization, email, wrong, expires_at, counts_until, pending_generation)
		SELECT $1, $2, o.key, $3, 0, $4, $5, o.pending_generation FROM organizations o WHERE o.key = $6 AND ` + notBlocked + `
		ON CONFLICT (session, hash) DO NOTHING`
	deleteLostProofs = `DELETE FROM session_proofs WHERE session = $1 AND counts_until <= $2 AND expires_at > $2`
	proofHashes      = `SELECT p.hash FROM session_proofs p JOIN organizations o ON o.key = p.organization
		WHERE p.session = $1 AND p.email = $2 AND p.expires_at > $3 AND p.wrong < $4 AND ` + stillPending
)

// InsertProof implements login.Store.
func (s *Store) InsertProof(ctx context.Context, p login.Proof, most int, now time.Time) (inserted bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		org, found, err := s.lockLive(ctx, tx, p.Session, now)
		if inserted = false; err != nil || !found {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, countProofs, p.Session, micros(now), p.Hash[:]).Scan(&n); err != nil || n >= most {
			return err
		}
		if err := tx.Exec(ctx, deleteLostProofs, p.Session, micros(now)); err != nil {
			return err
		}
		rows, err := tx.Affect(ctx, insertProof, p.Session, p.Hash[:], p.Email, micros(p.ExpiresAt), micros(countsUntil(p.CountsUntil, p.ExpiresAt)), org)
		inserted = rows == 1
		return err
	})
	return inserted && err == nil, err
}

// CountProof implements login.Store.
func (s *Store) CountProof(ctx context.Context, of token.Key, hash token.Hash, most int, now, until time.Time) (counts bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		_, found, err := s.lockLive(ctx, tx, of, now)
		if counts = false; err != nil || !found {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, countProofs, of, micros(now), hash[:]).Scan(&n); err != nil || most >= 0 && n >= most {
			return err
		}
		rows, err := tx.Affect(ctx, `UPDATE session_proofs SET counts_until = $3 WHERE session = $1 AND hash = $2`, of, hash[:], micros(until))
		counts = rows == 1
		return err
	})
	return counts && err == nil, err
}

// UseProof implements login.Store.
func (s *Store) UseProof(ctx context.Context, a login.ProofAttempt, mostWrong int) (proven bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		_, found, err := s.lockLive(ctx, tx, a.Session, a.At)
		if proven = false; err != nil || !found {
			return err
		}
		hashes, err := all(scanHash)(tx.Query(ctx, proofHashes, a.Session, a.Email, micros(a.At), mostWrong))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(hashes, func(h token.Hash) bool { return slices.Contains(a.Hashes, h) }) {
			return tx.Exec(ctx, `UPDATE session_proofs SET wrong = wrong + 1 WHERE session = $1`, a.Session)
		}
		proven = true
		if err := tx.Exec(ctx, `DELETE FROM session_proofs WHERE session = $1`, a.Session); err != nil {
			return err
		}
		if err := tx.Exec(ctx, `UPDATE sessions SET proven_at = $2 WHERE key = $1`, a.Session, micros(a.At)); err != nil {
			return err
		}
		e, _, err := entry(ctx, tx.conn, a.Session)
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, sessionEvent(audit.SessionProven, e, audit.Details{}))
	})
	return proven && err == nil, err
}

// lockLive locks the row of a session, and returns the key of its organization. It reports false if the session has ended.
func (s *Store) lockLive(ctx context.Context, tx *Tx, key token.Key, now time.Time) (org token.Key, live bool, err error) {
	if err := s.lockRow(ctx, tx, "sessions", key); err != nil {
		return 0, false, err
	}
	r, found, err := find(tx.QueryRow(ctx, sessionByKey, key), scanSession)
	return r.Organization, found && now.Before(r.ExpiresAt), err
}

func scanHash(r row) (token.Hash, error) {
	var b []byte
	err := r.Scan(&b)
	return hashOf(b), err
}

package store

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

const (
	codeByHash = `SELECT p.hash, o.key, o.tail, p.email, p.customer, p.expires_at
		FROM login_codes p JOIN organizations o ON o.key = p.organization WHERE p.hash = $1 AND ` + stillPending
	liveCodes  = `SELECT count(*) FROM login_codes WHERE organization = $1 AND email_folded = $2 AND expires_at > $3`
	insertCode = `INSERT INTO login_codes (hash, organization, email, email_folded, customer, expires_at, pending_generation)
		SELECT $1, $2, $3, $4, $5, $6, o.pending_generation FROM organizations o WHERE o.key = $2 AND ` + notBlocked + `
		ON CONFLICT (hash) DO NOTHING`
	useCode = `DELETE FROM login_codes AS p WHERE p.hash = $1
		AND EXISTS (SELECT 1 FROM organizations o WHERE o.key = p.organization AND ` + stillPending + `)`
)

// InsertCode implements login.Store.
func (s *Store) InsertCode(ctx context.Context, c login.Code) (inserted bool, err error) {
	n, err := s.affect(ctx, insertCode, c.Hash[:], c.Organization.Key(), c.Email, *folded(&c.Email), c.Customer, micros(c.ExpiresAt))
	return n == 1, err
}

// Code implements login.Store.
func (s *Store) Code(ctx context.Context, hash token.Hash) (login.Code, bool, error) {
	return find(s.queryRow(ctx, codeByHash, hash[:]), func(r row) (c login.Code, err error) {
		var org uuid
		var of []byte
		var expires int64
		err = r.Scan(&of, &org.key, &org.tail, &c.Email, &c.Customer, &expires)
		c.Hash, c.Organization, c.ExpiresAt = hashOf(of), org.id(), instant(expires)
		return c, err
	})
}

// LiveCodes implements login.Store.
func (s *Store) LiveCodes(ctx context.Context, org token.Key, email string, now time.Time) (n int, err error) {
	err = s.queryRow(ctx, liveCodes, org, *folded(&email), micros(now)).Scan(&n)
	return n, err
}

// RedeemCode implements login.Store.
func (s *Store) RedeemCode(ctx context.Context, hash token.Hash, e session.Entry, o session.InsertOptions) (redeemed bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n, err := tx.Affect(ctx, useCode, hash[:])
		if redeemed = n == 1; err != nil || !redeemed {
			return err
		}
		if inserted, err := insertSession(ctx, tx, e); err != nil || !inserted {
			return errors.Join(errors.New("insert the session of a login code: the session key exists already"), err) // the rollback restores the deleted code
		}
		if err := s.audit(ctx, tx, signInEvent(ctx, e)); err != nil {
			return err
		}
		if err := s.announce(ctx, tx, e); err != nil {
			return err
		}
		return s.endSurplus(ctx, tx, e, o)
	})
	return redeemed && err == nil, err
}

package store

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

const (
	revocationsAfter = `SELECT seq, organization, customer, member, session, generation, reason, at FROM revocations WHERE seq > $1 ORDER BY seq LIMIT $2`
	lastRevocation   = `SELECT coalesce(max(seq), 0) FROM revocations`
)

// appendRevocation appends a row to the revocation log and sets r.Seq.
func appendRevocation(ctx context.Context, tx *Tx, d dialect, r *session.Revocation) error {
	if d.lockLog != "" {
		if err := tx.Exec(ctx, d.lockLog); err != nil {
			return err
		}
	}
	return tx.QueryRow(ctx, `INSERT INTO revocations (organization, customer, member, session, generation, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING seq`,
		r.Organization, r.Customer, r.Member, r.Session, int64(r.Generation), r.Reason, micros(r.At)).Scan(&r.Seq)
}

// noteAccess appends a row to the revocation log that makes the organization's streams check the access tokens of their clients.
func (s *Store) noteAccess(ctx context.Context, tx *Tx, org token.Key, at time.Time) error {
	row := session.Revocation{Organization: org, Reason: session.Ended, At: at}
	if err := appendRevocation(ctx, tx, s.dialect(), &row); err != nil {
		return err
	}
	if s.onRevocation != nil {
		tx.After(func() { s.onRevocation([]session.Revocation{row}) })
	}
	return nil
}

// revoke appends a row to the revocation log. After the commit, it notifies the follower of the log in this process.
func (s *Store) revoke(ctx context.Context, tx *Tx, log ...session.Revocation) error {
	for i := range log {
		if err := appendRevocation(ctx, tx, s.dialect(), &log[i]); err != nil {
			return err
		}
		if log[i].Session == 0 {
			if err := checkWatchesNow(ctx, tx, log[i]); err != nil {
				return err
			}
			tx.After(s.notifyEvent)
		}
	}
	if log != nil && s.onRevocation != nil {
		tx.After(func() { s.onRevocation(log) })
	}
	return nil
}

func scanRevocation(r row) (v session.Revocation, err error) {
	var at int64
	err = r.Scan(&v.Seq, &v.Organization, &v.Customer, &v.Member, &v.Session, &v.Generation, &v.Reason, &at)
	v.At = instant(at)
	return v, err
}

// Revocations implements session.Store.
func (s *Store) Revocations(ctx context.Context, after int64, limit int) ([]session.Revocation, error) {
	return all(scanRevocation)(s.query(ctx, revocationsAfter, after, limit))
}

// LastRevocation implements session.Store.
func (s *Store) LastRevocation(ctx context.Context) (seq int64, err error) {
	err = s.queryRow(ctx, lastRevocation).Scan(&seq)
	return seq, err
}

// OnRevocation implements session.Store.
func (s *Store) OnRevocation(f func([]session.Revocation)) { s.onRevocation = f }

// OrganizationRevocations implements session.Store.
func (s *Store) OrganizationRevocations(ctx context.Context, org token.Key, after int64, limit int) ([]session.NamedRevocation, error) {
	return all(scanNamedRevocation)(s.query(ctx, namedRevocations, org, after, limit))
}

// The joins are outer joins, because the row of the revoked member or session may be deleted. In that case, the result has the
// key but not the id.
const namedRevocations = `SELECT r.seq, r.organization, r.customer, r.member, r.session, r.generation, r.reason, r.at,
	coalesce(c.tail, 0), coalesce(m.tail, 0), coalesce(s.tail, 0)
	FROM revocations r LEFT JOIN customers c ON c.key = r.customer LEFT JOIN members m ON m.key = r.member
	LEFT JOIN sessions s ON s.key = r.session
	WHERE r.organization = $1 AND r.seq > $2 ORDER BY r.seq LIMIT $3`

func scanNamedRevocation(r row) (v session.NamedRevocation, err error) {
	var at, customer, member, own int64
	err = r.Scan(&v.Seq, &v.Organization, &v.Customer, &v.Member, &v.Session, &v.Generation, &v.Reason, &at, &customer, &member, &own)
	v.At = instant(at)
	v.CustomerID, v.MemberID, v.SessionID = idOf(v.Customer, customer), idOf(v.Member, member), idOf(v.Session, own)
	return v, err
}

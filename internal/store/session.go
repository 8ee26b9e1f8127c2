package store

import (
	"context"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// A session stands only while those whom it stands for do, and have the generation that they had when it was made; its
// member is 0 when the customer holds it itself.
const (
	selectSession = `SELECT s.key, s.tail, s.kind, s.organization, s.customer, s.member, s.customer_generation, s.member_generation,
		s.hash, s.secret, s.return_url, s.created_at, s.expires_at
		FROM sessions s JOIN customers c ON c.key = s.customer LEFT JOIN members m ON m.key = s.member
		WHERE c.deleted_at IS NULL AND c.generation = s.customer_generation
		AND (s.member = 0 OR m.key IS NOT NULL AND m.deleted_at IS NULL AND m.generation = s.member_generation)`
	sessionByKey = selectSession + ` AND s.key = $1`
)

func scanSession(r row) (s session.Record, err error) {
	var own uuid
	var hash []byte
	var created, expires int64
	err = r.Scan(&own.key, &own.tail, &s.Kind, &s.Organization, &s.Customer, &s.Member, &s.CustomerGeneration, &s.MemberGeneration,
		&hash, &s.Secret, &s.ReturnURL, &created, &expires)
	s.ID, s.Hash = own.id(), hashOf(hash)
	s.CreatedAt, s.ExpiresAt = instant(created), instant(expires)
	return s, err
}

const insertSessionRow = `INSERT INTO sessions (key, tail, kind, organization, customer, member, customer_generation, member_generation,
	hash, secret, return_url, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
	ON CONFLICT (key) DO NOTHING`

// insertSession reports false when the key is taken.
func insertSession(ctx context.Context, tx *Tx, r session.Record) (bool, error) {
	n, err := tx.Affect(ctx, insertSessionRow,
		r.ID.Key(), r.ID.Tail(), string(r.Kind), r.Organization, r.Customer, r.Member, int64(r.CustomerGeneration), int64(r.MemberGeneration),
		r.Hash[:], int64(r.Secret), r.ReturnURL, micros(r.CreatedAt), micros(r.ExpiresAt))
	return n == 1, err
}

// InsertSession is session.Store's.
func (s *Store) InsertSession(ctx context.Context, r session.Record) (bool, error) {
	return s.insertSession(ctx, r)
}

// Session is session.Store's.
func (s *Store) Session(ctx context.Context, key token.Key) (session.Record, bool, error) {
	return s.sessionByKey(ctx, key)
}

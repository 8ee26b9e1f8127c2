package store

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// selectSession finds sessions for which notEnded is true. A session has ended if it was revoked itself, if its customer or
// member was deleted, or if its organization, customer or member has a newer generation than the session. If the customer holds
// the session, its member is 0. The query does not check expiry.
const (
	selectSession = `SELECT ` + sessionColumnNames + `
		` + fromSessions + ` WHERE ` + notEnded
	sessionByKey = selectSession + ` AND s.key = $1`

	fromSessions = ` FROM sessions s JOIN organizations o ON o.key = s.organization JOIN customers c ON c.key = s.customer
		LEFT JOIN members m ON m.key = s.member`
	notEnded = `s.ended_at IS NULL AND o.generation = s.organization_generation AND c.generation = s.customer_generation
		AND c.deleted_at IS NULL AND (s.member = 0 OR m.key IS NOT NULL AND m.deleted_at IS NULL AND m.generation = s.member_generation)`

	sessionColumnNames = `s.key, s.tail, s.kind, s.organization, s.customer, s.member,
		s.organization_generation, s.customer_generation, s.member_generation, s.hash, s.secret, s.return_url, s.read_only, s.impersonated,
		s.idle_timeout, s.created_at, s.expires_at, s.seen_at`
)

// recordRow is the scan destination for a row of sessionColumnNames.
type recordRow struct {
	session.Record
	own                          uuid
	hash                         []byte
	idle, created, expires, seen int64
}

func (r *recordRow) dest() []any {
	return []any{&r.own.key, &r.own.tail, &r.Kind, &r.Organization, &r.Customer, &r.Member,
		&r.Generations.Organization, &r.Generations.Customer, &r.Generations.Member, &r.hash, &r.Secret, &r.ReturnURL, &r.ReadOnly, &r.Impersonated, &r.idle,
		&r.created, &r.expires, &r.seen}
}

func (r *recordRow) record() session.Record {
	r.ID, r.Hash = r.own.id(), hashOf(r.hash)
	r.IdleTimeout = time.Duration(r.idle) * time.Microsecond
	r.CreatedAt, r.ExpiresAt = instant(r.created), instant(r.expires)
	if r.seen != 0 {
		r.LastUsedAt = instant(r.seen)
	}
	return r.Record
}

func scanSession(r row) (session.Record, error) {
	var s recordRow
	err := r.Scan(s.dest()...)
	return s.record(), err
}

const insertSessionRow = `INSERT INTO sessions (key, tail, kind, organization, customer, member,
	organization_generation, customer_generation, member_generation, hash, secret, return_url, read_only, idle_timeout,
	created_at, expires_at, seen_at, creator, metadata, created_ip, created_agent, proven_at, impersonated, seen_ip, seen_agent, end_reason)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18, $19, $20, $21, $22, '', '', '')
	ON CONFLICT (key) DO NOTHING`

// insertSession returns false if a session with the same key exists.
func insertSession(ctx context.Context, tx *Tx, e session.Entry) (bool, error) {
	n, err := tx.Affect(ctx, insertSessionRow, sessionArgs(e)...)
	return n == 1, err
}

func sessionArgs(e session.Entry) []any {
	return []any{
		e.ID.Key(), e.ID.Tail(), string(e.Kind), e.Organization, e.Customer, e.Member,
		int64(e.Generations.Organization), int64(e.Generations.Customer), int64(e.Generations.Member),
		e.Hash[:], int64(e.Secret), e.ReturnURL, e.ReadOnly, e.IdleTimeout.Microseconds(), micros(e.CreatedAt), micros(e.ExpiresAt),
		e.Creator, metadataText(e.Metadata), e.CreatedBy.IP, e.CreatedBy.UserAgent, microsOrZero(e.ProvenAt), e.Impersonated,
	}
}

// InsertSession implements session.Store.
func (s *Store) InsertSession(ctx context.Context, e session.Entry) (inserted bool, err error) {
	events := creationEvents(ctx, e)
	if !e.Announce && events == nil {
		return s.insertSession(ctx, e)
	}
	err = s.Write(ctx, func(tx *Tx) error {
		if inserted, err = insertSession(ctx, tx, e); err != nil || !inserted {
			return err
		}
		if err := s.audit(ctx, tx, events...); err != nil {
			return err
		}
		return s.announce(ctx, tx, e)
	})
	return inserted && err == nil, err
}

// Session implements session.Store.
func (s *Store) Session(ctx context.Context, key token.Key) (session.Record, bool, error) {
	return s.sessionByKey(ctx, key)
}

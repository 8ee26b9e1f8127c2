// Package store keeps everything Postern must not forget, and holds all of its SQL.
//
//	s, err := store.OpenSQLite(ctx, dir)
//	defer s.Close()
//
// A [Store] is a [session.Store] and a [directory.Store]. All writes go through one door, [Store.Write], which groups
// those that wait into one transaction and answers each only after the commit is on disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

var (
	_ session.Store   = (*Store)(nil)
	_ directory.Store = (*Store)(nil)
)

// Store is a database of sessions and of those who may have them. Safe for concurrent use.
type Store struct {
	readers *sql.DB
	writer  *writer
	// release gives back what keeps other processes away.
	release func() error

	organization, organizationBySlug, customer, customerByExternalID,
	member, memberByExternalID, owner, accessToken, session *sql.Stmt
}

// Close waits for the writes that are under way, refuses later ones, and closes the database.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.readers.Close(), s.release())
}

// Ping reports whether the store answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.readers.PingContext(ctx); err != nil {
		return fault.New(fault.Unavailable, "The store does not answer.").Because(err)
	}
	return nil
}

// prepare parses every query once, so that a mistake in one shows when the store is opened and not later.
func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		stmt  **sql.Stmt
		query string
	}{
		{&s.organization, selectOrganization + ` WHERE key = $1`},
		{&s.organizationBySlug, selectOrganization + ` WHERE slug = $1`},
		{&s.customer, selectCustomer + ` WHERE c.key = $1 AND c.deleted_at IS NULL`},
		{&s.customerByExternalID, selectCustomer + ` WHERE c.organization = $1 AND c.external_id = $2 AND c.deleted_at IS NULL`},
		{&s.member, selectMember + ` WHERE m.key = $1 AND m.deleted_at IS NULL AND c.deleted_at IS NULL`},
		{&s.memberByExternalID, selectMember + ` WHERE m.customer = $1 AND m.external_id = $2 AND m.deleted_at IS NULL AND c.deleted_at IS NULL`},
		{&s.owner, selectOwner},
		{&s.accessToken, selectAccessToken + ` WHERE t.key = $1`},
		{&s.session, selectSession},
	} {
		stmt, err := s.readers.PrepareContext(ctx, p.query)
		if err != nil {
			return err
		}
		*p.stmt = stmt
	}
	return nil
}

// row is what a query for one row scans: *sql.Row is one, and so is *sql.Rows.
type row interface{ Scan(dest ...any) error }

// find scans one row, and reports false when there is none.
func find[T any](r row, scan func(row) (T, error)) (T, bool, error) {
	v, err := scan(r)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil, err
}

// uuid collects a key and a tail from a row.
type uuid struct {
	key  token.Key
	tail int64
}

func (u uuid) id() token.ID { return token.IDOf(u.key, u.tail) }

func micros(t time.Time) int64 { return t.UnixMicro() }

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// microsOrNull is nil for no time.
func microsOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return micros(*t)
}

func instantOrNil(micros sql.NullInt64) *time.Time {
	if !micros.Valid {
		return nil
	}
	t := instant(micros.Int64)
	return &t
}

// hashOf copies a hash out of a row; a hash of another length can match no token.
func hashOf(b []byte) (h token.Hash) {
	if len(b) == len(h) {
		copy(h[:], b)
	}
	return h
}

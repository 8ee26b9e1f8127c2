package store

import (
	"context"
	"database/sql"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const selectMember = `SELECT m.key, m.tail, c.key, c.tail, o.key, o.tail, m.email, m.name, m.external_id, m.role, m.created_at, m.modified_at
	FROM members m JOIN customers c ON c.key = m.customer JOIN organizations o ON o.key = c.organization`

func scanMember(r row) (m directory.Member, err error) {
	var own, customer, org uuid
	var created int64
	var modified sql.NullInt64
	err = r.Scan(&own.key, &own.tail, &customer.key, &customer.tail, &org.key, &org.tail, &m.Email, &m.Name, &m.ExternalID,
		&m.Role, &created, &modified)
	m.ID, m.Customer, m.Organization = own.id(), customer.id(), org.id()
	m.CreatedAt, m.ModifiedAt = instant(created), instantOrNil(modified)
	return m, err
}

func insertMember(ctx context.Context, tx *Tx, m directory.Member) error {
	return tx.Exec(ctx, `INSERT INTO members (key, tail, customer, email, name, external_id, role, created_at, modified_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.ID.Key(), m.ID.Tail(), m.Customer.Key(), m.Email, m.Name, m.ExternalID, m.Role, micros(m.CreatedAt), microsOrNull(m.ModifiedAt))
}

// Member is directory.Store's.
func (s *Store) Member(ctx context.Context, key token.Key) (directory.Member, bool, error) {
	return find(s.member.QueryRowContext(ctx, key), scanMember)
}

// MemberByExternalID is directory.Store's.
func (s *Store) MemberByExternalID(ctx context.Context, customer token.ID, externalID string) (directory.Member, bool, error) {
	return find(s.memberByExternalID.QueryRowContext(ctx, customer.Key(), externalID), scanMember)
}

const selectOwner = selectMember + ` WHERE m.customer = $1 AND m.role = 'owner' AND m.deleted_at IS NULL ORDER BY m.created_at, m.key LIMIT 1`

// EnsureOwner is directory.Store's. It reads first: an owner is made once and asked for often.
func (s *Store) EnsureOwner(ctx context.Context, m directory.Member) (owner directory.Member, err error) {
	owner, found, err := find(s.owner.QueryRowContext(ctx, m.Customer.Key()), scanMember)
	if err != nil || found {
		return owner, err
	}
	err = s.Write(ctx, func(tx *Tx) error {
		owner, found, err = find(tx.QueryRow(ctx, selectOwner, m.Customer.Key()), scanMember)
		if err != nil || found {
			return err
		}
		owner = m
		return insertMember(ctx, tx, m)
	})
	return owner, err
}

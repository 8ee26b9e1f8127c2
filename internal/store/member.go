package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const (
	selectMember = `SELECT ` + memberColumns + ` FROM members m
		JOIN customers c ON c.key = m.customer JOIN organizations o ON o.key = c.organization`

	memberColumns = `m.key, m.tail, c.key, c.tail, o.key, o.tail, m.email, m.name, m.external_id, m.role, m.generation,
		m.created_at, m.modified_at, m.pending`

	memberByKey        = selectMember + ` WHERE m.key = $1 AND m.deleted_at IS NULL AND c.deleted_at IS NULL`
	memberByExternalID = selectMember + ` WHERE m.customer = $1 AND m.external_id = $2 AND m.deleted_at IS NULL AND c.deleted_at IS NULL`
	ownerByCustomer    = selectMember + ` WHERE m.customer = $1 AND m.role = 'owner' AND m.deleted_at IS NULL AND c.deleted_at IS NULL
		ORDER BY m.created_at, m.key LIMIT 1`
)

// memberRow is the scan destination for a row of memberColumns.
type memberRow struct {
	directory.Member
	own, customer, org uuid
	created            int64
	modified           sql.NullInt64
}

func (m *memberRow) dest() []any {
	return []any{&m.own.key, &m.own.tail, &m.customer.key, &m.customer.tail, &m.org.key, &m.org.tail, &m.Email, &m.Name, &m.ExternalID,
		&m.Role, &m.Generation, &m.created, &m.modified, &m.Pending}
}

func (m *memberRow) member() directory.Member {
	m.ID, m.Customer, m.Organization = m.own.id(), m.customer.id(), m.org.id()
	m.CreatedAt, m.ModifiedAt = instant(m.created), instantOrNil(m.modified)
	return m.Member
}

func scanMember(r row) (directory.Member, error) {
	var m memberRow
	err := r.Scan(m.dest()...)
	return m.member(), err
}

func insertMember(ctx context.Context, tx *Tx, m directory.Member) error {
	return tx.Exec(ctx, `INSERT INTO members (key, email, email_folded, name, external_id, role, generation, modified_at, deleted_at,
		pending, tail, organization, customer, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		append(memberArgs(m), m.ID.Tail(), m.Organization.Key(), m.Customer.Key(), micros(m.CreatedAt))...)
}

func updateMember(ctx context.Context, tx *Tx, m directory.Member) error {
	return tx.Exec(ctx, `UPDATE members SET email = $2, email_folded = $3, name = $4, external_id = $5, role = $6, generation = $7,
		modified_at = $8, deleted_at = $9, pending = $10 WHERE key = $1`, memberArgs(m)...)
}

// memberArgs returns the key and the values of all columns that an update can change.
func memberArgs(m directory.Member) []any {
	return []any{
		m.ID.Key(), m.Email, folded(m.Email), m.Name, m.ExternalID, string(m.Role), int64(m.Generation),
		microsOrNull(m.ModifiedAt), microsOrNull(m.DeletedAt), m.Pending,
	}
}

// Member implements directory.Store.
func (s *Store) Member(ctx context.Context, key token.Key) (directory.Member, bool, error) {
	return find(s.queryRow(ctx, memberByKey, key), scanMember)
}

// MemberByExternalID implements directory.Store.
func (s *Store) MemberByExternalID(ctx context.Context, customer token.Key, externalID string) (directory.Member, bool, error) {
	return find(s.queryRow(ctx, memberByExternalID, customer, externalID), scanMember)
}

// Owner implements directory.Store.
func (s *Store) Owner(ctx context.Context, customer token.Key) (directory.Member, bool, error) {
	return find(s.queryRow(ctx, ownerByCustomer, customer), scanMember)
}

// Members implements directory.Store.
func (s *Store) Members(ctx context.Context, q directory.MemberQuery) ([]directory.Member, int, error) {
	var w where
	w.add(`m.organization = `, q.Organization)
	w.add(`m.deleted_at IS NULL`)
	if q.Customer != 0 {
		w.add(`m.customer = `, q.Customer)
	}
	if q.Role != "" {
		w.add(`m.role = `, string(q.Role))
	}
	return list(ctx, s, q.Organization, scanMember, selectMember, w, `members m`, `m`, q.Sort, q.Page)
}

// HoldersByEmail implements directory.Store. It queries customers without members first. A customer whose owner is inserted
// between the two queries therefore appears in at least one result.
func (s *Store) HoldersByEmail(ctx context.Context, org token.Key, email string) ([]directory.Holder, error) {
	of := *folded(&email)
	alone, err := all(scanCustomer)(s.query(ctx, selectCustomer+` WHERE c.organization = $1 AND c.email_folded = $2 AND c.deleted_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM members m WHERE m.customer = c.key AND m.deleted_at IS NULL)`, org, of))
	if err != nil {
		return nil, err
	}
	holders, err := all(scanHolder)(s.query(ctx, `SELECT `+customerColumns+`, `+memberColumns+` FROM members m
		JOIN customers c ON c.key = m.customer JOIN organizations o ON o.key = c.organization
		WHERE m.organization = $1 AND m.email_folded = $2 AND m.deleted_at IS NULL AND c.deleted_at IS NULL
		ORDER BY c.created_at, c.key, m.created_at, m.key`, org, of))
	for _, c := range alone {
		if !slices.ContainsFunc(holders, func(h directory.Holder) bool { return h.Customer.ID == c.ID }) {
			holders = append(holders, directory.Holder{Customer: c})
		}
	}
	return holders, err
}

func scanHolder(r row) (directory.Holder, error) {
	var c customerRow
	var m memberRow
	if err := r.Scan(append(c.dest(), m.dest()...)...); err != nil {
		return directory.Holder{}, err
	}
	customer, err := c.customer()
	member := m.member()
	return directory.Holder{Customer: customer, Member: &member}, err
}

package store

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const selectOrganization = `SELECT key, tail, slug, name, member_model, created_at FROM organizations`

func scanOrganization(r row) (o directory.Organization, err error) {
	var u uuid
	var created int64
	err = r.Scan(&u.key, &u.tail, &o.Slug, &o.Name, &o.MemberModel, &created)
	o.ID, o.CreatedAt = u.id(), instant(created)
	return o, err
}

// InsertOrganization is directory.Store's.
func (s *Store) InsertOrganization(ctx context.Context, o directory.Organization, t directory.AccessToken) (inserted bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		_, taken, err := find(tx.QueryRow(ctx, selectOrganization+` WHERE slug = $1`, o.Slug), scanOrganization)
		if err != nil || taken {
			return err
		}
		if err := tx.Exec(ctx, `INSERT INTO organizations (key, tail, slug, name, member_model, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			o.ID.Key(), o.ID.Tail(), o.Slug, o.Name, o.MemberModel, micros(o.CreatedAt)); err != nil {
			return err
		}
		inserted = true
		return insertAccessToken(ctx, tx, t)
	})
	return inserted && err == nil, err
}

// Organization is directory.Store's.
func (s *Store) Organization(ctx context.Context, key token.Key) (directory.Organization, bool, error) {
	return find(s.organization.QueryRowContext(ctx, key), scanOrganization)
}

// OrganizationBySlug is directory.Store's.
func (s *Store) OrganizationBySlug(ctx context.Context, slug string) (directory.Organization, bool, error) {
	return find(s.organizationBySlug.QueryRowContext(ctx, slug), scanOrganization)
}

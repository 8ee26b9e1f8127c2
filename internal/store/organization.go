package store

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const (
	selectOrganization = `SELECT key, tail, slug, name, member_model, email_change, created_at FROM organizations`
	organizationByKey  = selectOrganization + ` WHERE key = $1`
	organizationBySlug = selectOrganization + ` WHERE slug = $1`
)

func scanOrganization(r row) (o directory.Organization, err error) {
	var u uuid
	var created int64
	err = r.Scan(&u.key, &u.tail, &o.Slug, &o.Name, &o.MemberModel, &o.EmailChange, &created)
	o.ID, o.CreatedAt = u.id(), instant(created)
	return o, err
}

// InsertOrganization is directory.Store's.
func (s *Store) InsertOrganization(ctx context.Context, o directory.Organization, t directory.AccessToken) (inserted bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		_, taken, err := find(tx.QueryRow(ctx, organizationBySlug, o.Slug), scanOrganization)
		if inserted = !taken; err != nil || taken {
			return err
		}
		if err := tx.Exec(ctx, `INSERT INTO organizations (key, tail, slug, name, member_model, email_change, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			o.ID.Key(), o.ID.Tail(), o.Slug, o.Name, o.MemberModel, o.EmailChange, micros(o.CreatedAt)); err != nil {
			return err
		}
		return insertAccessToken(ctx, tx, t)
	})
	return inserted && err == nil, err
}

// Organization is directory.Store's.
func (s *Store) Organization(ctx context.Context, key token.Key) (directory.Organization, bool, error) {
	return find(s.queryRow(ctx, organizationByKey, key), scanOrganization)
}

// OrganizationBySlug is directory.Store's.
func (s *Store) OrganizationBySlug(ctx context.Context, slug string) (directory.Organization, bool, error) {
	return find(s.queryRow(ctx, organizationBySlug, slug), scanOrganization)
}

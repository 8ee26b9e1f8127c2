package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

const (
	selectOrganization = `SELECT key, tail, slug, name, member_model, email_change, policy, portal, generation, pending_generation, created_at, blocked_at,
		EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.organization = organizations.key AND e.enabled) FROM organizations`
	organizationByKey  = selectOrganization + ` WHERE key = $1`
	organizationBySlug = selectOrganization + ` WHERE slug = $1`
)

func scanOrganization(r row) (o directory.Organization, err error) {
	var u uuid
	var policy, portal string
	var created int64
	var blocked sql.NullInt64
	if err := r.Scan(&u.key, &u.tail, &o.Slug, &o.Name, &o.MemberModel, &o.EmailChange, &policy, &portal, &o.Generation, &o.PendingGeneration, &created, &blocked, &o.Webhooks); err != nil {
		return o, err
	}
	o.ID, o.CreatedAt, o.BlockedAt = u.id(), instant(created), instantOrNil(blocked)
	return o, errors.Join(json.Unmarshal([]byte(policy), &o.Policy), json.Unmarshal([]byte(portal), &o.Portal))
}

// InsertOrganization implements directory.Store.
func (s *Store) InsertOrganization(ctx context.Context, o directory.Organization, t directory.AccessToken) (inserted bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		_, taken, err := find(tx.QueryRow(ctx, organizationBySlug, o.Slug), scanOrganization)
		if inserted = !taken; err != nil || taken {
			return err
		}
		if err := tx.Exec(ctx, `INSERT INTO organizations (key, tail, slug, name, member_model, email_change, policy, portal, generation, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, '{}', '{}', 0, $7)`,
			o.ID.Key(), o.ID.Tail(), o.Slug, o.Name, o.MemberModel, o.EmailChange, micros(o.CreatedAt)); err != nil {
			return err
		}
		if err := insertAccessToken(ctx, tx, t); err != nil {
			return err
		}
		created := audit.Event{Action: audit.OrganizationCreated, Organization: o.ID.Key(), Target: audit.Target{Kind: audit.OnOrganization, ID: o.ID}}
		return s.audit(ctx, tx, created, accessTokenEvent(audit.AccessTokenCreated, t, audit.Details{Scopes: scopeNames(t.Scopes)}))
	})
	return inserted && err == nil, err
}

// Organization implements directory.Store.
func (s *Store) Organization(ctx context.Context, key token.Key) (directory.Organization, bool, error) {
	return find(s.queryRow(ctx, organizationByKey, key), scanOrganization)
}

// OrganizationBySlug implements directory.Store.
func (s *Store) OrganizationBySlug(ctx context.Context, slug string) (directory.Organization, bool, error) {
	return find(s.queryRow(ctx, organizationBySlug, slug), scanOrganization)
}

// ChangeOrganization implements directory.Store.
func (s *Store) ChangeOrganization(ctx context.Context, key token.Key, change func(o *directory.Organization) *directory.SessionEnd) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		var o directory.Organization
		if o, found, err = find(tx.QueryRow(ctx, organizationByKey+s.dialect().forUpdate, key), scanOrganization); err != nil || !found {
			return err
		}
		was := o
		was.Portal.ReturnHosts, was.Portal.ApplicationHosts = slices.Clone(o.Portal.ReturnHosts), slices.Clone(o.Portal.ApplicationHosts)
		ended := change(&o)
		policy, err := json.Marshal(o.Policy)
		if err != nil {
			return err
		}
		portal, err := json.Marshal(o.Portal)
		if err != nil {
			return err
		}
		if err := tx.Exec(ctx, `UPDATE organizations SET name = $2, policy = $3, portal = $4, generation = $5, blocked_at = $6, pending_generation = $7 WHERE key = $1`,
			key, o.Name, string(policy), string(portal), int64(o.Generation), microsOrNull(o.BlockedAt), int64(o.PendingGeneration)); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, organizationEvents(was, o, ended)...); err != nil {
			return err
		}
		if ended == nil {
			if was.BlockedAt == nil && o.BlockedAt != nil {
				return s.noteAccess(ctx, tx, key, *o.BlockedAt)
			}
			return nil
		}
		return s.revoke(ctx, tx, session.Revocation{Organization: key, Generation: o.Generation, Reason: ended.Reason, At: ended.At})
	})
	return found, err
}

package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

const (
	selectEndpoint = `SELECT e.key, e.tail, o.key, o.tail, e.url, e.name, e.events, e.secret, e.old_secret, e.old_until, e.enabled,
		e.failing_at, e.created_at, e.modified_at FROM webhook_endpoints e JOIN organizations o ON o.key = e.organization`
	endpointByKey = selectEndpoint + ` WHERE e.key = $1`
)

func scanEndpoint(r row) (e webhook.Endpoint, err error) {
	var own, org uuid
	var events, secret, old string
	var until, created int64
	var failing, modified sql.NullInt64
	err = r.Scan(&own.key, &own.tail, &org.key, &org.tail, &e.URL, &e.Name, &events, &secret, &old, &until, &e.Enabled, &failing, &created, &modified)
	e.ID, e.Organization = own.id(), org.id()
	for kind := range strings.FieldsSeq(events) {
		e.Kinds = append(e.Kinds, webhook.Kind(kind))
	}
	e.Secret, e.OldSecret, e.OldUntil = webhook.StoredSecret(secret), webhook.StoredSecret(old), instant(until)
	e.FailingAt, e.CreatedAt, e.ModifiedAt = instantOrNil(failing), instant(created), instantOrNil(modified)
	return e, err
}

// endpointArgs returns the key and the values of all columns that an update can change.
func endpointArgs(e webhook.Endpoint) []any {
	kinds := make([]string, len(e.Kinds))
	for i, kind := range e.Kinds {
		kinds[i] = string(kind)
	}
	var until int64
	if e.OldSecret.Reveal() != "" {
		until = micros(e.OldUntil)
	}
	return []any{
		e.ID.Key(), e.URL, e.Name, strings.Join(kinds, " "), e.Secret.Reveal(), e.OldSecret.Reveal(), until, e.Enabled, microsOrNull(e.FailingAt),
		microsOrNull(e.ModifiedAt),
	}
}

// InsertEndpoint implements webhook.Store.
func (s *Store) InsertEndpoint(ctx context.Context, e webhook.Endpoint, limit int, claim *idempotency.Claim) (inserted bool, err error) {
	err = s.writeOnce(ctx, claim, func(tx *Tx) error {
		if err := s.lockRow(ctx, tx, "organizations", e.Organization.Key()); err != nil { // so that concurrent inserts cannot exceed the limit
			return err
		}
		var n int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM webhook_endpoints WHERE organization = $1`, e.Organization.Key()).Scan(&n)
		if err != nil {
			return err
		}
		if inserted = limit == 0 || n < limit; !inserted {
			return errNothingMade
		}
		if err := tx.Exec(ctx, `INSERT INTO webhook_endpoints (key, url, name, events, secret, old_secret, old_until, enabled, failing_at,
			modified_at, tail, organization, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			append(endpointArgs(e), e.ID.Tail(), e.Organization.Key(), micros(e.CreatedAt))...); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, endpointEvent(audit.EndpointCreated, e, audit.Details{})); err != nil {
			return err
		}
		return nil
	})
	if err != nil || !inserted {
		return false, orNil(err)
	}
	return true, s.watchLiveSessions(ctx, e.Organization.Key(), e.CreatedAt)
}

// Endpoint implements webhook.Store.
func (s *Store) Endpoint(ctx context.Context, key token.Key) (webhook.Endpoint, bool, error) {
	return find(s.queryRow(ctx, endpointByKey, key), scanEndpoint)
}

// Endpoints implements webhook.Store.
func (s *Store) Endpoints(ctx context.Context, org token.Key, page webhook.Page) ([]webhook.Endpoint, int, error) {
	var total int
	if err := s.queryRow(ctx, `SELECT count(*) FROM webhook_endpoints WHERE organization = $1`, org).Scan(&total); err != nil {
		return nil, 0, err
	}
	skip := (page.Number - 1) * page.Limit
	if page.After != 0 {
		skip = 0
	}
	list, err := all(scanEndpoint)(s.query(ctx, selectEndpoint+` WHERE e.organization = $1 AND e.key > $2 ORDER BY e.key LIMIT $3 OFFSET $4`,
		org, page.After, page.Limit, skip))
	return list, total, err
}

// ChangeEndpoint implements webhook.Store.
func (s *Store) ChangeEndpoint(ctx context.Context, key token.Key, now time.Time, change func(e *webhook.Endpoint) error) (found bool, err error) {
	var enabled token.Key // the organization of the endpoint, if the change enables it
	err = s.Write(ctx, func(tx *Tx) error {
		enabled = 0
		if err := s.lockRow(ctx, tx, "webhook_endpoints", key); err != nil {
			return err
		}
		var e webhook.Endpoint
		if e, found, err = find(tx.QueryRow(ctx, endpointByKey, key), scanEndpoint); err != nil || !found {
			return err
		}
		was := e
		was.Kinds = slices.Clone(e.Kinds)
		if err := change(&e); err != nil {
			return err
		}
		if err := tx.Exec(ctx, `UPDATE webhook_endpoints SET url = $2, name = $3, events = $4, secret = $5, old_secret = $6, old_until = $7,
			enabled = $8, failing_at = $9, modified_at = $10 WHERE key = $1`, endpointArgs(e)...); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, endpointEvents(was, e)...); err != nil || was.Enabled || !e.Enabled {
			return err
		}
		tx.After(s.notifyEvent)
		enabled = e.Organization.Key()
		return nil
	})
	if err != nil || enabled == 0 {
		return found, err
	}
	return found, s.watchLiveSessions(ctx, enabled, now)
}

// DeleteEndpoint implements webhook.Store. It deletes the deliveries after the endpoint, in chunks, so that other writes do not wait
// for many of them. Deliveries that remain because the process ends belong to no endpoint, and a sweep deletes them.
func (s *Store) DeleteEndpoint(ctx context.Context, org token.Key, id token.ID) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n, err := tx.Affect(ctx, `DELETE FROM webhook_endpoints WHERE key = $1 AND tail = $2 AND organization = $3`, id.Key(), id.Tail(), org)
		if found = n == 1; err != nil || !found {
			return err
		}
		deleted := audit.Event{Action: audit.EndpointDeleted, Organization: org, Target: audit.Target{Kind: audit.OnEndpoint, ID: id}}
		return s.audit(ctx, tx, deleted)
	})
	for n := int64(1); n > 0 && found && err == nil; {
		n, err = s.affect(context.WithoutCancel(ctx), `DELETE FROM webhook_deliveries
			WHERE seq IN (SELECT seq FROM webhook_deliveries WHERE endpoint = $1 LIMIT $2)`, id.Key(), sweepChunk)
	}
	return found, err
}

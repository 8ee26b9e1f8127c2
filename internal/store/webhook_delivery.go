package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

const (
	dueEndpoints = `SELECT e.key, e.organization FROM webhook_endpoints e WHERE e.enabled AND e.key > $2
		AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint = e.key AND d.state = 'pending' AND d.next_at <= $1) ORDER BY e.key LIMIT $3`

	dueDeliveries = `SELECT d.seq, v.key, v.tail, v.body, d.attempts, d.first_at
		FROM webhook_deliveries d JOIN webhook_events v ON v.key = d.event
		WHERE d.endpoint = $1 AND d.state = 'pending' AND d.next_at <= $2 AND NOT EXISTS (
			SELECT 1 FROM webhook_deliveries p
			WHERE p.endpoint = d.endpoint AND p.subject = d.subject AND p.state = 'pending' AND p.seq < d.seq)
		ORDER BY d.next_at, d.seq LIMIT $3`

	fromDeliveries = ` FROM webhook_deliveries d JOIN webhook_endpoints e ON e.key = d.endpoint JOIN webhook_events v ON v.key = d.event`
	selectDelivery = `SELECT d.seq, d.tail, e.key, e.tail, d.state, d.attempts, d.next_at, d.http_code, d.error, d.created_at, d.modified_at,
		v.key, v.tail, v.organization, v.type, v.body, v.at` + fromDeliveries
)

// Deliveries implements webhook.Store.
func (s *Store) Deliveries(ctx context.Context, q webhook.DeliveryQuery) (list []webhook.Delivery, total int, err error) {
	err = s.scan(ctx, q.Organization, func(lists querier) error {
		list, total, err = s.deliveries(ctx, lists, q)
		return err
	})
	return list, total, err
}

func (s *Store) deliveries(ctx context.Context, lists querier, q webhook.DeliveryQuery) ([]webhook.Delivery, int, error) {
	var w where
	w.add(`e.organization = `, q.Organization)
	if q.Endpoint != nil {
		w.addID(`d.endpoint`, `webhook_endpoints`, *q.Endpoint)
	}
	if q.State != "" {
		w.add(`d.state = `, string(q.State))
	}
	count := `SELECT count(*)` + fromDeliveries + w.String()
	total, _, err := s.count(ctx, lists, countKey(count, w.args), count, w.args)
	if err != nil {
		return nil, 0, err
	}
	skip := (q.Page.Number - 1) * q.Page.Limit
	if q.Page.After != 0 {
		w.add(`d.seq < `, q.Page.After)
		skip = 0
	}
	list, err := all(scanDelivery)(lists.query(ctx, selectDelivery+w.String()+` ORDER BY d.seq DESC LIMIT `+w.arg(q.Page.Limit)+
		` OFFSET `+w.arg(skip), w.args...))
	if q.Page.After == 0 {
		total = corrected(total, skip, len(list), q.Page.Limit)
	}
	return list, total, err
}

func scanDelivery(r row) (d webhook.Delivery, err error) {
	var own, endpoint, event uuid
	var next, created, at int64
	var modified sql.NullInt64
	var state, kind, body string
	err = r.Scan(&own.key, &own.tail, &endpoint.key, &endpoint.tail, &state, &d.Attempts, &next, &d.HTTPCode, &d.Error, &created, &modified,
		&event.key, &event.tail, &d.Event.Organization, &kind, &body, &at)
	d.ID, d.Endpoint, d.Event.ID = own.id(), endpoint.id(), event.id()
	d.State, d.Event.Kind, d.Event.Body, d.Event.At = webhook.State(state), webhook.Kind(kind), []byte(body), instant(at)
	d.NextAt, d.CreatedAt, d.ModifiedAt = instant(next), instant(created), instantOrNil(modified)
	return d, err
}

// Redeliver implements webhook.Store.
func (s *Store) Redeliver(ctx context.Context, org token.Key, event token.ID, at time.Time) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n, err := tx.Affect(ctx, `UPDATE webhook_deliveries SET state = 'pending', attempts = 0, first_at = $4, next_at = $4, error = ''
			WHERE event IN (SELECT key FROM webhook_events WHERE key = $1 AND tail = $2 AND organization = $3)`,
			event.Key(), event.Tail(), org, micros(at))
		if found = n > 0; err != nil || !found {
			return err
		}
		tx.After(s.notifyEvent)
		return s.audit(ctx, tx, audit.Event{Action: audit.EventRedelivered, Organization: org, Target: audit.Target{Kind: audit.OnEvent, ID: event}})
	})
	return found, err
}

// DueEndpoints implements webhook.Store.
func (s *Store) DueEndpoints(ctx context.Context, now time.Time, after token.Key, limit int) ([]webhook.DueEndpoint, error) {
	return all(func(r row) (e webhook.DueEndpoint, err error) {
		err = r.Scan(&e.Key, &e.Organization)
		return e, err
	})(s.query(ctx, dueEndpoints, micros(now), after, limit))
}

// DueDeliveries implements webhook.Store.
func (s *Store) DueDeliveries(ctx context.Context, endpoint token.Key, now time.Time, limit int) ([]webhook.Dispatch, error) {
	return all(func(r row) (d webhook.Dispatch, err error) {
		var event uuid
		var body string
		var first int64
		err = r.Scan(&d.Seq, &event.key, &event.tail, &body, &d.Attempts, &first)
		d.Event, d.Body, d.FirstAt = event.id(), []byte(body), instant(first)
		return d, err
	})(s.query(ctx, dueDeliveries, endpoint, micros(now), limit))
}

// LockEndpoint implements webhook.Store.
func (s *Store) LockEndpoint(ctx context.Context, key token.Key) (release func(), locked bool, err error) {
	return s.lock(ctx, int64(key))
}

// SaveAttempts implements webhook.Store.
func (s *Store) SaveAttempts(ctx context.Context, endpoint token.Key, attempts []webhook.Attempt) error {
	return s.Write(ctx, func(tx *Tx) error {
		for _, a := range attempts {
			if err := s.saveAttempt(ctx, tx, endpoint, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) saveAttempt(ctx context.Context, tx *Tx, endpoint token.Key, a webhook.Attempt) error {
	if err := tx.Exec(ctx, `UPDATE webhook_deliveries SET state = $2, attempts = attempts + 1, next_at = $3, http_code = $4, error = $5, modified_at = $6
		WHERE seq = $1 AND state = 'pending'`, a.Seq, string(a.State), micros(a.NextAt), a.HTTPCode, a.Error, micros(a.At)); err != nil {
		return err
	}
	if a.State == webhook.Pending { // later deliveries with the same subject wait too
		if err := tx.Exec(ctx, `UPDATE webhook_deliveries SET next_at = $3 WHERE endpoint = $1 AND state = 'pending' AND seq > $2 AND next_at < $3
			AND subject = (SELECT subject FROM webhook_deliveries WHERE seq = $2)`, endpoint, a.Seq, micros(a.NextAt)); err != nil {
			return err
		}
	}
	switch {
	case a.Gone:
		return s.disableEndpoint(ctx, tx, endpoint, a.At)
	case a.State == webhook.Failed:
		return tx.Exec(ctx, `UPDATE webhook_endpoints SET failing_at = $2 WHERE key = $1 AND failing_at IS NULL`, endpoint, micros(a.At))
	case a.State == webhook.Succeeded:
		return tx.Exec(ctx, `UPDATE webhook_endpoints SET failing_at = NULL WHERE key = $1 AND failing_at IS NOT NULL`, endpoint)
	}
	return nil
}

// disableEndpoint disables an endpoint whose server answered that it is gone.
func (s *Store) disableEndpoint(ctx context.Context, tx *Tx, endpoint token.Key, at time.Time) error {
	e, found, err := find(tx.QueryRow(ctx, endpointByKey, endpoint), scanEndpoint)
	if err != nil || !found {
		return err
	}
	if err := tx.Exec(ctx, `UPDATE webhook_endpoints SET enabled = FALSE, modified_at = $2 WHERE key = $1`, endpoint, micros(at)); err != nil || !e.Enabled {
		return err
	}
	return s.audit(ctx, tx, endpointEvent(audit.EndpointUpdated, e, audit.Details{Changed: []string{"enabled"}}))
}

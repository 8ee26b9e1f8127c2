package store

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/token"
)

// SetClock sets the clock for the times of audit log entries. The default is time.Now. Call it once, before using the store.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// actorTable maps the kinds of actors that have an id to their tables.
var actorTable = map[audit.ActorKind]string{
	audit.AccessToken: "access_tokens", audit.Operator: "access_tokens", audit.Customer: "customers", audit.Member: "members",
}

// insertAudit returns the statement that inserts an entry. Subqueries find the tails of ids, because callers often
// know only the keys.
func insertAudit(kind audit.ActorKind) string {
	actorTail := `0`
	if table := actorTable[kind]; table != "" {
		actorTail = tailOf(table, `$8`)
	}
	return `INSERT INTO audit_log (key, tail, organization, created_at, action, outcome, actor_kind, actor, session, session_tail, actor_name, ip,
		agent, target_kind, target, target_tail, customer, member, details, organization_tail, actor_tail, customer_tail, member_tail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, ` +
		tailOf(`organizations`, `$3`) + `, ` + actorTail + `, ` + tailOf(`customers`, `$17`) + `, ` + tailOf(`members`, `$18`) + `)
		ON CONFLICT (key) DO NOTHING`
}

func tailOf(table, key string) string {
	return `coalesce((SELECT tail FROM ` + table + ` WHERE key = ` + key + `), 0)`
}

// auditStatements are the statements of insertAudit.
var auditStatements = func() map[audit.ActorKind]string {
	byKind := map[audit.ActorKind]string{}
	for _, kind := range audit.ActorKinds {
		byKind[kind] = insertAudit(kind)
	}
	return byKind
}()

// audit inserts entries in the transaction of the change that they describe. The actor is that of ctx.
func (s *Store) audit(ctx context.Context, tx *Tx, events ...audit.Event) error {
	for _, e := range events {
		actor := e.Actor
		if actor.Kind == "" {
			actor = audit.ActorFrom(ctx)
		}
		actor = actor.Bounded()
		if e.Outcome == "" {
			e.Outcome = audit.Succeeded
		}
		if err := insertEntry(ctx, tx, e, actor, s.now().UTC().Truncate(time.Microsecond)); err != nil {
			return err
		}
	}
	return nil
}

// maxEntryKeys bounds retries after a collision of keys, which needs two servers that create keys in the same millisecond.
const maxEntryKeys = 5

func insertEntry(ctx context.Context, tx *Tx, e audit.Event, actor audit.Actor, at time.Time) error {
	for range maxEntryKeys {
		id := token.NewID(at)
		inserted, err := tx.Affect(ctx, auditStatements[actor.Kind], id.Key(), id.Tail(), e.Organization, micros(at), string(e.Action), string(e.Outcome),
			string(actor.Kind), actor.Key, actor.Session.Key(), actor.Session.Tail(), actor.Name, actor.IP, actor.UserAgent,
			string(e.Target.Kind), e.Target.ID.Key(), e.Target.ID.Tail(), e.Customer, e.Member, e.Details.Text())
		if err != nil || inserted == 1 {
			return err
		}
	}
	return errors.New("insert an entry of the audit log: every generated key exists already")
}

// RecordAudit implements audit.Store.
func (s *Store) RecordAudit(ctx context.Context, e audit.Event) error {
	return s.Write(ctx, func(tx *Tx) error { return s.audit(ctx, tx, e) })
}

const selectAudit = `SELECT a.key, a.tail, coalesce(a.seq, 0), coalesce(a.hash, ''), a.organization, a.organization_tail, a.created_at, a.action,
	a.outcome, a.actor_kind, a.actor, a.actor_tail, a.session, a.session_tail, a.actor_name, a.ip, a.agent, a.target_kind, a.target, a.target_tail,
	a.customer, a.customer_tail, a.member, a.member_tail, a.details FROM audit_log a`

func scanAudit(r row) (e audit.Entry, err error) {
	var own, org, actor, session, target, customer, member uuid
	var created int64
	err = r.Scan(&own.key, &own.tail, &e.Seq, &e.Hash, &org.key, &org.tail, &created, &e.Action, &e.Outcome, &e.Actor.Kind, &actor.key, &actor.tail,
		&session.key, &session.tail, &e.Actor.Name, &e.Actor.IP, &e.Actor.UserAgent, &e.Target.Kind, &target.key, &target.tail,
		&customer.key, &customer.tail, &member.key, &member.tail, &e.Details)
	e.ID, e.CreatedAt, e.Actor.Key = own.id(), instant(created), actor.key
	e.Organization, e.ActorID, e.Actor.Session = idOf(org.key, org.tail), idOf(actor.key, actor.tail), idOf(session.key, session.tail)
	e.Target.ID, e.Customer, e.Member = idOf(target.key, target.tail), idOf(customer.key, customer.tail), idOf(member.key, member.tail)
	return e, err
}

// auditWhere returns the conditions of a query, without those of its page.
func auditWhere(q audit.Query) (w where) {
	w.add(`a.key >= 0`) // true for every entry
	if q.Organization != 0 {
		w.add(`a.organization = `, q.Organization)
	}
	w.addAudit(q)
	return w
}

// addAudit adds the conditions of a query, without those of its organization and its page.
func (w *where) addAudit(q audit.Query) {
	for _, c := range []struct {
		column string
		id     *token.ID
	}{{`a.actor`, q.Actor}, {`a.target`, q.Target}, {`a.customer`, q.Customer}} {
		if c.id != nil {
			w.add(c.column+` = `, c.id.Key())
			w.add(c.column+`_tail = `, c.id.Tail())
			w.add(c.column + ` <> 0`) // 0 means that the entry has no such id
		}
	}
	if q.Action != "" {
		w.add(`a.action = `, string(q.Action))
	}
	if q.Outcome != "" {
		w.add(`a.outcome = `, string(q.Outcome))
	}
	if !q.Since.IsZero() {
		w.add(`a.created_at >= `, micros(q.Since))
	}
	if !q.Until.IsZero() {
		w.add(`a.created_at < `, micros(q.Until))
	}
}

// AuditEntries implements audit.Store.
func (s *Store) AuditEntries(ctx context.Context, q audit.Query) ([]audit.Entry, error) {
	w := auditWhere(q)
	skip := (q.Page - 1) * q.Limit
	order, follows := ` ORDER BY a.key DESC`, `a.key < `
	if q.Ascending {
		order, follows = ` ORDER BY a.key`, `a.key > `
	}
	if q.After != 0 {
		w.add(follows, q.After)
		skip = 0
	}
	return all(scanAudit)(s.query(ctx, selectAudit+w.String()+order+` LIMIT `+w.arg(q.Limit)+` OFFSET `+w.arg(skip), w.args...))
}

// CountAuditEntries implements audit.Store.
func (s *Store) CountAuditEntries(ctx context.Context, q audit.Query) (n int, err error) {
	w := auditWhere(q)
	err = s.queryRow(ctx, `SELECT count(*) FROM audit_log a`+w.String(), w.args...).Scan(&n)
	return n, err
}

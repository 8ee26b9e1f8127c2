package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// When all sessions of a holder end at once, the rows of the sessions do not change. The time and the reason of the end are in
// the revocation log: in the first row that has a later generation than the session. endOfHolder finds this row. The row may
// already be deleted.
const (
	selectEntry = `SELECT ` + sessionColumnNames + `, s.creator, s.metadata, s.created_ip, s.created_agent, s.seen_ip, s.seen_agent,
		s.proven_at, s.modified_at, s.ended_at, s.end_reason, c.tail, coalesce(m.tail, 0), coalesce(t.tail, 0),
		o.generation > s.organization_generation, c.generation > s.customer_generation OR c.deleted_at IS NOT NULL,
		s.member <> 0 AND (m.key IS NULL OR m.generation > s.member_generation OR m.deleted_at IS NOT NULL)
		` + fromSessions + ` LEFT JOIN access_tokens t ON t.key = s.creator`
	entryByKey = selectEntry + ` WHERE s.key = $1`

	endOfHolder = `SELECT at, reason FROM revocations
		WHERE organization = $1 AND customer = $2 AND member = $3 AND session = 0 AND generation > $4 ORDER BY generation, seq LIMIT 1`
)

// holderEnds reports whether all sessions of the session's organization, customer or member were ended after the session was
// created.
type holderEnds struct{ organization, customer, member bool }

func (e holderEnds) any() bool { return e.organization || e.customer || e.member }

type entryRow struct {
	session.Entry
	ends holderEnds
}

func scanEntry(r row) (entryRow, error) {
	var record recordRow
	var e entryRow
	var metadata string
	var modified, ended sql.NullInt64
	var customer, member, creator, proven int64
	err := r.Scan(append(record.dest(), &e.Creator, &metadata, &e.CreatedBy.IP, &e.CreatedBy.UserAgent, &e.LastUsedBy.IP, &e.LastUsedBy.UserAgent,
		&proven, &modified, &ended, &e.EndReason, &customer, &member, &creator, &e.ends.organization, &e.ends.customer, &e.ends.member)...)
	if err != nil {
		return e, err
	}
	e.Record, e.ModifiedAt, e.EndedAt = record.record(), instantOrNil(modified), instantOrNil(ended)
	if proven != 0 {
		e.ProvenAt = instant(proven)
	}
	e.CustomerID, e.MemberID, e.CreatorID = idOf(e.Customer, customer), idOf(e.Member, member), idOf(e.Creator, creator)
	e.Metadata, err = metadataFrom(metadata)
	return e, err
}

// idOf returns the ID with the given key and tail. It returns the zero ID if key is 0.
func idOf(key token.Key, tail int64) token.ID {
	if key == 0 {
		return token.ID{}
	}
	return token.IDOf(key, tail)
}

// withHolderEnd adds the time and the reason of the end to an entry if all sessions of its holder were ended at once.
func withHolderEnd(ctx context.Context, q querier, e entryRow) (session.Entry, error) {
	if e.EndedAt != nil || !e.ends.any() {
		return e.Entry, nil
	}
	g := e.Generations
	ended := e.Entry
	for _, of := range []struct {
		ended            bool
		customer, member token.Key
		generation       uint32
	}{
		{e.ends.member, e.Customer, e.Member, g.Member}, {e.ends.customer, e.Customer, 0, g.Customer}, {e.ends.organization, 0, 0, g.Organization},
	} {
		if !of.ended {
			continue
		}
		first, found, err := find(q.queryRow(ctx, endOfHolder, e.Organization, of.customer, of.member, int64(of.generation)), scanHolderEnd)
		if err != nil {
			return ended, err
		}
		if found && (ended.EndedAt == nil || first.at.Before(*ended.EndedAt)) {
			ended.EndedAt, ended.EndReason = &first.at, first.reason
		}
	}
	if ended.EndedAt == nil {
		ended.EndedAt, ended.EndReason = &e.ExpiresAt, session.Ended
	}
	return ended, nil
}

// holderEnd is the time and the reason of the end of all sessions of a holder.
type holderEnd struct {
	at     time.Time
	reason session.Reason
}

func scanHolderEnd(r row) (e holderEnd, err error) {
	var at int64
	err = r.Scan(&at, &e.reason)
	e.at = instant(at)
	return e, err
}

// Entry implements session.Store.
func (s *Store) Entry(ctx context.Context, key token.Key) (session.Entry, bool, error) {
	return entry(ctx, s.engine, key)
}

func entry(ctx context.Context, q querier, key token.Key) (session.Entry, bool, error) {
	e, found, err := find(q.queryRow(ctx, entryByKey, key), scanEntry)
	if err != nil || !found {
		return e.Entry, false, err
	}
	full, err := withHolderEnd(ctx, q, e)
	return full, err == nil, err
}

// notEndedIn is [notEnded] for many sessions of an organization, without a join: it reads the row of a holder only if it is one of
// the few whose sessions were ended at once or that were deleted.
func notEndedIn(org string) string {
	const ended = `(x.generation > 0 OR x.deleted_at IS NOT NULL)`
	of := func(table, column string) string {
		return `NOT (s.` + column + ` IN (SELECT x.key FROM ` + table + ` x WHERE x.organization = ` + org + ` AND ` + ended + `)
			AND EXISTS (SELECT 1 FROM ` + table + ` x WHERE x.key = s.` + column + ` AND (x.deleted_at IS NOT NULL OR x.generation <> s.` + column + `_generation)))`
	}
	return `(s.ended_at IS NULL AND s.organization_generation = (SELECT generation FROM organizations WHERE key = ` + org + `)
		AND ` + of("customers", "customer") + ` AND ` + of("members", "member") + `)`
}

// CountLive implements session.Store. It first counts all sessions of the organization in an index.
func (s *Store) CountLive(ctx context.Context, org token.Key, now time.Time, limit int) (n int, err error) {
	err = s.queryRow(ctx, `SELECT count(*) FROM (SELECT key FROM sessions WHERE organization = $1 LIMIT $2) counted`, org, limit).Scan(&n)
	if err != nil || n < limit {
		return n, err
	}
	err = s.scan(ctx, org, func(lists querier) error {
		var w where
		w.add(`s.organization = `, org)
		inStateIf(&w, notEndedIn(w.arg(org)), session.Live, now, nil)
		return lists.queryRow(ctx, `SELECT count(*) FROM sessions s`+w.String(), w.args...).Scan(&n)
	})
	return n, err
}

// Entries implements session.Store. It reads the holders of the sessions on the page only.
func (s *Store) Entries(ctx context.Context, q session.Query) (list []session.Entry, total int, err error) {
	err = s.scan(ctx, q.Organization, func(lists querier) error {
		list, total, err = s.entries(ctx, lists, q)
		return err
	})
	return list, total, err
}

func (s *Store) entries(ctx context.Context, lists querier, q session.Query) ([]session.Entry, int, error) {
	var w where
	const from = ` FROM sessions s`
	if q.Customer != 0 { // the unary plus keeps SQLite from using the index on organization
		w.add(`s.customer = `, q.Customer)
		w.add(`+s.organization = `, q.Organization)
	} else {
		w.add(`s.organization = `, q.Organization)
	}
	if q.MemberID != nil {
		w.addID(`s.member`, `members`, *q.MemberID)
	}
	if q.Member != 0 || q.ExactMember {
		w.add(`s.member = `, q.Member)
	}
	key := countKey(string(q.State)+w.String(), w.args)
	if q.State != "" {
		inStateIf(&w, notEndedIn(w.arg(q.Organization)), q.State, q.Now, q.Active)
	}
	total, _, err := s.count(ctx, lists, key, `SELECT count(*)`+from+w.String(), w.args)
	if err != nil {
		return nil, 0, err
	}
	order, follows := ` ORDER BY s.key DESC`, `s.key < `
	if q.Oldest {
		order, follows = ` ORDER BY s.key`, `s.key > `
	}
	skip := (q.Page - 1) * q.Limit
	if q.After != 0 {
		w.add(follows, q.After)
		skip = 0
	}
	keys := `SELECT s.key` + from + w.String() + order + ` LIMIT ` + w.arg(q.Limit) + ` OFFSET ` + w.arg(skip)
	rows, err := all(scanEntry)(lists.query(ctx, selectEntry+` WHERE s.key IN (`+keys+`)`+order, w.args...))
	if err != nil {
		return nil, 0, err
	}
	if q.After == 0 {
		total = corrected(total, skip, len(rows), q.Limit)
	}
	list := make([]session.Entry, len(rows))
	for i, row := range rows {
		if list[i], err = withHolderEnd(ctx, lists, row); err != nil {
			return nil, 0, err
		}
	}
	return list, total, nil
}

const lastUse = `CASE WHEN s.seen_at > s.created_at THEN s.seen_at ELSE s.created_at END`

// inState adds a condition for sessions whose [session.Entry.State] is state. A live session whose token is hashed with a secret
// that is not active counts as ended. If active is nil, all secrets are active.
func inState(w *where, state session.State, now time.Time, active []token.SecretID) {
	inStateIf(w, notEnded, state, now, active)
}

// inStateIf is inState with the condition for sessions that have not ended.
func inStateIf(w *where, notEnded string, state session.State, now time.Time, active []token.SecretID) {
	if state == "" {
		return
	}
	at := w.arg(micros(now))
	inTime := `(s.expires_at > ` + at + ` AND (s.idle_timeout = 0 OR ` + lastUse + ` + s.idle_timeout > ` + at + `))`
	switch state {
	case session.Live:
		w.add(notEnded + ` AND ` + inTime + ` AND NOT ` + secretInactive(w, active))
	case session.Expired:
		w.add(notEnded + ` AND NOT ` + inTime)
	default:
		w.add(`(NOT (` + notEnded + `) OR ` + inTime + ` AND ` + secretInactive(w, active) + `)`)
	}
}

func secretInactive(w *where, active []token.SecretID) string {
	if len(active) == 0 {
		return `FALSE`
	}
	names := make([]string, len(active))
	for i, id := range active {
		names[i] = w.arg(int64(id))
	}
	return `(s.secret NOT IN (` + strings.Join(names, `, `) + `))`
}

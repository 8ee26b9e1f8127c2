package store

import (
	"context"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/audit"
)

const (
	hasUnchained   = `SELECT EXISTS (SELECT 1 FROM audit_log WHERE seq IS NULL)`
	auditChain     = `SELECT start_seq, start_hash, seq, hash FROM audit_chain`
	chainedAudit   = selectAudit + ` WHERE a.seq > $1 ORDER BY a.seq LIMIT $2`
	unchainedAudit = selectAudit + ` WHERE a.seq IS NULL ORDER BY a.key LIMIT $1`
)

// chain holds the first and last position of the chain.
type chain struct{ start, head audit.Link }

func scanChain(r row) (c chain, err error) {
	err = r.Scan(&c.start.Seq, &c.start.Hash, &c.head.Seq, &c.head.Hash)
	return c, err
}

// ChainAudit implements audit.Store. It finds entries by their missing number and not by their age, so it does not miss an entry
// of a transaction that took long to commit.
func (s *Store) ChainAudit(ctx context.Context, limit int) (n int, err error) {
	var waiting bool
	if err := s.queryRow(ctx, hasUnchained).Scan(&waiting); err != nil || !waiting {
		return 0, err
	}
	err = s.Write(ctx, func(tx *Tx) error {
		n = 0
		// The lock on the only row of audit_chain is held until the commit. A process that finds it taken has nothing to do.
		at, found, err := find(tx.QueryRow(ctx, auditChain+s.dialect().skipLocked), scanChain)
		if err != nil || !found {
			return err
		}
		entries, err := all(scanAudit)(tx.Query(ctx, unchainedAudit, limit))
		if err != nil || len(entries) == 0 {
			return err
		}
		head, err := setLinks(ctx, tx, at.head, entries)
		if err != nil {
			return err
		}
		n = len(entries)
		return tx.Exec(ctx, `UPDATE audit_chain SET seq = $1, hash = $2`, head.Seq, head.Hash)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// setLinks stores the positions of the entries that follow head, in one statement, and returns the position of the last.
func setLinks(ctx context.Context, tx *Tx, head audit.Link, entries []audit.Entry) (audit.Link, error) {
	var w where
	values := make([]string, len(entries))
	for i := range entries {
		link, err := entries[i].After(head)
		if err != nil {
			return head, err
		}
		values[i] = `(CAST(` + w.arg(entries[i].ID.Key()) + ` AS BIGINT), CAST(` + w.arg(link.Seq) + ` AS BIGINT), CAST(` + w.arg(link.Hash) + ` AS TEXT))`
		head = link
	}
	return head, tx.Exec(ctx, `WITH links (key, seq, hash) AS (VALUES `+strings.Join(values, `, `)+`)
		UPDATE audit_log SET seq = links.seq, hash = links.hash FROM links WHERE audit_log.key = links.key`, w.args...)
}

// AuditChain implements audit.Store.
func (s *Store) AuditChain(ctx context.Context) (start, head audit.Link, unchained int, err error) {
	c, err := scanChain(s.queryRow(ctx, auditChain))
	if err != nil {
		return start, head, 0, err
	}
	err = s.queryRow(ctx, `SELECT count(*) FROM audit_log WHERE seq IS NULL`).Scan(&unchained)
	return c.start, c.head, unchained, err
}

// ChainedAudit implements audit.Store.
func (s *Store) ChainedAudit(ctx context.Context, after int64, limit int) ([]audit.Entry, error) {
	return all(scanAudit)(s.query(ctx, chainedAudit, after, limit))
}

// TrimAudit implements audit.Store.
func (s *Store) TrimAudit(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n = 0
		at, found, err := find(tx.QueryRow(ctx, auditChain+s.dialect().skipLocked), scanChain)
		if err != nil || !found {
			return err
		}
		oldest, err := all(scanAudit)(tx.Query(ctx, chainedAudit, at.start.Seq, limit))
		if err != nil {
			return err
		}
		for n < len(oldest) && oldest[n].CreatedAt.Before(before) {
			n++
		}
		if n == 0 {
			return nil
		}
		last := oldest[n-1]
		if err := tx.Exec(ctx, `UPDATE audit_chain SET start_seq = $1, start_hash = $2`, last.Seq, last.Hash); err != nil {
			return err
		}
		return tx.Exec(ctx, `DELETE FROM audit_log WHERE seq <= $1`, last.Seq)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

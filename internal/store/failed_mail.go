package store

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

// InsertFailedMail implements directory.Store.
func (s *Store) InsertFailedMail(ctx context.Context, org token.Key, m directory.FailedMail, limit int) error {
	return s.Write(ctx, func(tx *Tx) error {
		err := tx.Exec(ctx, `INSERT INTO failed_mails (key, organization, at, kind, email, error, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (key) DO NOTHING`, m.Key, org, micros(m.At), m.Kind, m.Email, m.Error, m.Attempts)
		if err != nil {
			return err
		}
		return tx.Exec(ctx, `DELETE FROM failed_mails WHERE organization = $1 AND key <= (
			SELECT key FROM failed_mails WHERE organization = $1 ORDER BY key DESC LIMIT 1 OFFSET $2)`, org, limit)
	})
}

// FailedMails implements directory.Store.
func (s *Store) FailedMails(ctx context.Context, org token.Key, r keyset.Range) (p keyset.Page[directory.FailedMail], err error) {
	b := browsed{from: `failed_mails f`, key: `f.key`, descending: true, sources: []func(*where){func(w *where) { w.add(`f.organization = `, org) }}}
	err = s.scan(ctx, org, func(lists querier) error {
		p, err = browse(ctx, lists, b, r, func(w *where, tail string) ([]directory.FailedMail, error) {
			return all(scanFailedMail)(lists.query(ctx, `SELECT f.key, f.at, f.kind, f.email, f.error, f.attempts FROM failed_mails f`+tail, w.args...))
		})
		return err
	})
	return p, err
}

func scanFailedMail(r row) (m directory.FailedMail, err error) {
	var at int64
	err = r.Scan(&m.Key, &at, &m.Kind, &m.Email, &m.Error, &m.Attempts)
	m.At = instant(at)
	return m, err
}

// eraseFailedMails deletes the failed mails to a customer and its members.
func eraseFailedMails(ctx context.Context, tx *Tx, c directory.Customer) error {
	return tx.Exec(ctx, `DELETE FROM failed_mails WHERE organization = $1 AND (lower(email) = $3
		OR lower(email) IN (SELECT email_folded FROM members WHERE customer = $2 AND email_folded IS NOT NULL))`,
		c.Organization.Key(), c.ID.Key(), folded(c.Email))
}

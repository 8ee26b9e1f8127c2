package store

import (
	"context"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// activityRetention is how long counts of minutes and of hours are kept.
var activityRetention = map[time.Duration]time.Duration{time.Minute: 2 * time.Hour, time.Hour: 48 * time.Hour}

// AddActivity implements session.Store.
func (s *Store) AddActivity(ctx context.Context, counts []session.StoredCount) error {
	return s.Write(ctx, func(tx *Tx) error {
		for _, c := range counts {
			err := tx.Exec(ctx, `INSERT INTO activity AS a (organization, span, at, expires_at, created, logged_in, verified, ended, refused)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (organization, span, at) DO UPDATE SET created = a.created + excluded.created,
				logged_in = a.logged_in + excluded.logged_in, verified = a.verified + excluded.verified, ended = a.ended + excluded.ended,
				refused = a.refused + excluded.refused`,
				c.Organization, int64(c.Span/time.Minute), micros(c.At), micros(c.At.Add(activityRetention[c.Span])), c.Created, c.LoggedIn, c.Verified, c.Ended, c.Refused)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Activity implements session.Store.
func (s *Store) Activity(ctx context.Context, organizations []token.Key, since time.Time) ([]session.StoredCount, error) {
	var w where
	in := make([]string, len(organizations))
	for i, org := range organizations {
		in[i] = w.arg(org)
	}
	w.add(`organization IN (` + strings.Join(in, `, `) + `)`)
	w.add(`at >= `, micros(since))
	return all(scanActivity)(s.query(ctx, `SELECT organization, span, at, created, logged_in, verified, ended, refused FROM activity`+w.String(), w.args...))
}

func scanActivity(r row) (c session.StoredCount, err error) {
	var span, at int64
	err = r.Scan(&c.Organization, &span, &at, &c.Created, &c.LoggedIn, &c.Verified, &c.Ended, &c.Refused)
	c.Span, c.At = time.Duration(span)*time.Minute, instant(at)
	return c, err
}

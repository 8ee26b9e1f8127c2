package store

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
)

// accountRow returns the table and the key of the row that has signed_in_at of an account.
func accountRow(a login.Account) (table string, key token.Key) {
	if a.Member != 0 {
		return "members", a.Member
	}
	return "customers", a.Customer
}

// NoteSignIn implements login.Store.
func (s *Store) NoteSignIn(ctx context.Context, a login.Account, at time.Time) (first bool, err error) {
	table, key := accountRow(a)
	n, err := s.affect(ctx, `UPDATE `+table+` SET signed_in_at = $2 WHERE key = $1 AND signed_in_at IS NULL`, key, micros(at))
	return n == 1, err
}

// HasSignedIn implements login.Store.
func (s *Store) HasSignedIn(ctx context.Context, a login.Account) (bool, error) {
	table, key := accountRow(a)
	var n int
	err := s.queryRow(ctx, `SELECT count(*) FROM `+table+` WHERE key = $1 AND signed_in_at IS NOT NULL`, key).Scan(&n)
	return n == 1, err
}

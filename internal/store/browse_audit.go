package store

import (
	"context"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/keyset"
)

// BrowseAudit implements audit.Store.
func (s *Store) BrowseAudit(ctx context.Context, q audit.Query, r keyset.Range) (p keyset.Page[audit.Entry], err error) {
	org := q.Organization
	q.Organization = 0
	b := browsed{
		from: `audit_log a`, key: `a.key`, descending: !q.Ascending,
		sources: []func(w *where){func(w *where) { w.add(`a.organization = `, org) }},
		filter:  func(w *where) { w.addAudit(q) },
	}
	err = s.scan(ctx, org, func(lists querier) error {
		p, err = browse(ctx, lists, b, r, func(w *where, tail string) ([]audit.Entry, error) {
			return all(scanAudit)(lists.query(ctx, selectAudit+tail, w.args...))
		})
		return err
	})
	return p, err
}

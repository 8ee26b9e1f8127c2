package store

import (
	"context"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// browsedSessions returns the list of the sessions that a query selects.
func browsedSessions(q session.BrowseQuery) browsed {
	b := browsed{from: `sessions s`, key: `s.key`, descending: !q.Oldest, filter: func(w *where) {
		if q.IP != "" {
			ip := w.arg(q.IP)
			w.add(`(s.created_ip = ` + ip + ` OR s.seen_ip = ` + ip + `)`)
		}
		if q.State != "" {
			inStateIf(w, notEndedIn(w.arg(q.Organization)), q.State, q.Now, q.Active)
		}
	}}
	if q.Holders == nil {
		b.sources = append(b.sources, func(w *where) { w.add(`s.organization = `, q.Organization) })
	}
	for _, h := range q.Holders {
		b.sources = append(b.sources, func(w *where) {
			w.add(`s.customer = `, h.Customer)
			w.add(`+s.organization = `, q.Organization) // the unary plus keeps SQLite from using the index on organization
			if h.Member != 0 {
				w.add(`s.member = `, h.Member)
			}
		})
	}
	return b
}

// CountSessions implements session.Store.
func (s *Store) CountSessions(ctx context.Context, q session.BrowseQuery, after token.Key) (n int, last token.Key, err error) {
	b := browsedSessions(q)
	err = s.scan(ctx, q.Organization, func(lists querier) error {
		var w where
		if w, last, err = b.part(ctx, lists, b.sources[0], after, false); err != nil {
			return err
		}
		return lists.queryRow(ctx, `SELECT count(*) FROM `+b.from+w.String(), w.args...).Scan(&n)
	})
	return n, last, err
}

// BrowseSessions implements session.Store.
func (s *Store) BrowseSessions(ctx context.Context, q session.BrowseQuery) (p keyset.Page[session.Entry], err error) {
	b := browsedSessions(q)
	err = s.scan(ctx, q.Organization, func(lists querier) error {
		p, err = browse(ctx, lists, b, q.Range, func(w *where, tail string) ([]session.Entry, error) {
			rows, err := all(scanEntry)(lists.query(ctx, selectEntry+tail, w.args...))
			if err != nil {
				return nil, err
			}
			list := make([]session.Entry, len(rows))
			for i, row := range rows {
				if list[i], err = withHolderEnd(ctx, lists, row); err != nil {
					return nil, err
				}
			}
			return list, nil
		})
		return err
	})
	return p, err
}

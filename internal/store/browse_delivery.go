package store

import (
	"context"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/webhook"
)

// BrowseDeliveries implements webhook.Store. It reads the deliveries of each endpoint in their order, and merges them.
func (s *Store) BrowseDeliveries(ctx context.Context, q webhook.BrowseQuery) (p keyset.Page[webhook.Delivery], err error) {
	b := browsed{from: `webhook_deliveries d`, key: `d.seq`, descending: true, filter: func(w *where) {
		if q.State != "" {
			w.add(`d.state = `, string(q.State))
		}
		if q.Kind != "" {
			w.add(`(SELECT v.type FROM webhook_events v WHERE v.key = d.event) = `, string(q.Kind))
		}
	}}
	err = s.scan(ctx, q.Organization, func(lists querier) error {
		var w where
		w.add(`e.organization = `, q.Organization)
		if q.Endpoint != nil {
			w.add(`e.key = `, q.Endpoint.Key())
			w.add(`e.tail = `, q.Endpoint.Tail())
		}
		endpoints, err := all(scanKey)(lists.query(ctx, `SELECT e.key FROM webhook_endpoints e`+w.String()+` ORDER BY e.key`, w.args...))
		if err != nil {
			return err
		}
		for _, endpoint := range endpoints {
			b.sources = append(b.sources, func(w *where) { w.add(`d.endpoint = `, endpoint) })
		}
		p, err = browse(ctx, lists, b, q.Range, func(w *where, tail string) ([]webhook.Delivery, error) {
			return all(scanDelivery)(lists.query(ctx, selectDelivery+tail, w.args...))
		})
		return err
	})
	return p, err
}

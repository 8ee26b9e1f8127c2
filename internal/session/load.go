package session

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// loadTimeout is the timeout of a lookup in the store. A lookup serves several callers, so the deadline of one caller does not
// apply.
const loadTimeout = 5 * time.Second

type loaded struct {
	Record
	found bool
}

// load returns a session from the store and caches it. Concurrent calls for the same key share one lookup. The lookup continues
// if one of the callers gives up.
//
// The singleflight key includes the epoch and the round, so that no caller shares a lookup that began before a revocation it
// could miss.
func (s *Service) load(ctx context.Context, key token.Key) (Record, bool, error) {
	epoch := s.cache.epoch.Load()
	answer := s.flight.DoChan(fmt.Sprint(key, epoch, s.log.round()), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		r, found, err := s.store.Session(ctx, key)
		if err != nil {
			return nil, err
		}
		// If the session is revoked during the lookup, the follower of the revocation log still rejects the cached record.
		if found && r.live(s.now()) {
			s.cache.put(r, epoch)
		}
		return loaded{r, found}, nil
	})
	select {
	case <-ctx.Done():
		return Record{}, false, ctx.Err()
	case a := <-answer:
		if a.Err != nil {
			return Record{}, false, a.Err
		}
		l := a.Val.(loaded)
		return l.Record, l.found, nil
	}
}

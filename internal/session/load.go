package session

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// loadTimeout bounds a look-up that no caller's context bounds, because others wait for it too.
const loadTimeout = 5 * time.Second

type loaded struct {
	Record
	found bool
}

// load asks the store, once for all who ask for the same key at the same time, and remembers what it found.
// A caller who gives up leaves the others' look-up alone.
//
// Nobody joins a look-up that may have seen a session before it was revoked, unless the log will tell: none of an earlier
// epoch, of which the log is forgotten, and none of an earlier round, in case the log cannot be read.
func (s *Service) load(ctx context.Context, key token.Key) (Record, bool, error) {
	epoch := s.cache.epoch.Load()
	answer := s.flight.DoChan(fmt.Sprint(key, epoch, s.log.round()), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		r, found, err := s.store.Session(ctx, key)
		if err != nil {
			return nil, err
		}
		// What was revoked while the store was asked is refused by the log, now and when it is taken out of the cache.
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

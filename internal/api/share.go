package api

import (
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/slot"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

const (
	// maxWrites is how many requests of one organization and its customers change something at the same time, and maxAllWrites those
	// of all organizations. writeQueue is how many requests of an organization can wait, and writeWait for how long. Writes of one
	// organization delay those of others by about maxWrites transactions.
	maxWrites, maxAllWrites = 16, 256
	writeQueue              = 512
	writeWait               = 5 * time.Second
	// maxStreams is how many streams of revocations one organization can have, and maxAllStreams all organizations.
	maxStreams, maxAllStreams = 100, 5000
	// maxExports is how many exports one organization can read at the same time, and maxAllExports all organizations.
	maxExports, maxAllExports = 4, 256
)

// shares are the slots of organizations in this process.
type shares struct{ writes, streams, exports *slot.Pool }

func newShares(m *metrics.Metrics) shares {
	return shares{
		writes:  slot.New(slot.Options{Name: "writes", Total: maxAllWrites, Each: maxWrites, Queue: writeQueue, Wait: writeWait}, m),
		streams: slot.New(slot.Options{Name: "streams", Total: maxAllStreams, Each: maxStreams}, m),
		exports: slot.New(slot.Options{Name: "exports", Total: maxAllExports, Each: maxExports}, m),
	}
}

// share wraps a handler with a slot of the caller's organization. Callers without a credential need none.
func share(pool *slot.Pool, handle web.Handler) web.Handler {
	return func(x *web.Exchange, r *http.Request) error {
		s, known := x.Subject.(*subject)
		if !known || s == nil {
			return handle(x, r)
		}
		release, err := pool.Take(r.Context(), int64(s.organizationKey()))
		if err != nil {
			return err
		}
		defer release()
		return handle(x, r)
	}
}

// organizationKey returns the key of the caller's organization.
func (s *subject) organizationKey() token.Key {
	if s.kind == ofOrganization {
		return s.organization.ID.Key()
	}
	return s.session.Organization
}

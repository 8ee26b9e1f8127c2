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
	// maxRequests is how many requests of one organization and its customers run at the same time, and maxAllRequests those of all
	// organizations. requestQueue is how many requests of an organization can wait, and requestWait for how long.
	maxRequests, maxAllRequests = 64, 512
	requestQueue                = 256
	requestWait                 = 5 * time.Second
	// maxStreams is how many streams of revocations one organization can have, and maxAllStreams all organizations.
	maxStreams, maxAllStreams = 100, 5000
)

// shares are the slots of organizations in this process.
type shares struct{ requests, streams *slot.Pool }

func newShares(m *metrics.Metrics) shares {
	return shares{
		requests: slot.New(slot.Options{Name: "requests", Total: maxAllRequests, Each: maxRequests, Queue: requestQueue, Wait: requestWait}, m),
		streams:  slot.New(slot.Options{Name: "streams", Total: maxAllStreams, Each: maxStreams}, m),
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

package session

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

// MaxHolders is the maximum number of holders in a [BrowseQuery].
const MaxHolders = 20

// BrowseQuery selects a page of an organization's sessions by the session next to it. Fields with the names of those in [Query] have
// the same meaning.
type BrowseQuery struct {
	Organization token.Key
	// Holders selects the sessions of up to [MaxHolders] customers and members. Nil selects all sessions.
	Holders []HolderKey
	// IP, unless "", selects the sessions that were created or last used from this address.
	IP     string
	State  State
	Now    time.Time
	Active []token.SecretID
	Oldest bool
	Range  keyset.Range
}

// HolderKey selects the sessions of a customer and its members, or of one member if Member is not 0.
type HolderKey struct{ Customer, Member token.Key }

// Browse returns a page of sessions. It may have fewer rows than the limit although there is a next page.
func (s *Service) Browse(ctx context.Context, q BrowseQuery) (keyset.Page[Entry], error) {
	if q.State != "" || q.IP != "" { // both depend on the last use
		if err := s.Flush(ctx); err != nil {
			return keyset.Page[Entry]{}, err
		}
	}
	q.Now, q.Active = s.instant(), s.secrets.IDs()
	p, err := s.store.BrowseSessions(ctx, q)
	for i := range p.Rows {
		s.addUnstored(&p.Rows[i])
	}
	return p, err
}

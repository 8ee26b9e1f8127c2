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

// CountAll returns the number of an organization's sessions in a state. It reads all sessions, in parts between which other lists can
// run. Call it in the background, because it takes about a second for each million sessions.
func (s *Service) CountAll(ctx context.Context, org token.Key, state State) (total int, err error) {
	if err := s.Flush(ctx); err != nil {
		return 0, err
	}
	q := BrowseQuery{Organization: org, State: state, Now: s.instant(), Active: s.secrets.IDs()}
	for after := token.Key(0); ; {
		n, last, err := s.store.CountSessions(ctx, q, after)
		if total += n; err != nil || last == 0 {
			return total, err
		}
		after = last
	}
}

package audit

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

// DefaultRetention is how long entries are kept, and MinRetention the shortest retention that can be configured, so that a short
// retention cannot hide what happened recently.
const (
	DefaultRetention = 365 * 24 * time.Hour
	MinRetention     = 30 * 24 * time.Hour
)

const (
	// ChainInterval is how often committed entries are chained.
	ChainInterval = time.Second
	// chunk is the maximum number of entries that one transaction chains or deletes, and that one query reads.
	chunk = 500
)

// Query selects entries.
type Query struct {
	// Organization is a key. 0 selects the entries of all organizations and of the whole server.
	Organization token.Key
	// Actor, Target and Customer are ids. Nil selects all, and an id that does not occur selects nothing.
	Actor, Target, Customer *token.ID
	// Action and Outcome select all if they are "".
	Action  Action
	Outcome Outcome
	// Since and Until select the entries from Since, and before Until. The zero time is no limit.
	Since, Until time.Time
	// Ascending lists the oldest entries first.
	Ascending bool
	// Page counts from 1. Limit is the number of entries per page. After, unless 0, selects the entries that follow the entry
	// with that key, which may be deleted, instead of those of Page.
	Page, Limit int
	After       token.Key
}

// Store is what a [Service] needs of a store. The store also records an [Event] in the transaction of each change. Implementations
// must be safe for concurrent use.
type Store interface {
	// RecordAudit records an event that changes nothing else, such as a refused sign-in.
	RecordAudit(ctx context.Context, e Event) error
	// AuditEntries returns entries, ordered by their keys. The newest is the first, unless the query is ascending.
	AuditEntries(ctx context.Context, q Query) ([]Entry, error)
	// CountAuditEntries returns the number of entries on all pages of a query.
	CountAuditEntries(ctx context.Context, q Query) (int, error)
	// BrowseAudit returns a page of an organization's entries by the entry next to it. It ignores the page of the query.
	BrowseAudit(ctx context.Context, q Query, r keyset.Range) (keyset.Page[Entry], error)
	// ChainAudit appends up to limit committed entries to the chain, and returns their number. It returns 0 if another process
	// is chaining.
	ChainAudit(ctx context.Context, limit int) (int, error)
	// AuditChain returns the position before the first entry of the chain, the position of its last entry, and the number of
	// entries that are not chained.
	AuditChain(ctx context.Context) (start, head Link, unchained int, err error)
	// ChainedAudit returns up to limit entries of the chain whose Seq is higher than after, in ascending order.
	ChainedAudit(ctx context.Context, after int64, limit int) ([]Entry, error)
	// TrimAudit deletes up to limit entries at the start of the chain that are older than before, and returns their number. It
	// stops at the first entry that is not older. The hash of the last deleted entry becomes the start of the chain.
	TrimAudit(ctx context.Context, before time.Time, limit int) (int, error)
}

// Options configure a [Service].
type Options struct {
	// Retention is how long entries are kept. 0 keeps all entries.
	Retention time.Duration
}

// Service reads and maintains the audit log. It is safe for concurrent use.
type Service struct {
	store   Store
	now     func() time.Time
	options Options
}

// New returns a Service. now returns the current time.
func New(store Store, now func() time.Time, o Options) *Service {
	return &Service{store: store, now: now, options: o}
}

// List returns a page of entries, and the number of entries on all pages.
func (s *Service) List(ctx context.Context, q Query) ([]Entry, int, error) {
	total, err := s.store.CountAuditEntries(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	page, err := s.store.AuditEntries(ctx, q)
	return page, total, err
}

// Browse returns a page of an organization's entries by the entry next to it, and not by the page of the query. The page may have fewer
// entries than the limit although there is a next page.
func (s *Service) Browse(ctx context.Context, q Query, r keyset.Range) (keyset.Page[Entry], error) {
	return s.store.BrowseAudit(ctx, q, r)
}

// Export passes all entries of a query to write, the oldest first. It reads them in chunks and holds one chunk in memory. It
// stops at the first error, and returns it.
func (s *Service) Export(ctx context.Context, q Query, write func(e *Entry) error) error {
	q.Ascending, q.Page, q.Limit = true, 1, chunk
	for {
		page, err := s.store.AuditEntries(ctx, q)
		if err != nil {
			return err
		}
		for i := range page {
			if err := write(&page[i]); err != nil {
				return err
			}
		}
		if len(page) < chunk {
			return nil
		}
		q.After = page[len(page)-1].ID.Key()
	}
}

// Maintain chains committed entries every [ChainInterval] until ctx ends. If that fails, it passes the error to report and
// retries.
func (s *Service) Maintain(ctx context.Context, report func(error)) {
	tick := time.NewTicker(ChainInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.Chain(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
	}
}

// Chain chains all committed entries, unless another process is chaining.
func (s *Service) Chain(ctx context.Context) error {
	for {
		n, err := s.store.ChainAudit(ctx, chunk)
		if err != nil || n < chunk {
			return err
		}
	}
}

// Trim deletes the entries that are older than the retention, and returns their number. Only chained entries are deleted.
func (s *Service) Trim(ctx context.Context) (removed int, err error) {
	if s.options.Retention == 0 {
		return 0, nil
	}
	before := s.now().Add(-s.options.Retention)
	for {
		n, err := s.store.TrimAudit(ctx, before, chunk)
		if removed += n; err != nil || n < chunk {
			return removed, err
		}
	}
}

// Report is the result of [Service.Verify].
type Report struct {
	// Start is the position before the first entry. It is not zero if the retention deleted entries. Head is the position of the
	// last entry.
	Start, Head Link
	// Chained is the number of entries in the chain, and Unchained the number of entries that are not chained yet.
	Chained, Unchained int
}

// Verify computes the hashes of all entries. It returns a [*Break] if an entry of the chain was changed, removed, added or moved.
// If expected is not nil, the chain must also contain that position, which a report of an earlier run had as its head.
func (s *Service) Verify(ctx context.Context, expected *Link) (Report, error) {
	start, head, unchained, err := s.store.AuditChain(ctx)
	if err != nil {
		return Report{}, err
	}
	r := Report{Start: start, Head: start, Unchained: unchained}
	found := expected == nil || *expected == start
	for r.Head.Seq < head.Seq {
		page, err := s.store.ChainedAudit(ctx, r.Head.Seq, chunk)
		if err != nil {
			return r, err
		}
		if len(page) == 0 || page[0].Seq != r.Head.Seq+1 {
			if moved, err := s.restart(ctx, &r); err != nil || moved {
				if err != nil {
					return r, err
				}
				continue
			}
		}
		if err := r.follow(page, expected, &found); err != nil {
			return r, err
		}
	}
	switch {
	case r.Head.Seq == head.Seq && r.Head.Hash != head.Hash:
		return r, &Break{Seq: head.Seq, Cause: "the hash of the last entry is not the recorded one"}
	case !found && expected.Seq <= r.Start.Seq:
		return r, &Break{Seq: expected.Seq, Cause: "the retention has deleted the expected entry"}
	case !found:
		return r, &Break{Seq: expected.Seq, Cause: "the chain does not contain the expected hash"}
	}
	return r, nil
}

// restart continues at the start of the chain if the retention has deleted the next entry since Verify began.
func (s *Service) restart(ctx context.Context, r *Report) (moved bool, err error) {
	start, _, _, err := s.store.AuditChain(ctx)
	if err != nil || start.Seq <= r.Head.Seq {
		return false, err
	}
	r.Start, r.Head, r.Chained = start, start, 0
	return true, nil
}

// follow checks that the entries continue the chain.
func (r *Report) follow(page []Entry, expected *Link, found *bool) error {
	if len(page) == 0 {
		return &Break{Seq: r.Head.Seq + 1, Cause: "the entry is missing"}
	}
	for i := range page {
		e := &page[i]
		if e.Seq != r.Head.Seq+1 {
			return &Break{Seq: r.Head.Seq + 1, Cause: "the entry is missing"}
		}
		link, err := e.After(r.Head)
		if err != nil || link.Hash != e.Hash {
			return &Break{Seq: e.Seq, Entry: e.ID, Cause: "the content does not match the hash"}
		}
		*found = *found || link == *expected
		r.Head = link
		r.Chained++
	}
	return nil
}

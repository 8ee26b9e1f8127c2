package portalauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-go/postern/polar"
)

const (
	// lookupTimeout limits a lookup, including the client's retries.
	lookupTimeout = 30 * time.Second
	// staleRetryInterval is the minimum time between two lookups of a session that is accepted because of ServeStale.
	staleRetryInterval = time.Second
	// maxPending limits the number of lookups at the same time. A lookup goes on when its caller leaves, so that callers
	// alone do not limit it.
	maxPending = 1000
	// maxLookups limits how often a lookup is repeated because a revocation arrived during it.
	maxLookups = 3
)

var errTooManyLookups = fmt.Errorf("portalauth: %w: the server is slow, and %d other sessions are being looked up", ErrUnavailable, maxPending)

// lookup asks the server about a token, or waits for a pending lookup of the same token.
func (v *Verifier) lookup(ctx context.Context, token string, d digest) (*entry, error) {
	now := v.options.Now().UnixNano()
	s := v.sessions.shard(d)
	s.mu.Lock()
	old := s.entries[d]
	pending, kind := s.pending[d], EventSharedLookup
	if pending == nil { // a lookup may have finished after this caller found nothing in the caches
		if old != nil && v.isFresh(old, now, v.options.MaxStaleness) {
			s.mu.Unlock()
			v.report(Event{Kind: EventCacheHit})
			return old, nil
		}
		if v.cached(v.invalidTokens, d, now) != nil {
			s.mu.Unlock()
			v.report(Event{Kind: EventCachedInvalid})
			return nil, errInvalidToken
		}
	}
	if old != nil && now < old.retryAt && v.isFresh(old, now, v.options.MaxStaleness+v.options.ServeStale) {
		s.mu.Unlock()
		v.report(Event{Kind: EventStale, Err: ErrUnavailable})
		return old, nil
	}
	// The answer of an older lookup could be older than MaxStaleness.
	if pending == nil || now < pending.startedAt || now-pending.startedAt >= int64(v.options.MaxStaleness) {
		if v.pending.Add(1) > maxPending {
			v.pending.Add(-1)
			s.mu.Unlock()
			return v.result(&pendingLookup{err: errTooManyLookups}, d, Event{Err: errTooManyLookups})
		}
		pending, kind = &pendingLookup{startedAt: now, done: make(chan struct{})}, EventLookup
		s.pending[d] = pending
		// The lookup is not canceled with the first caller's context, because other callers may wait for it too.
		go v.runLookup(context.WithoutCancel(ctx), token, d, pending, old)
	}
	s.mu.Unlock()

	start := time.Now()
	select {
	case <-pending.done:
	case <-ctx.Done():
		err := fmt.Errorf("portalauth: %w: %w", ErrUnavailable, withoutTokens{context.Cause(ctx)})
		v.report(Event{Kind: EventUnavailable, Duration: time.Since(start), Err: err})
		return nil, err
	}
	return v.result(pending, d, Event{Kind: kind, Duration: time.Since(start), Err: pending.err})
}

// result returns the result of a finished lookup to one of the callers that waited for the lookup.
func (v *Verifier) result(pending *pendingLookup, d digest, event Event) (*entry, error) {
	switch {
	case pending.err == nil && !pending.entry.invalid:
		v.report(event)
		return pending.entry, nil
	case pending.err == nil:
		event.Kind = EventInvalid
		v.report(event)
		return nil, errInvalidToken
	}
	if old := v.staleEntry(d); old != nil {
		event.Kind = EventStale
		v.report(event)
		return old, nil
	}
	event.Kind = EventUnavailable
	v.report(event)
	return nil, pending.err
}

// staleEntry returns a cached entry that may be used because the server could not be asked, or nil if there is no such entry.
func (v *Verifier) staleEntry(d digest) *entry {
	now := v.options.Now().UnixNano()
	s := v.sessions.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.entries[d]
	if old == nil || !v.isFresh(old, now, v.options.MaxStaleness+v.options.ServeStale) {
		return nil
	}
	old.retryAt, old.usedAt = now+int64(staleRetryInterval), now
	return old
}

// runLookup asks the server, stores the answer in the cache and notifies the waiting callers.
func (v *Verifier) runLookup(ctx context.Context, token string, d digest, pending *pendingLookup, old *entry) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	s := v.sessions.shard(d)
	defer func() {
		if p := recover(); p != nil { // a panic in the client's transport or request editor
			pending.entry, pending.err = nil, fmt.Errorf("portalauth: %w: %w", ErrUnavailable, panicError(p))
		}
		s.mu.Lock()
		if s.pending[d] == pending {
			delete(s.pending, d)
		}
		s.mu.Unlock()
		v.pending.Add(-1)
		close(pending.done)
	}()
	for range maxLookups {
		now := v.options.Now().UnixNano()
		pending.entry = &entry{revision: v.revocations.count.Load(), fetchedAt: now, usedAt: now}
		if pending.err = v.fetchIdentity(ctx, token, pending.entry, old); pending.err != nil {
			return
		}
		switch v.revocations.check(pending.entry) {
		case outdated:
			continue
		case revoked:
			pending.entry = &entry{invalid: true, revision: pending.entry.revision, fetchedAt: now, usedAt: now}
			v.store(d, pending.entry)
		case valid:
			v.store(d, pending.entry)
		}
		return
	}
	pending.entry, pending.err = nil, fmt.Errorf("portalauth: %w: a revocation arrived during every lookup", ErrUnavailable)
}

// panicError returns the error for a panic in the client's transport or request editor.
func panicError(p any) error { return errors.New("panic: " + hideTokens(fmt.Sprint(p))) }

func (v *Verifier) store(d digest, e *entry) {
	c := v.sessions
	if e.invalid {
		v.sessions.remove(d)
		c = v.invalidTokens
	}
	s := c.shard(d)
	s.mu.Lock()
	s.put(d, e, c.shardSize)
	s.mu.Unlock()
}

// fetchIdentity asks the server for the holder of a session and completes the entry.
func (v *Verifier) fetchIdentity(ctx context.Context, token string, e, old *entry) error {
	e.subjects[0] = sessionSubject(token)
	identity, err := v.fetch(ctx, polar.SecurityFor(token))
	if errors.Is(err, polar.ErrUnauthorized) {
		e.invalid = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("portalauth: %w: %w", ErrUnavailable, err)
	}
	if old != nil && old.identity.CustomerID == identity.CustomerID {
		identity.OrganizationID = old.identity.OrganizationID
	}
	accepted, err := v.checkOrganization(ctx, &identity)
	if err != nil { // %v hides the cause from errors.Is, because the cause concerns the access token and not the session
		return fmt.Errorf("portalauth: %w: look up the organization: %v", ErrUnavailable, err)
	}
	difference := v.clock.difference()
	early, late := difference.localTime(identity.ExpiresAt)
	expired := !v.options.Now().Before(late) // although the server has just accepted the session
	if err := difference.err(); accepted && expired && err != nil {
		return fmt.Errorf("portalauth: %w: the server accepts a session that expired at %s: %w", ErrUnavailable, identity.ExpiresAt.Format(time.RFC3339), err)
	}
	e.invalid = !accepted || expired
	e.identity, e.expiresAt = identity, early.UnixNano()
	e.subjects[1], e.subjects[2] = subjectOf('m', string(identity.MemberID)), subjectOf('c', string(identity.CustomerID))
	return nil
}

// fetch asks the server for the holder of a session, and learns the time on the server's clock.
func (v *Verifier) fetch(ctx context.Context, security polar.SessionSecurity) (Identity, error) {
	var response polar.Response
	fetch := v.fetchFromPostern
	if v.isPolar {
		fetch = v.fetchFromPolar
	}
	sent := v.options.Now()
	identity, err := fetch(ctx, security, polar.WithResponseInto(&response))
	v.learnTime(response, sent)
	return identity, err
}

// learnTime learns the time on the server's clock from a response to a request that was sent at the given time.
func (v *Verifier) learnTime(response polar.Response, sent time.Time) {
	v.clock.observe(response.Header, sent, v.options.Now())
	if err := v.clock.difference().err(); err != nil {
		v.report(Event{Kind: EventClockDifference, Err: err})
	}
}

// fetchFromPostern needs a single request.
func (v *Verifier) fetchFromPostern(ctx context.Context, security polar.SessionSecurity, into polar.Option) (Identity, error) {
	a, err := v.client.CustomerPortal.ForwardAuth(ctx, security, polar.ForwardAuthParams{}, into)
	if errors.Is(err, polar.ErrNotFound) {
		err = v.withRouteHint(err)
	}
	if err != nil {
		return Identity{}, err
	}
	return Identity(*a), nil
}

// withRouteHint adds to an error why the server may lack the route that the verifier uses.
func (v *Verifier) withRouteHint(err error) error {
	if v.isPolar {
		return fmt.Errorf("%w; check polar.WithServerURL, and that proxies forward the route", err)
	}
	return fmt.Errorf("%w; set Options.Polar if the server is Polar under another host name, and check that proxies forward the route", err)
}

// fetchFromPolar sends two requests at the same time; into is for one of them. Every session on Polar has the scope
// customer_portal:write.
func (v *Verifier) fetchFromPolar(ctx context.Context, security polar.SessionSecurity, into polar.Option) (Identity, error) {
	var session *polar.CustomerCustomerSession
	var sessionErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				sessionErr = panicError(p)
			}
		}()
		session, sessionErr = v.client.CustomerPortal.CustomerSession.Introspect(ctx, security)
	}()
	user, err := v.client.CustomerPortal.CustomerSession.GetAuthenticatedUser(ctx, security, into)
	<-done
	if err = errors.Join(err, sessionErr); err != nil {
		return Identity{}, err
	}
	identity := Identity{
		Principal: polar.PrincipalCustomer, CustomerID: user.CustomerID, Email: user.Email, ExpiresAt: session.ExpiresAt,
		Scopes: []polar.Scope{polar.ScopeCustomerPortalWrite},
	}
	if user.MemberID != nil {
		identity.Principal, identity.MemberID = polar.PrincipalMember, *user.MemberID
	}
	if user.Role != nil {
		identity.Role = *user.Role
	}
	return identity, nil
}

var errNoOrganization = errors.New("the organization is not known; set polar.WithAccessToken, Options.OrganizationID or Options.AnyOrganization")

// checkOrganization reports whether the customer belongs to the accepted organization. It also sets the identity's
// organization.
func (v *Verifier) checkOrganization(ctx context.Context, identity *Identity) (bool, error) {
	if v.options.AnyOrganization {
		return true, nil
	}
	want := v.options.OrganizationID
	if known := v.organization.Load(); want == "" && known != nil {
		want = *known
	}
	if want != "" && identity.OrganizationID != "" {
		return identity.OrganizationID == want, nil
	}
	customer, err := v.client.Customers.Get(ctx, identity.CustomerID)
	switch {
	case errors.Is(err, polar.ErrNotFound):
		return false, nil
	case errors.Is(err, polar.ErrMissingSecurity):
		return false, errNoOrganization
	case err != nil:
		return false, err
	}
	identity.OrganizationID = customer.OrganizationID
	if want == "" {
		v.organization.CompareAndSwap(nil, &customer.OrganizationID)
	}
	return want == "" || customer.OrganizationID == want, nil
}

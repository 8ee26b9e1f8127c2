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
	// maxLookups is the maximum number of lookups of a session if a revocation arrives during each lookup.
	maxLookups = 3
)

// lookup asks the server about a token, or waits for a pending lookup of the same token.
func (v *Verifier) lookup(ctx context.Context, token string, d digest) (*entry, error) {
	now := v.options.Now().UnixNano()
	s := v.sessions.shard(d)
	s.mu.Lock()
	old := s.entries[d]
	if old != nil && now < old.retryAt && v.isFresh(old, now, v.options.MaxStaleness+v.options.ServeStale) {
		s.mu.Unlock()
		v.observe(Event{Kind: EventStale, Err: ErrUnavailable})
		return old, nil
	}
	pending, kind := s.pending[d], EventSharedLookup
	if pending == nil {
		pending, kind = &pendingLookup{done: make(chan struct{})}, EventLookup
		s.pending[d] = pending
		// The lookup is not canceled with the first caller's context, because other callers may wait for it too.
		go v.runLookup(context.WithoutCancel(ctx), token, d, pending, old)
	}
	s.mu.Unlock()

	start := time.Now()
	select {
	case <-pending.done:
	case <-ctx.Done():
		err := fmt.Errorf("portalauth: %w: %w", ErrUnavailable, context.Cause(ctx))
		v.observe(Event{Kind: EventUnavailable, Duration: time.Since(start), Err: err})
		return nil, err
	}
	return v.result(pending, d, Event{Kind: kind, Duration: time.Since(start), Err: pending.err})
}

// result returns the result of a finished lookup to one of the callers that waited for the lookup.
func (v *Verifier) result(pending *pendingLookup, d digest, event Event) (*entry, error) {
	switch {
	case pending.err == nil && !pending.entry.invalid:
		v.observe(event)
		return pending.entry, nil
	case pending.err == nil:
		event.Kind = EventInvalid
		v.observe(event)
		return nil, errInvalidToken
	}
	if old := v.staleEntry(d); old != nil {
		event.Kind = EventStale
		v.observe(event)
		return old, nil
	}
	event.Kind = EventUnavailable
	v.observe(event)
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
			pending.entry, pending.err = nil, fmt.Errorf("portalauth: %w: panic: %v", ErrUnavailable, p)
		}
		s.mu.Lock()
		delete(s.pending, d)
		s.mu.Unlock()
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
	fetch := v.fetchFromPostern
	if v.isPolar {
		fetch = v.fetchFromPolar
	}
	identity, err := fetch(ctx, polar.SecurityFor(token))
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
	e.invalid = !accepted || !v.options.Now().Before(identity.ExpiresAt)
	e.identity, e.expiresAt = identity, identity.ExpiresAt.UnixNano()
	e.subjects[1], e.subjects[2] = subjectOf('m', identity.MemberID), subjectOf('c', identity.CustomerID)
	return nil
}

// fetchFromPostern gets the holder and the scopes of a session with a single request.
func (v *Verifier) fetchFromPostern(ctx context.Context, security polar.SessionSecurity) (Identity, error) {
	a, err := v.client.CustomerPortal.ForwardAuth(ctx, security, polar.ForwardAuthParams{})
	if errors.Is(err, polar.ErrNotFound) {
		err = fmt.Errorf("%w; set Options.Polar if the server is Polar under another host name, and check that proxies forward the route", err)
	}
	if err != nil {
		return Identity{}, err
	}
	return Identity(*a), nil
}

// fetchFromPolar gets the holder of a session with two requests, which it sends at the same time. Every session on Polar has
// the scope customer_portal:write.
func (v *Verifier) fetchFromPolar(ctx context.Context, security polar.SessionSecurity) (Identity, error) {
	var session *polar.CustomerCustomerSession
	var sessionErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		session, sessionErr = v.client.CustomerPortal.CustomerSession.Introspect(ctx, security)
	}()
	user, err := v.client.CustomerPortal.CustomerSession.GetAuthenticatedUser(ctx, security)
	<-done
	if err = errors.Join(err, sessionErr); err != nil {
		return Identity{}, err
	}
	identity := Identity{
		CustomerID: user.CustomerID, Email: user.Email, ExpiresAt: session.ExpiresAt,
		Scopes: []polar.Scope{polar.ScopeCustomerPortalWrite},
	}
	if user.MemberID != nil {
		identity.MemberID = *user.MemberID
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
	customer, err := v.client.Customers.Get(ctx, polar.CustomerID(identity.CustomerID))
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

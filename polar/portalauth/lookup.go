package portalauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-go/postern/polar"
)

const (
	// askTimeout bounds a question with all its retries.
	lookupTimeout = 30 * time.Second
	// retryAfter is how long a session that is served stale is not asked about again.
	staleRetryInterval = time.Second
	// asks is how often a question is asked whose answer is overtaken while it is on its way.
	maxLookups = 3
)

// ask asks the server, or waits for somebody who does already.
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
	f, kind := s.pending[d], EventSharedLookup
	if f == nil {
		f, kind = &pendingLookup{done: make(chan struct{})}, EventLookup
		s.pending[d] = f
		// The question outlives whoever asks it first: others wait for its answer too.
		go v.runLookup(context.WithoutCancel(ctx), token, d, f, old)
	}
	s.mu.Unlock()

	start := time.Now()
	select {
	case <-f.done:
	case <-ctx.Done():
		err := fmt.Errorf("portalauth: %w: %w", ErrUnavailable, context.Cause(ctx))
		v.observe(Event{Kind: EventUnavailable, Duration: time.Since(start), Err: err})
		return nil, err
	}
	return v.result(f, d, Event{Kind: kind, Duration: time.Since(start), Err: f.err})
}

// landed is the answer of a question for one of those who have waited.
func (v *Verifier) result(f *pendingLookup, d digest, event Event) (*entry, error) {
	switch {
	case f.err == nil && !f.entry.invalid:
		v.observe(event)
		return f.entry, nil
	case f.err == nil:
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
	return nil, f.err
}

// stale is what is remembered and may be believed while the server cannot be asked; nil for nothing.
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

// fly asks the question, remembers the answer, and tells those who wait.
func (v *Verifier) runLookup(ctx context.Context, token string, d digest, f *pendingLookup, old *entry) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	s := v.sessions.shard(d)
	defer func() {
		if p := recover(); p != nil { // of a transport or an editor of the caller's
			f.entry, f.err = nil, fmt.Errorf("portalauth: %w: panic: %v", ErrUnavailable, p)
		}
		s.mu.Lock()
		delete(s.pending, d)
		s.mu.Unlock()
		close(f.done)
	}()
	for range maxLookups {
		now := v.options.Now().UnixNano()
		f.entry = &entry{revision: v.revocations.count.Load(), fetchedAt: now, usedAt: now}
		if f.err = v.fetch(ctx, token, f.entry, old); f.err != nil {
			return
		}
		switch v.revocations.check(f.entry) {
		case outdated:
			continue
		case revoked:
			f.entry = &entry{invalid: true, revision: f.entry.revision, fetchedAt: now, usedAt: now}
			v.store(d, f.entry)
		case valid:
			v.store(d, f.entry)
		}
		return
	}
	f.entry, f.err = nil, fmt.Errorf("portalauth: %w: sessions of the customer end all the time", ErrUnavailable)
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

// inquire asks the server who holds a session, and completes the entry.
func (v *Verifier) fetch(ctx context.Context, token string, e, old *entry) error {
	e.subjects[0] = sessionSubject(token)
	fetch := v.fetchFromPostern
	if v.isPolar {
		fetch = v.fetchFromPolar
	}
	who, err := fetch(ctx, polar.SecurityFor(token))
	if errors.Is(err, polar.ErrUnauthorized) {
		e.invalid = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("portalauth: %w: %w", ErrUnavailable, err)
	}
	if old != nil && old.identity.CustomerID == who.CustomerID {
		who.OrganizationID = old.identity.OrganizationID
	}
	ok, err := v.checkOrganization(ctx, &who)
	if err != nil { // it is about the access token, and must not be taken for one about the session
		return fmt.Errorf("portalauth: %w: whose customer it is: %v", ErrUnavailable, err)
	}
	e.invalid = !ok || !v.options.Now().Before(who.ExpiresAt)
	e.identity, e.expiresAt = who, who.ExpiresAt.UnixNano()
	e.subjects[1], e.subjects[2] = subjectOf('m', who.MemberID), subjectOf('c', who.CustomerID)
	return nil
}

// askPostern asks in one question.
func (v *Verifier) fetchFromPostern(ctx context.Context, security polar.SessionSecurity) (Identity, error) {
	a, err := v.client.CustomerPortal.ForwardAuth(ctx, security, polar.ForwardAuthParams{})
	if errors.Is(err, polar.ErrNotFound) {
		err = fmt.Errorf("%w; if it is Polar under another name, say so with Options.Polar; if a proxy stands in front of it, let it pass", err)
	}
	if err != nil {
		return Identity{}, err
	}
	return Identity(*a), nil
}

// askPolar asks twice at the same time. A session of Polar's always has the right to write.
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
	who := Identity{
		CustomerID: user.CustomerID, Email: user.Email, ExpiresAt: session.ExpiresAt,
		Scopes: []polar.Scope{polar.ScopeCustomerPortalWrite},
	}
	if user.MemberID != nil {
		who.MemberID = *user.MemberID
	}
	if user.Role != nil {
		who.Role = *user.Role
	}
	return who, nil
}

var errNoOrganization = errors.New("give the client an access token with polar.WithAccessToken, or set Options.OrganizationID or Options.AnyOrganization")

// ours reports whether the customer belongs to whom the verifier works for, and completes the identity.
func (v *Verifier) checkOrganization(ctx context.Context, who *Identity) (bool, error) {
	if v.options.AnyOrganization {
		return true, nil
	}
	want := v.options.OrganizationID
	if learned := v.organization.Load(); want == "" && learned != nil {
		want = *learned
	}
	if want != "" && who.OrganizationID != "" {
		return who.OrganizationID == want, nil
	}
	customer, err := v.client.Customers.Get(ctx, polar.CustomerID(who.CustomerID))
	switch {
	case errors.Is(err, polar.ErrNotFound):
		return false, nil
	case errors.Is(err, polar.ErrMissingSecurity):
		return false, errNoOrganization
	case err != nil:
		return false, err
	}
	who.OrganizationID = customer.OrganizationID
	if want == "" {
		v.organization.CompareAndSwap(nil, &customer.OrganizationID)
	}
	return want == "" || customer.OrganizationID == want, nil
}

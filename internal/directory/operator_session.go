package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// OperatorSession is the sign-in of an operator, who has shown an access token of the organization. The operator's cookie has the
// session's own token, never the access token. The session ends after [OperatorLifetime], after [OperatorIdle] without use, and with
// the access token: when that token is revoked, expires or loses a scope.
type OperatorSession struct {
	ID           token.ID
	Organization token.Key
	// AccessToken is the access token of the sign-in. Its current scopes decide what the operator may do.
	AccessToken token.ID
	Hash        token.Hash
	Secret      token.SecretID
	// CreatedAt and ExpiresAt are UTC, in whole microseconds. LastUsedAt is the time of the last use, to the minute.
	CreatedAt, ExpiresAt, LastUsedAt time.Time
	// CreatedBy is the client that signed in, and LastUsedBy the client that last used the session.
	CreatedBy, LastUsedBy session.Client
}

const (
	// OperatorLifetime is how long an operator stays signed in.
	OperatorLifetime = 8 * time.Hour
	// OperatorIdle is how long an operator stays signed in without opening a page.
	OperatorIdle = time.Hour
	// MaxOperatorSessions is the maximum number of sessions of one access token. Another sign-in ends the oldest.
	MaxOperatorSessions = 100
)

// OperatorStore is the part of [Store] for operator sessions. A change of access tokens deletes the sessions of tokens for which
// [LostAccess] is true.
type OperatorStore interface {
	// InsertOperatorSession stores a session. It deletes the oldest sessions of the access token beyond MaxOperatorSessions.
	InsertOperatorSession(ctx context.Context, s OperatorSession) error
	// OperatorSession returns a session by its key. It may return an expired session.
	OperatorSession(ctx context.Context, key token.Key) (s OperatorSession, found bool, err error)
	// OperatorSessions returns up to limit sessions of an organization that expire after expiry and were used after used, the newest
	// first.
	OperatorSessions(ctx context.Context, org token.Key, expiry, used time.Time, limit int) ([]OperatorSession, error)
	// UseOperatorSession stores when and by which client a session was last used.
	UseOperatorSession(ctx context.Context, key token.Key, at time.Time, by session.Client) error
	// DeleteOperatorSession deletes a session. If revoked is true, it records in the audit log that the session was revoked. It
	// reports false if the session does not exist.
	DeleteOperatorSession(ctx context.Context, s OperatorSession, revoked bool) (deleted bool, err error)
}

// Operator is an operator who is signed in.
type Operator struct {
	Session      OperatorSession
	AccessToken  AccessToken
	Organization Organization
}

// SignInOperator creates an operator session for an access token. It returns the session's own token. The error is that of
// [Service.VerifyAccessToken].
func (d *Service) SignInOperator(ctx context.Context, access token.Token, by session.Client) (Operator, token.Token, error) {
	t, org, err := d.VerifyAccessToken(ctx, access)
	if err != nil {
		return Operator{}, token.Token{}, err
	}
	now := d.instant()
	id := token.NewID(now)
	secret := token.Mint(token.Operator, id.Key())
	s := OperatorSession{
		ID: id, Organization: org.ID.Key(), AccessToken: t.ID, CreatedAt: now, ExpiresAt: now.Add(OperatorLifetime), LastUsedAt: now,
		CreatedBy: by.Short(), LastUsedBy: by.Short(),
	}
	s.Hash, s.Secret = d.secrets.Hash(secret)
	return Operator{s, t, org}, secret, d.store.InsertOperatorSession(ctx, s)
}

// VerifyOperator returns the operator with the token of an operator session. Unless by is nil, the call counts as a use of the session.
// It returns fault.InvalidToken if the session does not exist or has ended.
func (d *Service) VerifyOperator(ctx context.Context, t token.Token, by func() session.Client) (Operator, error) {
	errNotLive := fault.New(fault.InvalidToken, "The operator's session is not live.")
	s, found, err := d.store.OperatorSession(ctx, t.Key())
	if err != nil {
		return Operator{}, err
	}
	now := d.instant()
	if !found || t.Kind() != token.Operator || !d.secrets.Verify(t, s.Secret, s.Hash) || !now.Before(s.ExpiresAt) || now.Sub(s.LastUsedAt) >= OperatorIdle {
		return Operator{}, errNotLive
	}
	access, found, err := d.store.AccessToken(ctx, s.AccessToken.Key())
	if err != nil {
		return Operator{}, err
	}
	if !found {
		return Operator{}, errNotLive
	}
	org, err := d.admitAccessToken(ctx, access, now)
	if err == nil && by != nil && now.Sub(s.LastUsedAt) >= touchEvery {
		s.LastUsedAt, s.LastUsedBy = now, by().Short()
		// If recording the use fails, the request itself still succeeds.
		_ = d.store.UseOperatorSession(ctx, s.ID.Key(), now, s.LastUsedBy)
	}
	return Operator{s, access, org}, err
}

// SignOutOperator ends an operator's own session.
func (d *Service) SignOutOperator(ctx context.Context, o Operator) error {
	_, err := d.store.DeleteOperatorSession(ctx, o.Session, false)
	return err
}

// OperatorSessions returns the live operator sessions of the organization, the newest first, and at most limit.
func (d *Service) OperatorSessions(ctx context.Context, org Organization, limit int) ([]OperatorSession, error) {
	now := d.instant()
	return d.store.OperatorSessions(ctx, org.ID.Key(), now, now.Add(-OperatorIdle), limit)
}

// RevokeOperatorSession ends an operator session of the organization. It returns fault.NotFound, and fault.NotPermitted if the session's
// access token is stronger than the operator's.
func (d *Service) RevokeOperatorSession(ctx context.Context, o Operator, id token.ID) error {
	errNotFound := fault.New(fault.NotFound, "Not found")
	s, found, err := d.store.OperatorSession(ctx, id.Key())
	if err != nil {
		return err
	}
	if !found || s.ID != id || s.Organization != o.Organization.ID.Key() {
		return errNotFound
	}
	access, found, err := d.store.AccessToken(ctx, s.AccessToken.Key())
	if err != nil {
		return err
	}
	if found {
		lineage, err := d.Lineage(ctx, o.AccessToken)
		if err != nil {
			return err
		}
		if err := lineage.CheckStrength(access); err != nil {
			return err
		}
	}
	deleted, err := d.store.DeleteOperatorSession(ctx, s, true)
	if err == nil && !deleted {
		err = errNotFound
	}
	return err
}

// EndOperatorToken ends the operator session with the given token. It reports whether there is one.
func (d *Service) EndOperatorToken(ctx context.Context, t token.Token) (known bool, err error) {
	s, found, err := d.store.OperatorSession(ctx, t.Key())
	if err != nil || !found || t.Kind() != token.Operator || !d.secrets.Verify(t, s.Secret, s.Hash) {
		return false, err
	}
	return d.store.DeleteOperatorSession(ctx, s, true)
}

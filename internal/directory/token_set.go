package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// TokenSet is the live access tokens of an organization. Every change of access tokens works on a TokenSet,
// locked during the change, so that concurrent changes cannot break the rules below:
//
//   - A token ends with its parent, has no scope that its parent lacks, and expires no later than its parent. A change of the
//     parent also changes the tokens below it, so that verifying a token reads only the token's own row.
//   - An access token cannot change, rotate or revoke a stronger one: a token that has more scopes, or that is above it.
//   - An access token cannot grant a scope that it lacks, and cannot make a token that outlives it.
type TokenSet struct {
	// Tokens are in the order of their creation. A change appends new tokens at the end.
	Tokens []AccessToken
	// Made are the keys of the tokens that were created with the token [TokenSetChange.Target], with one of these tokens, and so
	// on. It includes revoked tokens.
	Made []token.Key
	// Rotated reports whether the change replaces the token [TokenSetChange.Target] by a successor.
	Rotated bool
	// Ending are the keys of the tokens whose sessions the change ends, for the reason EndReason. It can include revoked tokens.
	Ending    []token.Key
	EndReason session.Reason
	// EndedAt is the time of the change that ends sessions.
	EndedAt time.Time
}

// Authority says which access tokens a caller may create and change. The zero Authority allows nothing.
type Authority struct {
	token        token.Key
	unrestricted bool
}

// StoreOperator is the authority of an operator with access to the store, such as of the command line. It allows
// everything.
var StoreOperator = Authority{unrestricted: true}

// OfToken returns the authority of an access token.
func OfToken(key token.Key) Authority { return Authority{token: key} }

// add appends a new token. It returns fault.QuotaExceeded if the organization then has more than limit live tokens. A limit of 0
// means no limit.
func (s *TokenSet) add(t AccessToken, limit int, now time.Time) error {
	s.Tokens = append(s.Tokens, t)
	live := 0
	for i := range s.Tokens {
		if s.Tokens[i].RevokedAt == nil && !s.Tokens[i].Expired(now) {
			live++
		}
	}
	if limit > 0 && live > limit {
		return OverQuota("organization", limit, "access tokens", "Revoke one that is not used any more.")
	}
	return nil
}

// index returns the position of the token with the key, or -1.
func (s *TokenSet) index(key token.Key) int {
	return slices.IndexFunc(s.Tokens, func(t AccessToken) bool { return t.ID.Key() == key })
}

// actor returns the access token of an authority, or nil if the authority is not restricted. It returns fault.InvalidToken if
// the token has been revoked or has expired since the request began.
func (s *TokenSet) actor(by Authority, now time.Time) (*AccessToken, error) {
	if by.unrestricted {
		return nil, nil
	}
	i := s.index(by.token)
	if i < 0 || s.Tokens[i].Expired(now) {
		return nil, fault.New(fault.InvalidToken, "The access token is not live.")
	}
	t := s.Tokens[i]
	return &t, nil
}

// target returns the position of the token that an operation changes. It returns fault.NotFound if there is no such token, and
// fault.NotPermitted if the token is stronger than the actor.
func (s *TokenSet) target(id token.ID, actor *AccessToken) (int, error) {
	i := s.index(id.Key())
	if i < 0 || s.Tokens[i].ID != id {
		return 0, fault.New(fault.NotFound, "Not found")
	}
	return i, s.checkStrength(actor, &s.Tokens[i])
}

// checkStrength returns fault.NotPermitted if the token t is stronger than the actor: if t has scopes that the actor lacks, or
// if the actor is below t.
func (s *TokenSet) checkStrength(actor, t *AccessToken) error {
	switch {
	case actor == nil:
		return nil
	case len(lacking(actor.Scopes, t.Scopes)) > 0:
		return fault.New(fault.NotPermitted, fmt.Sprintf(
			"This access token is stronger than yours, because it has the scopes %s. Use an access token that has them too, or the command postern token.",
			scopeNames(lacking(actor.Scopes, t.Scopes))))
	case s.isBelow(actor, t.ID.Key()):
		return fault.New(fault.NotPermitted, "This access token is stronger than yours: yours was created with it. Use that access token itself, or the command postern token.")
	}
	return nil
}

// isBelow reports whether a token has the token with the key above it.
func (s *TokenSet) isBelow(t *AccessToken, above token.Key) bool {
	for i := s.index(t.Parent.Key()); i >= 0; i = s.index(s.Tokens[i].Parent.Key()) {
		if s.Tokens[i].ID.Key() == above {
			return true
		}
	}
	return false
}

// Lineage is an access token with the tokens above it.
type Lineage struct {
	own AccessToken
	set TokenSet
}

// Lineage returns the lineage of an access token.
func (d *Service) Lineage(ctx context.Context, own AccessToken) (Lineage, error) {
	l := Lineage{own: own, set: TokenSet{Tokens: []AccessToken{own}}}
	for at := own; !at.Parent.IsZero() && l.set.index(at.Parent.Key()) < 0; {
		parent, found, err := d.store.AccessToken(ctx, at.Parent.Key())
		if err != nil {
			return l, err
		}
		if !found {
			break // revoked during the call
		}
		l.set.Tokens, at = append(l.set.Tokens, parent), parent
	}
	return l, nil
}

// CheckStrength returns fault.NotPermitted if the token t is stronger than the token of the lineage, which then cannot change, rotate
// or revoke it.
func (l *Lineage) CheckStrength(t AccessToken) error { return l.set.checkStrength(&l.own, &t) }

// lacking returns the scopes of wanted that are not in own.
func lacking(own, wanted []Scope) (missing []Scope) {
	for _, scope := range wanted {
		if !slices.Contains(own, scope) {
			missing = append(missing, scope)
		}
	}
	return missing
}

func scopeNames(scopes []Scope) string {
	texts := make([]string, len(scopes))
	for i, scope := range scopes {
		texts[i] = string(scope)
	}
	return strings.Join(texts, ", ")
}

// outlives reports whether an expiry is later than another one. Nil means never.
func outlives(end, other *time.Time) bool {
	return other != nil && (end == nil || end.After(*other))
}

// earlier returns the earlier expiry. Nil means never.
func earlier(a, b *time.Time) *time.Time {
	if outlives(a, b) {
		return b
	}
	return a
}

// narrow limits the tokens below a token to its scopes and to its expiry.
func (s *TokenSet) narrow(key token.Key, now time.Time) {
	parent := s.Tokens[s.index(key)]
	for i := range s.Tokens {
		t := &s.Tokens[i]
		if t.Parent != parent.ID {
			continue
		}
		extra := lacking(parent.Scopes, t.Scopes)
		if len(extra) == 0 && !outlives(t.ExpiresAt, parent.ExpiresAt) {
			continue
		}
		t.Scopes = slices.DeleteFunc(slices.Clone(t.Scopes), func(scope Scope) bool { return slices.Contains(extra, scope) })
		t.ExpiresAt, t.ModifiedAt = earlier(t.ExpiresAt, parent.ExpiresAt), &now
		s.narrow(t.ID.Key(), now)
	}
}

// revoke ends a token and the tokens below it. It returns the keys of these tokens.
func (s *TokenSet) revoke(key token.Key, now time.Time) []token.Key {
	i := s.index(key)
	if i < 0 || s.Tokens[i].RevokedAt != nil {
		return nil
	}
	id := s.Tokens[i].ID
	s.Tokens[i].RevokedAt = &now
	keys := []token.Key{key}
	for i := range s.Tokens {
		if s.Tokens[i].Parent == id {
			keys = append(keys, s.revoke(s.Tokens[i].ID.Key(), now)...)
		}
	}
	return keys
}

// endSessions ends the sessions that were created with the tokens.
func (s *TokenSet) endSessions(keys []token.Key, reason session.Reason, now time.Time) {
	s.Ending, s.EndReason, s.EndedAt = append(s.Ending, keys...), reason, now
}

// LostAccess reports whether a change revoked a token or removed scopes from it. Such a change signs out the operators who signed
// in with the token.
func LostAccess(was, now AccessToken) bool {
	return now.RevokedAt != nil || len(lacking(now.Scopes, was.Scopes)) > 0
}

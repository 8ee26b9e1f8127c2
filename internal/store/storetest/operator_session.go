package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// operatorSessions checks that the sign-ins of operators are stored, that they end with their access token, and that an access token
// has a bounded number of them.
func operatorSessions(t *testing.T, b Backend) {
	ctx := t.Context()
	o, first := organization(t, b, "acme")
	other := directory.AccessToken{ID: token.NewID(noon), Organization: o.ID, Scopes: directory.AllScopes(), CreatedAt: noon}
	check(t, insertAccessToken(ctx, b, other, nil))
	key := token.Key(1000)
	signIn := func(a directory.AccessToken, at time.Time) directory.OperatorSession {
		t.Helper()
		key++
		s := directory.OperatorSession{
			ID: token.IDOf(key, 7), Organization: o.ID.Key(), AccessToken: a.ID, Secret: 1<<32 - 1, CreatedAt: at, ExpiresAt: at.Add(time.Hour), LastUsedAt: at,
			CreatedBy: session.Client{IP: "::1", UserAgent: "ä"}, LastUsedBy: session.Client{IP: "192.0.2.1"},
		}
		s.Hash[31] = 255
		check(t, b.InsertOperatorSession(ctx, s))
		same(t, s)(b.OperatorSession(ctx, s.ID.Key()))
		return s
	}
	none[directory.OperatorSession](t)(b.OperatorSession(ctx, 1))
	s, late := signIn(first, noon), signIn(other, noon.Add(time.Minute))
	s.LastUsedAt, s.LastUsedBy = noon.Add(2*time.Minute), session.Client{UserAgent: "x"}
	check(t, b.UseOperatorSession(ctx, s.ID.Key(), s.LastUsedAt, s.LastUsedBy))
	check(t, b.UseOperatorSession(ctx, s.ID.Key(), noon, session.Client{})) // an earlier use
	same(t, s)(b.OperatorSession(ctx, s.ID.Key()))
	for _, tt := range []struct {
		expiry, used time.Time
		limit        int
		want         []directory.OperatorSession
	}{
		{noon, noon, 10, []directory.OperatorSession{late, s}},
		{noon, noon, 1, []directory.OperatorSession{late}},
		{noon.Add(time.Hour), noon, 10, []directory.OperatorSession{late}},
		{noon, noon.Add(time.Minute), 10, []directory.OperatorSession{s}},
		{noon.Add(2 * time.Hour), noon, 10, []directory.OperatorSession{}},
	} {
		list, err := b.OperatorSessions(ctx, o.ID.Key(), tt.expiry, tt.used, tt.limit)
		if diff := cmp.Diff(tt.want, list); err != nil || diff != "" {
			t.Errorf("expiring after %v and used after %v: %v\n%s", tt.expiry, tt.used, err, diff)
		}
	}

	// Renaming the access token keeps the session. Losing a scope ends it.
	check(t, changeAccessToken(ctx, b, o.ID, first.ID, func(a *directory.AccessToken) error { a.Comment = "renamed"; return nil }))
	same(t, s)(b.OperatorSession(ctx, s.ID.Key()))
	check(t, changeAccessToken(ctx, b, o.ID, first.ID, func(a *directory.AccessToken) error { a.Scopes = a.Scopes[1:]; return nil }))
	none[directory.OperatorSession](t)(b.OperatorSession(ctx, s.ID.Key()))
	same(t, late)(b.OperatorSession(ctx, late.ID.Key()))
	for _, want := range []bool{true, false} {
		if deleted, err := b.DeleteOperatorSession(ctx, late, true); err != nil || deleted != want {
			t.Errorf("deleted %v, %v", deleted, err)
		}
	}
	oldest := signIn(first, noon)
	for range directory.MaxOperatorSessions {
		s = signIn(first, noon)
	}
	none[directory.OperatorSession](t)(b.OperatorSession(ctx, oldest.ID.Key()))
	check(t, changeAccessToken(ctx, b, o.ID, first.ID, func(a *directory.AccessToken) error { a.RevokedAt = ptr(noon); return nil }))
	none[directory.OperatorSession](t)(b.OperatorSession(ctx, s.ID.Key()))
}

package storetest

import (
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// leakedTokens checks that an access token is still found by IssuedAccessToken after its revocation, and that a deleted email
// update is not found.
func leakedTokens(t *testing.T, b Backend) {
	ctx := t.Context()
	o, a := organization(t, b, "acme")
	none[directory.AccessToken](t)(b.IssuedAccessToken(ctx, token.NewID(noon).Key()))
	same(t, a)(b.IssuedAccessToken(ctx, a.ID.Key()))
	check(t, changeAccessToken(ctx, b, o.ID, a.ID, func(a *directory.AccessToken) error { a.RevokedAt = ptr(noon); return nil }))
	a.RevokedAt = ptr(noon)
	none[directory.AccessToken](t)(b.AccessToken(ctx, a.ID.Key()))
	same(t, a)(b.IssuedAccessToken(ctx, a.ID.Key()))

	c := customer(t, b, o, "ada@example.com")
	u := directory.EmailUpdate{
		Key: token.NewID(noon).Key(), Customer: c.ID.Key(), Email: "new@example.com", Secret: 1, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
	other := u
	other.Key = token.NewID(noon).Key()
	succeeds(t)(b.InsertEmailUpdate(ctx, u))
	succeeds(t)(b.InsertEmailUpdate(ctx, other))
	check(t, b.DeleteEmailUpdate(ctx, u.Key))
	check(t, b.DeleteEmailUpdate(ctx, u.Key))
	none[directory.EmailUpdate](t)(b.EmailUpdate(ctx, u.Key))
	same(t, other)(b.EmailUpdate(ctx, other.Key))
}

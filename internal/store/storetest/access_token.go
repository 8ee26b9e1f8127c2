package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
)

// accessTokens checks lists, changes, uses and revocations of access tokens.
func accessTokens(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	_, foreign := organization(t, b, "other")
	list := func(sort string, page directory.Page) ([]directory.AccessToken, int) {
		t.Helper()
		q := directory.AccessTokenQuery{Organization: o.ID.Key(), Page: page}
		for by := range strings.FieldsSeq(sort) {
			name, descending := strings.CutPrefix(by, "-")
			q.Sort = append(q.Sort, directory.Sort{By: name, Descending: descending})
		}
		tokens, total, err := b.AccessTokens(ctx, q)
		check(t, err)
		return tokens, total
	}
	first, _ := list("created_at", directory.Page{Number: 1, Limit: 10})
	made := []directory.AccessToken{first[0]}
	for i, comment := range []string{"b", "a", "B", "a", ""} {
		at := noon.Add(time.Duration(i+1) * time.Second)
		a := directory.AccessToken{
			ID: token.NewID(at), Organization: o.ID, Scopes: []directory.Scope{directory.CustomersRead}, Comment: comment, CreatedAt: at,
		}
		a.Hash[0] = byte(i)
		check(t, insertAccessToken(ctx, b, a, nil))
		made = append(made, a)
	}
	touch := func(i, second int) {
		t.Helper()
		at := noon.Add(time.Duration(second) * time.Second)
		check(t, b.TouchAccessToken(ctx, made[i].ID.Key(), at))
		if old := made[i].LastUsedAt; old == nil || old.Before(at) {
			made[i].LastUsedAt = &at
		}
		same(t, made[i])(b.AccessToken(ctx, made[i].ID.Key()))
	}
	touch(1, 30)
	touch(2, 10)
	touch(1, 20) // a later use is already stored
	touch(1, 40)
	check(t, b.TouchAccessToken(ctx, 42, noon))

	for _, tt := range []struct{ sort, want string }{
		{"created_at", "012345"}, {"-created_at", "543210"},
		{"comment", "532410"}, {"-comment", "014235"}, // "", "B", "a", "a", "b", "first"
		{"last_used_at", "210345"}, {"-last_used_at", "543012"},
		{"comment -created_at", "534210"},
	} {
		for limit := 1; limit <= 7; limit++ {
			var got strings.Builder
			for n := 1; n <= 7; n++ {
				page, total := list(tt.sort, directory.Page{Number: n, Limit: limit})
				if total != len(made) {
					t.Errorf("by %s: %d in all, wanted %d", tt.sort, total, len(made))
				}
				for _, a := range page {
					for i := range made {
						if made[i].ID == a.ID {
							fmt.Fprint(&got, i)
						}
					}
				}
			}
			if got.String() != tt.want {
				t.Errorf("by %s, pages of %d: %s, wanted %s", tt.sort, limit, got.String(), tt.want)
			}
		}
	}
	changesOfAccessToken(t, b, made[1])
	if all, total := list("created_at", directory.Page{Number: 1, Limit: 10}); total != len(made)-1 || cmp.Diff(append(made[:1:1], made[2:]...), all) != "" {
		t.Errorf("%d tokens after one was revoked: %+v", total, all)
	}
	same(t, foreign)(b.AccessToken(ctx, foreign.ID.Key()))
}

func changesOfAccessToken(t *testing.T, b Backend, a directory.AccessToken) {
	ctx := t.Context()
	failure := errors.New("error of the change")
	modify := func(a *directory.AccessToken) { a.Comment, a.Scopes, a.RevokedAt = "spoiled", nil, ptr(noon) }
	if err := changeAccessToken(ctx, b, a.Organization, a.ID, func(a *directory.AccessToken) error { modify(a); return failure }); !errors.Is(err, failure) {
		t.Errorf("a change that failed: %v", err)
	}
	if err := changeAccessToken(ctx, b, a.Organization, a.ID, func(a *directory.AccessToken) error { modify(a); panic("panic of the change") }); err == nil {
		t.Error("a change that panicked was committed")
	}
	same(t, a)(b.AccessToken(ctx, a.ID.Key()))
	do := func(f func(a *directory.AccessToken)) {
		t.Helper()
		check(t, changeAccessToken(ctx, b, a.Organization, a.ID, func(now *directory.AccessToken) error { f(now); a = *now; return nil }))
	}
	do(func(a *directory.AccessToken) {
		a.Comment, a.Scopes, a.ModifiedAt, a.ExpiresAt = "Größe", directory.AllScopes(), ptr(noon.Add(time.Hour)), ptr(noon.Add(2*time.Hour))
	})
	same(t, a)(b.AccessToken(ctx, a.ID.Key()))
	do(func(a *directory.AccessToken) { a.RevokedAt = ptr(noon) })
	none[directory.AccessToken](t)(b.AccessToken(ctx, a.ID.Key()))
	check(t, b.TouchAccessToken(ctx, a.ID.Key(), noon))
	for _, id := range []token.ID{a.ID, token.NewID(noon)} {
		err := changeAccessToken(ctx, b, a.Organization, id, func(*directory.AccessToken) error { return nil })
		if !errors.Is(err, errNoToken) {
			t.Errorf("a change of a token that does not exist: %v", err)
		}
	}
}

var errNoToken = errors.New("access token not found")

// insertAccessToken adds a token to the access tokens of its organization.
func insertAccessToken(ctx context.Context, b Backend, a directory.AccessToken, claim *idempotency.Claim) error {
	return b.ChangeAccessTokens(ctx, a.Organization.Key(), directory.TokenSetChange{Claim: claim, Now: noon}, func(s *directory.TokenSet) error {
		s.Tokens = append(s.Tokens, a)
		return nil
	})
}

// changeAccessToken changes one access token of an organization. It returns errNoToken if there is no such token or it is revoked.
func changeAccessToken(ctx context.Context, b Backend, org, id token.ID, change func(a *directory.AccessToken) error) error {
	return b.ChangeAccessTokens(ctx, org.Key(), directory.TokenSetChange{Target: id, Now: noon}, func(s *directory.TokenSet) error {
		for i := range s.Tokens {
			if s.Tokens[i].ID == id {
				return change(&s.Tokens[i])
			}
		}
		return errNoToken
	})
}

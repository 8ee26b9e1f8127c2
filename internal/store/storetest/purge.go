package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// purge checks that deleted customers and members are removed with their sessions after 30 days, and revoked and expired access
// tokens too, unless a session or another token names them. What is not deleted stays.
func purge(t *testing.T, b Backend) {
	ctx := t.Context()
	o, first := organization(t, b, "acme")
	month := 30 * 24 * time.Hour
	gone, team, stays := customer(t, b, o, "gone@example.com"), customer(t, b, o, "team@example.com"), customer(t, b, o, "stays@example.com")
	left, kept := member(team, directory.OrdinaryMember, "left@example.com", 1), member(team, directory.Owner, "kept@example.com", 2)
	inGone := member(gone, directory.Owner, "gone@example.com", 1)
	change(t, b, team.ID, func(r *directory.Roster) { r.Members = append(r.Members, left, kept) })
	change(t, b, gone.ID, func(r *directory.Roster) { r.Members = append(r.Members, inGone) })
	update := emailUpdate(t, b, gone, "new@example.com", noon.Add(400*24*time.Hour))
	accessToken := func(creator token.Key, revoked, expires *time.Time) directory.AccessToken {
		a := directory.AccessToken{ID: token.NewID(noon), Organization: o.ID, Scopes: directory.AllScopes(), Creator: creator, CreatedAt: noon, ExpiresAt: expires}
		check(t, b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{Now: noon}, func(set *directory.TokenSet) error {
			set.Tokens = append(set.Tokens, a)
			return nil
		}))
		check(t, b.ChangeAccessTokens(ctx, o.ID.Key(), directory.TokenSetChange{Now: noon}, func(set *directory.TokenSet) error {
			i := slices.IndexFunc(set.Tokens, func(one directory.AccessToken) bool { return one.ID == a.ID })
			set.Tokens[i].RevokedAt = revoked
			return nil
		}))
		return a
	}
	revoked, naming := accessToken(0, ptr(noon), nil), accessToken(0, ptr(noon), nil)
	named := accessToken(naming.ID.Key(), nil, nil)
	var live []session.Record
	entry := func(c directory.Customer, m token.Key) session.Record {
		r := record(token.NewID(noon), c)
		r.Member, r.ExpiresAt = m, noon.Add(366*24*time.Hour)
		succeeds(t)(b.InsertSession(ctx, session.Entry{Record: r}))
		live = append(live, r)
		return r
	}
	ofGone, ofLeft, ofKept, ofStays := entry(gone, inGone.ID.Key()), entry(team, left.ID.Key()), entry(team, kept.ID.Key()), entry(stays, 0)
	change(t, b, gone.ID, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) })
	change(t, b, team.ID, func(r *directory.Roster) { r.Members[0].DeletedAt = ptr(noon) })

	exists := func(r session.Record) bool {
		_, found, err := b.Entry(ctx, r.ID.Key())
		check(t, err)
		return found
	}
	issued := func(a directory.AccessToken) bool {
		_, found, err := b.IssuedAccessToken(ctx, a.ID.Key())
		check(t, err)
		return found
	}
	sweep := func(at time.Time) {
		t.Helper()
		_, err := b.Sweep(context.WithoutCancel(ctx), at)
		check(t, err)
	}
	sweep(noon.Add(month))
	for _, r := range live {
		if !exists(r) {
			t.Error("a session was removed with a holder that was deleted less than 30 days ago")
		}
	}
	if !issued(revoked) || !issued(naming) {
		t.Error("an access token was removed within 30 days")
	}
	sweep(noon.Add(month + time.Second))
	if exists(ofGone) || exists(ofLeft) || !exists(ofKept) || !exists(ofStays) {
		t.Errorf("sessions: %v %v %v %v, wanted only those of holders that exist", exists(ofGone), exists(ofLeft), exists(ofKept), exists(ofStays))
	}
	if issued(revoked) || !issued(naming) || !issued(named) || !issued(first) {
		t.Errorf("access tokens: revoked %v, named by another %v, live %v %v", issued(revoked), issued(naming), issued(named), issued(first))
	}
	none[directory.EmailUpdate](t)(b.EmailUpdate(ctx, update.Key))
	same(t, stays)(b.Customer(ctx, stays.ID.Key()))
	if _, found, err := b.Member(ctx, kept.ID.Key()); err != nil || !found {
		t.Errorf("a member was removed: %v, %v", found, err)
	}
}

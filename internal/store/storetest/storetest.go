// Package storetest is the one suite that every backend passes. A new backend needs no tests of its own for what the
// interfaces promise:
//
//	func TestMine(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Backend { return openMine(t) })
//	}
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// Backend is what the suite asks of a store. Each that it is given is empty, and closed by whoever opened it.
type Backend interface {
	session.Store
	directory.Store
	login.Store
	webhook.Store
	// Sweep removes what is of no use any more, and returns how many rows that were.
	Sweep(ctx context.Context, now time.Time) (removed int, err error)
}

// Run plays the suite; open is called once for each part.
func Run(t *testing.T, open func(t *testing.T) Backend) {
	for name, part := range map[string]func(*testing.T, Backend){
		"organizations": organizations, "customers": customers, "members": members, "sessions": sessions, "concurrency": concurrency,
		"emails": emails, "member names": memberNames, "refusals": refusals, "values": values,
		"changes": changes, "changed names": changedNames, "failed changes": failedChanges, "endings": endings, "the log": theLog,
		"customer pages": customerPages, "customer order": customerOrder, "customer search": customerSearch,
		"customer metadata": customerMetadata, "member pages": memberPages, "holders": holders, "access tokens": accessTokens,
		"login codes": loginCodes, "tickets": tickets, "email updates": emailUpdates, "contention": contention, "sweep": sweep,
		"long queries": longQueries, "session changes": sessionChanges, "sightings": sightings, "session pages": sessionPages,
		"onces": onces, "organization changes": organizationChanges, "two ends": twoEnds, "long lives": longLives,
		"ended tokens":      endedTokens,
		"webhook listeners": webhookListeners, "webhook ends": webhookEnds, "webhook order": webhookOrder,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of the time goes into waiting for disks
			part(t, open(t))
		})
	}
}

var noon = time.Date(2026, 10, 1, 12, 0, 0, 123_456_000, time.UTC)

func ptr[T any](v T) *T { return &v }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// organization keeps an organization with that slug.
func organization(t *testing.T, b Backend, slug string) (directory.Organization, directory.AccessToken) {
	t.Helper()
	o := directory.Organization{ID: token.NewID(noon), Slug: slug, Name: "Größe " + slug, MemberModel: true, CreatedAt: noon}
	a := directory.AccessToken{
		ID: token.NewID(noon), Organization: o.ID, Scopes: directory.AllScopes(), Comment: "first", Secret: 1<<32 - 1, CreatedAt: noon,
	}
	a.Hash[31] = 255
	inserted, err := b.InsertOrganization(t.Context(), o, a)
	check(t, err)
	if !inserted {
		t.Fatalf("the slug %s is taken", slug)
	}
	return o, a
}

// customer keeps a customer with that email address and no owner.
func customer(t *testing.T, b Backend, o directory.Organization, email string) directory.Customer {
	t.Helper()
	c := directory.Customer{
		ID: token.NewID(noon), Organization: o.ID, Type: directory.Individual, Email: &email, Metadata: map[string]any{}, CreatedAt: noon,
	}
	taken, err := b.InsertCustomer(t.Context(), c, nil)
	check(t, err)
	if taken != (directory.Conflict{}) {
		t.Fatalf("%s is taken: %+v", email, taken)
	}
	return c
}

// ensureOwner adds m to its customer, unless that has an owner, and returns the owner.
func ensureOwner(ctx context.Context, b Backend, m directory.Member) (owner directory.Member, err error) {
	_, found, err := b.ChangeCustomer(ctx, m.Customer.Key(), func(r *directory.Roster) error {
		for _, owner = range r.Members {
			if owner.Role == directory.Owner {
				return nil
			}
		}
		owner = m
		r.Members = append(r.Members, m)
		return nil
	})
	if err == nil && !found {
		err = errors.New("there is no such customer")
	}
	return owner, err
}

// kept is for a write that must have kept what it was given.
func kept(t *testing.T) func(bool, error) {
	return func(inserted bool, err error) {
		t.Helper()
		if err != nil || !inserted {
			t.Errorf("was not kept: %v, %v", inserted, err)
		}
	}
}

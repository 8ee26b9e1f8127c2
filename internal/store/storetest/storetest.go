// Package storetest is the conformance test suite for stores. It tests the contract of the store interfaces, so a new store
// needs no tests of its own for that contract:
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

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// Backend is the interface of a store under test. It includes the store interfaces of all packages.
type Backend interface {
	session.Store
	directory.Store
	login.Store
	webhook.Store
	audit.Store
	// SetClock sets the clock of the audit log.
	SetClock(now func() time.Time)
	// Sweep deletes expired rows and returns the number of deleted rows.
	Sweep(ctx context.Context, now time.Time) (removed int, err error)
}

// Run runs the suite. It calls open once for each part; open returns an empty store and closes the store at the end of t.
func Run(t *testing.T, open func(t *testing.T) Backend) {
	for name, part := range map[string]func(*testing.T, Backend){
		"organizations": organizations, "customers": customers, "members": members, "sessions": sessions, "concurrency": concurrency,
		"emails": emails, "member names": memberNames, "refusals": refusals, "values": values,
		"changes": changes, "changed names": changedNames, "failed changes": failedChanges, "end of all sessions": endOfAllSessions, "revocation log": revocationLog,
		"customer pages": customerPages, "pages after an entry": pagesAfterAnEntry, "customer order": customerOrder, "customer search": customerSearch,
		"customer metadata": customerMetadata, "member pages": memberPages, "holders": holders, "access tokens": accessTokens, "token families": tokenFamilies, "operator sessions": operatorSessions, "ends by creator": endsByCreator,
		"concurrent changes of access tokens": concurrentTokenChanges,
		"login codes":                         loginCodes, "live codes": liveCodes, "counted codes": countedCodes, "sibling codes": siblingCodes, "codes of holders": holderCodes, "tickets": tickets, "email updates": emailUpdates, "pending rows": pending, "sign-ins": signIns, "session proofs": sessionProofs, "proven sessions": provenSessions, "contention": contention, "sweep": sweep,
		"long queries": longQueries, "session changes": sessionChanges, "session uses": sessionUses, "session pages": sessionPages,
		"idempotent creates": idempotentCreates, "limited creates": limitedCreates, "organization changes": organizationChanges, "two ends in one change": twoEndsInOneChange, "purge": purge, "sweep of mixed lifetimes": sweepMixedLifetimes,
		"leaked tokens": leakedTokens,
		"audit entries": auditEntries, "audit chain": auditChain, "audit retention": auditRetention, "audited changes": auditedChanges,
		"undone changes":    undoneChanges,
		"browsed customers": browsedCustomers, "browsed sessions": browsedSessions, "browsed audit log": browsedAudit, "browsed deliveries": browsedDeliveries, "activity": activityCounts, "failed mails": failedMails,
		"webhook subscriptions": webhookSubscriptions, "webhook ends": webhookEnds, "webhook order": webhookOrder, "webhook late use": webhookLateUse,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the tests mostly wait for the disk
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

// organization inserts an organization with the slug and an access token.
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

// customer inserts a customer with the email address and without an owner.
func customer(t *testing.T, b Backend, o directory.Organization, email string) directory.Customer {
	t.Helper()
	c := directory.Customer{
		ID: token.NewID(noon), Organization: o.ID, Type: directory.Individual, Email: &email, Metadata: map[string]any{}, CreatedAt: noon,
	}
	taken, err := b.InsertCustomer(t.Context(), c, nil, nil)
	check(t, err)
	if taken != (directory.Conflict{}) {
		t.Fatalf("%s is taken: %+v", email, taken)
	}
	return c
}

// ensureOwner adds m to its customer if the customer has no owner, and returns the owner.
func ensureOwner(ctx context.Context, b Backend, m directory.Member) (owner directory.Member, err error) {
	_, found, err := b.ChangeCustomer(ctx, m.Customer.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
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
		err = errors.New("customer not found")
	}
	return owner, err
}

// succeeds returns a check that a write reports true and no error.
func succeeds(t *testing.T) func(bool, error) {
	return func(inserted bool, err error) {
		t.Helper()
		if err != nil || !inserted {
			t.Errorf("the write reports %v, error %v, wanted true", inserted, err)
		}
	}
}

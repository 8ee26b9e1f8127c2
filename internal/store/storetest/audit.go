package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// entriesOf returns the newest entries of the organization, up to 100, the oldest first.
func entriesOf(t *testing.T, b Backend, o directory.Organization) []audit.Entry {
	t.Helper()
	list, err := b.AuditEntries(t.Context(), audit.Query{Organization: o.ID.Key(), Page: 1, Limit: 100})
	check(t, err)
	slices.Reverse(list)
	return list
}

// ticking sets a clock that starts at a time and advances by a millisecond with each entry, so that the order of entries is certain.
func ticking(b Backend, start time.Time) {
	var n atomic.Int64
	b.SetClock(func() time.Time { return start.Add(time.Duration(n.Add(1)-1) * time.Millisecond) })
}

// auditEntries checks that an entry is read as it was recorded, and the filters and pages of the list.
func auditEntries(t *testing.T, b Backend) {
	ticking(b, noon)
	o, a := organization(t, b, "acme")
	other, _ := organization(t, b, "other")
	c := customer(t, b, o, "ada@example.com")
	ticking(b, noon.Add(time.Hour))
	sessionID := token.NewID(noon)
	actor := audit.Actor{Kind: audit.Customer, Key: c.ID.Key(), Session: sessionID, Name: "root"}.
		From(netip.MustParseAddr("::ffff:192.0.2.7"), "agent\x00"+strings.Repeat("ä", audit.MaxUserAgent))
	event := audit.Event{
		Action: audit.SessionEnded, Organization: o.ID.Key(), Target: audit.Target{Kind: audit.OnSession, ID: sessionID}, Customer: c.ID.Key(),
		Details: audit.Details{Reason: "signed_out"},
	}
	check(t, b.RecordAudit(audit.WithActor(t.Context(), actor), event))
	got := entriesOf(t, b, o)
	last := got[len(got)-1]
	if len(last.Actor.UserAgent) > audit.MaxUserAgent || !strings.HasPrefix(last.Actor.UserAgent, "agent\uFFFDä") {
		t.Errorf("the user agent is %q", last.Actor.UserAgent)
	}
	actor.IP, actor.UserAgent = "192.0.2.7", last.Actor.UserAgent
	want := audit.Entry{
		ID: last.ID, Organization: o.ID, CreatedAt: noon.Add(time.Hour), Action: audit.SessionEnded, Outcome: audit.Succeeded,
		Actor: actor, ActorID: c.ID, Target: event.Target, Customer: c.ID, Details: `{"reason":"signed_out"}`,
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("the entry differs (-want +got):\n%s", diff)
	}
	check(t, b.RecordAudit(audit.WithActor(t.Context(), audit.Actor{Kind: audit.AccessToken, Key: a.ID.Key()}),
		audit.Event{Action: audit.SignedIn, Outcome: audit.Refused, Organization: o.ID.Key(), Target: audit.Target{Kind: audit.OnServer}}))
	ticking(b, noon.Add(2*time.Hour))
	check(t, b.RecordAudit(t.Context(), audit.Event{Action: audit.SecretRetired, Target: audit.Target{Kind: audit.OnServer}}))

	all := entriesOf(t, b, directory.Organization{})
	ids := func(q audit.Query) (actions []string) {
		t.Helper()
		q.Page, q.Limit, q.Ascending = max(q.Page, 1), max(q.Limit, 100), true
		list, err := b.AuditEntries(t.Context(), q)
		check(t, err)
		n, err := b.CountAuditEntries(t.Context(), q)
		check(t, err)
		if q.After == 0 && n != len(list) {
			t.Errorf("%+v counts %d of %d entries", q, n, len(list))
		}
		for _, e := range list {
			actions = append(actions, string(e.Action))
		}
		return actions
	}
	for name, test := range map[string]struct {
		q    audit.Query
		want string
	}{
		"organization": {audit.Query{Organization: other.ID.Key()}, "organization.created access_token.created"},
		"actor":        {audit.Query{Actor: &c.ID}, "session.ended"},
		"target":       {audit.Query{Target: &sessionID}, "session.ended"},
		"action":       {audit.Query{Action: audit.CustomerCreated}, "customer.created"},
		"outcome":      {audit.Query{Outcome: audit.Refused}, "session.signed_in"},
		"since":        {audit.Query{Since: noon.Add(time.Hour), Organization: o.ID.Key()}, "session.ended session.signed_in"},
		"until":        {audit.Query{Until: noon.Add(2 * time.Hour), Since: noon.Add(time.Hour)}, "session.ended session.signed_in"},
		"after":        {audit.Query{After: all[len(all)-2].ID.Key()}, "secret.retired"},
		"customer":     {audit.Query{Customer: &c.ID}, "customer.created session.ended"},
		"nothing":      {audit.Query{Actor: ptr(token.NewID(noon))}, ""},
		"another tail": {audit.Query{Target: ptr(token.IDOf(sessionID.Key(), sessionID.Tail()^1))}, ""},
		"no target":    {audit.Query{Target: ptr(token.IDOf(0, 0))}, ""},
	} {
		if got := strings.Join(ids(test.q), " "); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	second, err := b.AuditEntries(t.Context(), audit.Query{Page: 2, Limit: 3})
	check(t, err)
	slices.Reverse(all)
	if diff := cmp.Diff(all[3:6], second); diff != "" {
		t.Errorf("the second page differs (-want +got):\n%s", diff)
	}
}

// auditChain checks that the chain contains every committed entry once, in an order that does not miss an entry that is committed
// later than a newer one.
func auditChain(t *testing.T, b Backend) {
	log := audit.New(b, func() time.Time { return noon }, audit.Options{})
	o, _ := organization(t, b, "acme")
	b.SetClock(func() time.Time { return noon.Add(time.Hour) })
	record := func() {
		t.Helper()
		check(t, b.RecordAudit(t.Context(), audit.Event{Action: audit.SessionEnded, Organization: o.ID.Key(), Target: audit.Target{Kind: audit.OnServer}}))
	}
	record()
	report, err := log.Verify(t.Context(), nil)
	check(t, err)
	if want := (audit.Report{Unchained: 3}); report != want {
		t.Fatalf("before chaining: %+v, want %+v", report, want)
	}
	check(t, log.Chain(t.Context()))
	first, err := log.Verify(t.Context(), nil)
	check(t, err)
	if first.Chained != 3 || first.Unchained != 0 || first.Head.Seq != 3 {
		t.Fatalf("after chaining: %+v", first)
	}
	ticking(b, noon) // as if the transactions of older entries were committed late
	for range 1200 {
		record()
	}
	check(t, log.Chain(t.Context()))
	check(t, log.Chain(t.Context()))
	report, err = log.Verify(t.Context(), &first.Head)
	check(t, err)
	if report.Chained != 1203 || report.Unchained != 0 || report.Head.Seq != 1203 {
		t.Errorf("after chaining again: %+v", report)
	}
	for name, expected := range map[string]audit.Link{
		"another hash": {Seq: 2, Hash: first.Head.Hash}, "a later entry": {Seq: 1204, Hash: first.Head.Hash},
	} {
		_, err := log.Verify(t.Context(), &expected)
		if broken, ok := errors.AsType[*audit.Break](err); !ok || broken.Seq != expected.Seq {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// auditRetention checks that the retention removes entries at the start of the chain, and that the rest can still be verified.
func auditRetention(t *testing.T, b Backend) {
	now := noon.Add(audit.MinRetention)
	log := audit.New(b, func() time.Time { return now }, audit.Options{Retention: audit.MinRetention})
	record := func(at time.Time) {
		t.Helper()
		b.SetClock(func() time.Time { return at })
		check(t, b.RecordAudit(t.Context(), audit.Event{Action: audit.SessionEnded, Target: audit.Target{Kind: audit.OnServer}}))
	}
	for i := range 3 {
		record(noon.Add(time.Duration(i) * time.Minute))
	}
	trimmed := func(want int) {
		t.Helper()
		n, err := log.Trim(t.Context())
		check(t, err)
		if n != want {
			t.Errorf("%d entries were deleted, want %d", n, want)
		}
	}
	now = now.Add(90 * time.Second)
	trimmed(0) // not chained yet
	check(t, log.Chain(t.Context()))
	before, err := log.Verify(t.Context(), nil)
	check(t, err)
	trimmed(2)
	trimmed(0)
	report, err := log.Verify(t.Context(), &before.Head)
	check(t, err)
	if report.Start.Seq != 2 || report.Start.Hash == "" || report.Chained != 1 || report.Head != before.Head {
		t.Errorf("after the deletion: %+v", report)
	}
	if _, err := log.Verify(t.Context(), &audit.Link{Seq: 1, Hash: "x"}); err == nil || !strings.Contains(err.Error(), "retention") {
		t.Errorf("a deleted entry is expected: error %v", err)
	}
	record(noon.Add(time.Hour))
	check(t, log.Chain(t.Context()))
	now = now.Add(audit.MinRetention)
	trimmed(2)
	report, err = log.Verify(t.Context(), nil)
	check(t, err)
	if report.Start != report.Head || report.Head.Seq != 4 || report.Chained != 0 {
		t.Errorf("after the deletion of all entries: %+v", report)
	}
	if n, err := audit.New(b, func() time.Time { return now }, audit.Options{}).Trim(t.Context()); err != nil || n != 0 {
		t.Errorf("without a retention, %d entries were deleted, error %v", n, err)
	}
}

// auditedChanges checks which entries each change leaves.
func auditedChanges(t *testing.T, b Backend) {
	ticking(b, noon)
	o, a := organization(t, b, "acme")
	c := customer(t, b, o, "ada@example.com")
	owner, second := member(c, directory.Owner, "ada@example.com", 1), member(c, directory.OrdinaryMember, "bob@example.com", 2)
	ctx := audit.WithActor(t.Context(), audit.Actor{Kind: audit.AccessToken, Key: a.ID.Key(), IP: "192.0.2.1"})
	roster := func(f func(r *directory.Roster)) func() error {
		return func() error {
			_, _, err := b.ChangeCustomer(ctx, c.ID.Key(), everyone(t, b, c.ID.Key()), nil, func(r *directory.Roster) error { f(r); return nil })
			return err
		}
	}
	organization := func(f func(o *directory.Organization) *directory.SessionEnd) func() error {
		return func() error { _, err := b.ChangeOrganization(ctx, o.ID.Key(), f); return err }
	}
	e := endpoint(t, b, o, webhook.SessionRevoked)
	endpoint := func(f func(e *webhook.Endpoint)) func() error {
		return func() error {
			_, err := b.ChangeEndpoint(ctx, e.ID.Key(), noon, func(e *webhook.Endpoint) error { f(e); return nil })
			return err
		}
	}
	live := record(token.NewID(noon), c)
	live.Generations.Customer = 2
	succeeds(t)(b.InsertSession(ctx, session.Entry{Record: live}))
	session1 := func(f func(e *session.Entry)) func() error {
		return func() error {
			_, err := b.ChangeSession(ctx, live.ID.Key(), func(e *session.Entry) error { f(e); return nil })
			return err
		}
	}
	accessToken := func(f func(t *directory.AccessToken)) func() error {
		return func() error {
			return changeAccessToken(ctx, b, o.ID, a.ID, func(t *directory.AccessToken) error { f(t); return nil })
		}
	}
	signIn := record(token.NewID(noon), c)
	n := len(entriesOf(t, b, o))
	for _, test := range []struct {
		name   string
		change func() error
		want   string
	}{
		{"members", roster(func(r *directory.Roster) { r.Members = append(r.Members, owner, second) }),
			`member.created {"role":"owner"}; member.created {"role":"member"}`},
		{"times and counters", roster(func(r *directory.Roster) { r.Customer.ModifiedAt = ptr(noon) }), ``},
		{"a name", roster(func(r *directory.Roster) { r.Customer.Name, r.Customer.Metadata = ptr("Ada"), map[string]any{"a": "b"} }),
			`customer.updated {"changed":["name","metadata"]}`},
		{"case of an address", roster(func(r *directory.Roster) { r.Customer.Email = ptr("Ada@example.com") }), `customer.updated {"changed":["email"]}`},
		{"an address", roster(func(r *directory.Roster) {
			r.Customer.Email, r.Customer.Generation = ptr("new@example.com"), 1
			r.Ended = append(r.Ended, directory.SessionEnd{Reason: session.EmailChanged, At: noon})
		}), `customer.email_changed {"changed":["email"],"sessions_ended":true}`},
		{"all sessions of a customer", roster(func(r *directory.Roster) {
			r.Customer.Generation = 2
			r.Ended = append(r.Ended, directory.SessionEnd{Reason: "Alice asked for it", At: noon})
		}), `customer.sessions_ended {"reason":"custom"}`},
		{"all sessions of a member", roster(func(r *directory.Roster) {
			r.Members[1].Generation = 1
			r.Ended = append(r.Ended, directory.SessionEnd{Member: second.ID.Key(), Reason: session.RevokedByIssuer, At: noon})
		}), `member.sessions_ended {"reason":"revoked"}`},
		{"a member's name and address", roster(func(r *directory.Roster) {
			r.Members[1].Name, r.Members[1].Email = ptr("Bob"), ptr("robert@example.com")
		}), `member.email_changed {"changed":["email","name"]}`},
		{"the owner", roster(func(r *directory.Roster) {
			r.Members[0].Role, r.Members[1].Role = directory.BillingManager, directory.Owner
		}), `member.role_changed {"from":"owner","role":"billing_manager"}; member.role_changed {"from":"member","role":"owner"}; customer.owner_changed {}`},
		{"a removed member", roster(func(r *directory.Roster) {
			r.Members[0].DeletedAt = ptr(noon)
			r.Ended = append(r.Ended, directory.SessionEnd{Member: owner.ID.Key(), Reason: session.MemberDeleted, At: noon})
		}), `member.deleted {"role":"billing_manager","sessions_ended":true}`},
		{"an email update", func() error {
			_, err := b.InsertEmailUpdate(ctx, directory.EmailUpdate{Key: 7, Customer: c.ID.Key(), Email: "x@example.com", CreatedAt: noon, ExpiresAt: noon})
			return err
		}, `customer.email_update_requested {}`},
		{"a withdrawn email update", func() error { return b.DeleteEmailUpdate(ctx, 7) }, `customer.email_update_withdrawn {}`},
		{"an unknown email update", func() error { return b.DeleteEmailUpdate(ctx, 7) }, ``},

		{"a session's lifetime", session1(func(e *session.Entry) { e.ExpiresAt = e.ExpiresAt.Add(time.Hour) }), `session.updated {"changed":["expires_at"]}`},
		{"a session's metadata", session1(func(e *session.Entry) { e.Metadata = map[string]any{"n": int64(1)} }), `session.updated {"changed":["metadata"]}`},
		{"a session's end", session1(func(e *session.Entry) { e.EndedAt, e.EndReason = ptr(noon), session.SignedOut }), `session.ended {"reason":"signed_out"}`},
		{"a session's end again", session1(func(e *session.Entry) {}), ``},
		{"a sign-in", func() error {
			insertCode(t, b, code(o, 1, noon))
			_, err := b.RedeemCode(ctx, login.Redemption{Hash: code(o, 1, noon).Hash, Session: session.Entry{Record: signIn}})
			return err
		}, `session.signed_in {}`},

		{"settings", organization(func(o *directory.Organization) *directory.SessionEnd {
			o.Name, o.Policy.MaxSessions, o.Portal.ReturnHosts = "New", 3, []string{"app.example.com"}
			return nil
		}), `organization.updated {"changed":["name","max_sessions","return_hosts"]}`},
		{"a block", organization(func(o *directory.Organization) *directory.SessionEnd {
			o.BlockedAt, o.Generation = ptr(noon), 1
			return &directory.SessionEnd{Reason: session.OrganizationBlocked, At: noon}
		}), `organization.blocked {"sessions_ended":true}`},
		{"an unblock", organization(func(o *directory.Organization) *directory.SessionEnd { o.BlockedAt = nil; return nil }), `organization.unblocked {}`},
		{"all sessions", organization(func(o *directory.Organization) *directory.SessionEnd {
			o.Generation = 2
			return &directory.SessionEnd{Reason: session.RevokedByIssuer, At: noon}
		}), `organization.sessions_ended {"reason":"revoked"}`},

		{"an endpoint's URL", endpoint(func(e *webhook.Endpoint) { e.URL, e.Kinds = "https://other.example/", nil }), `webhook_endpoint.updated {"changed":["url","kinds"]}`},
		{"an endpoint's secret", endpoint(func(e *webhook.Endpoint) { e.OldSecret, e.Secret = e.Secret, webhook.NewSecret() }), `webhook_endpoint.secret_rotated {}`},
		{"a failing endpoint", endpoint(func(e *webhook.Endpoint) { e.FailingAt = ptr(noon) }), ``},
		{"an endpoint that is gone", func() error {
			return b.SaveAttempts(ctx, e.ID.Key(), []webhook.Attempt{{State: webhook.Failed, Gone: true, At: noon, NextAt: noon}})
		}, `webhook_endpoint.updated {"changed":["enabled"]}`},
		{"a deleted endpoint", func() error { _, err := b.DeleteEndpoint(ctx, o.ID.Key(), e.ID); return err }, `webhook_endpoint.deleted {}`},

		{"an access token's scopes", accessToken(func(t *directory.AccessToken) { t.Scopes, t.Comment = t.Scopes[:1], "secret plan" }),
			`access_token.updated {"changed":["scopes","comment"],"scopes":["` + string(directory.AllScopes()[0]) + `"]}`},
		{"a use of an access token", func() error { return b.TouchAccessToken(ctx, a.ID.Key(), noon) }, ``},
		{"a revoked access token", accessToken(func(t *directory.AccessToken) { t.RevokedAt = ptr(noon) }), `access_token.revoked {}`},

		{"an operator's session", func() error {
			r := record(token.NewID(noon), c)
			r.ReadOnly, r.Impersonated = true, true
			_, err := b.InsertSession(ctx, session.Entry{Record: r})
			same(t, r.Impersonated)(impersonated(ctx, b, r.ID.Key()))
			return err
		}, `session.impersonated {}`},

		{"a deleted customer", roster(func(r *directory.Roster) {
			r.Customer.DeletedAt, r.Customer.Email = ptr(noon), nil
			for i := range r.Members {
				r.Members[i].DeletedAt = ptr(noon)
			}
			r.Ended = append(r.Ended, directory.SessionEnd{Reason: session.CustomerDeleted, At: noon})
		}), `customer.deleted {"sessions_ended":true,"anonymized":true}`},
	} {
		check(t, test.change())
		var got []string
		now := entriesOf(t, b, o)
		for _, e := range now[n:] {
			got = append(got, string(e.Action)+" "+e.Details)
			holder := e.Action == audit.SignedIn && e.Actor.Kind == audit.Customer && e.ActorID == c.ID && e.Actor.Session == signIn.ID
			if !holder && e.ActorID != a.ID || e.Actor.IP != "192.0.2.1" || e.Organization != o.ID || e.Target.ID.IsZero() {
				t.Errorf("%s: the entry is %+v", test.name, e)
			}
		}
		if text := strings.Join(got, "; "); text != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, text, test.want)
		}
		n = len(now)
	}
	personal := []string{"ada@", "bob@", "robert", "new@", "Alice", "secret plan", "hooks.acme", "other.example"}
	check(t, audit.New(b, time.Now, audit.Options{}).Export(t.Context(), audit.Query{}, func(e *audit.Entry) error {
		line, err := e.Line()
		for _, text := range personal {
			if strings.Contains(string(line), text) {
				t.Errorf("the entry contains %q: %s", text, line)
			}
		}
		return err
	}))
}

func impersonated(ctx context.Context, b Backend, key token.Key) (bool, bool, error) {
	e, found, err := b.Entry(ctx, key)
	return e.Impersonated, found, err
}

// undoneChanges checks that a change that is rolled back leaves no entry.
func undoneChanges(t *testing.T, b Backend) {
	o, a := organization(t, b, "acme")
	c := customer(t, b, o, "ada@example.com")
	other := customer(t, b, o, "bob@example.com")
	n := len(entriesOf(t, b, o))
	refused := errors.New("refused")
	for name, change := range map[string]func(ctx context.Context) error{
		"access token": func(ctx context.Context) error {
			return changeAccessToken(ctx, b, o.ID, a.ID, func(t *directory.AccessToken) error { t.RevokedAt = ptr(noon); return refused })
		},
		"customer": func(ctx context.Context) error {
			_, _, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { r.Customer.Name = ptr("x"); return refused })
			return err
		},
		"conflict": func(ctx context.Context) error {
			taken, _, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { r.Customer.Email = other.Email; return nil })
			if taken.Email {
				return refused
			}
			return fmt.Errorf("no conflict: %w", err)
		},
		"slug": func(ctx context.Context) error {
			if inserted, err := b.InsertOrganization(ctx, directory.Organization{ID: token.NewID(noon), Slug: "acme"}, a); err != nil || inserted {
				return err
			}
			return refused
		},
	} {
		if err := change(t.Context()); !errors.Is(err, refused) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if now := entriesOf(t, b, o); len(now) != n {
		t.Errorf("the refused changes left entries: %+v", now[n:])
	}
}

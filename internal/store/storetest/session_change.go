package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// sessionEntry inserts a session of the customer that was created at the given time. It returns the session as the store should
// return it.
func sessionEntry(t *testing.T, b Backend, c directory.Customer, at time.Time) session.Entry {
	t.Helper()
	e := session.Entry{Record: record(token.NewID(at), c), CustomerID: c.ID, Metadata: map[string]any{"n": int64(1)}, CreatedBy: session.Client{IP: "::1", UserAgent: "ä"}}
	e.CreatedAt, e.ExpiresAt = at, at.Add(session.DefaultLifetime)
	succeeds(t)(b.InsertSession(t.Context(), e))
	return e
}

// sessionChanges checks that a change of expiry, metadata or end is stored, and that a failed change stores nothing.
func sessionChanges(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	e, bystander := sessionEntry(t, b, c, noon), sessionEntry(t, b, c, noon)
	same(t, e)(b.Entry(ctx, e.ID.Key()))
	at := noon.Add(time.Minute)
	edit := func(f func(e *session.Entry) error) (bool, error) {
		t.Helper()
		return b.ChangeSession(ctx, e.ID.Key(), func(now *session.Entry) error {
			if diff := cmp.Diff(e, *now); diff != "" {
				t.Errorf("a change sees another session:\n%s", diff)
			}
			return f(now)
		})
	}
	refusal := errors.New("no")
	if _, err := edit(func(now *session.Entry) error { now.ExpiresAt = at; return refusal }); !errors.Is(err, refusal) {
		t.Errorf("a change that fails: %v", err)
	}
	same(t, e)(b.Entry(ctx, e.ID.Key()))
	succeeds(t)(edit(func(now *session.Entry) error {
		now.ExpiresAt, now.Metadata, now.ModifiedAt = at.Add(time.Hour), map[string]any{"b": 1.0}, &at
		return nil
	}))
	e.ExpiresAt, e.Metadata, e.ModifiedAt = at.Add(time.Hour), map[string]any{"b": 1.0}, &at
	same(t, e)(b.Entry(ctx, e.ID.Key()))
	same(t, e.Record)(b.Session(ctx, e.ID.Key()))
	for _, reason := range []session.Reason{"ä reason", "another"} { // the first end counts
		succeeds(t)(edit(func(now *session.Entry) error {
			if now.EndedAt == nil {
				now.EndedAt, now.EndReason = &at, reason
			}
			return nil
		}))
		e.EndedAt, e.EndReason = &at, "ä reason"
		same(t, e)(b.Entry(ctx, e.ID.Key()))
	}
	none[session.Record](t)(b.Session(ctx, e.ID.Key()))
	same(t, bystander)(b.Entry(ctx, bystander.ID.Key()))
	none[session.Entry](t)(b.Entry(ctx, 42))
	if found, err := b.ChangeSession(ctx, 42, func(*session.Entry) error { t.Error("called"); return nil }); found || err != nil {
		t.Errorf("a change of a session that does not exist: %v, %v", found, err)
	}
	log, err := b.OrganizationRevocations(ctx, o.ID.Key(), 0, 10)
	check(t, err)
	want := []session.NamedRevocation{{Revocation: session.Revocation{
		Organization: o.ID.Key(), Customer: c.ID.Key(), Session: e.ID.Key(), Generation: 1, Reason: "ä reason", At: at}, CustomerID: c.ID, SessionID: e.ID}}
	if len(log) == 1 {
		want[0].Seq = log[0].Seq
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("the log differs:\n%s", diff)
	}
}

// sessionUses checks that a later use replaces an earlier one, and that an earlier use does not replace a later one.
func sessionUses(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	e, bystander := sessionEntry(t, b, c, noon), sessionEntry(t, b, c, noon)
	for _, tt := range []struct {
		after time.Duration
		by    session.Client
		moves bool
	}{
		{time.Minute, session.Client{IP: "203.0.113.7", UserAgent: "first"}, true},
		{2 * time.Minute, session.Client{}, true},
		{time.Minute, session.Client{IP: "203.0.113.8", UserAgent: "late"}, false},
	} {
		check(t, b.RecordUses(ctx, []session.Use{{Session: 42, At: noon}, {Session: e.ID.Key(), At: noon.Add(tt.after), Client: tt.by}}))
		if tt.moves {
			e.LastUsedAt, e.LastUsedBy = noon.Add(tt.after), tt.by
		}
		same(t, e)(b.Entry(ctx, e.ID.Key()))
		same(t, e.Record)(b.Session(ctx, e.ID.Key()))
	}
	same(t, bystander)(b.Entry(ctx, bystander.ID.Key()))
}

// sessionPages checks lists of the sessions of an organization, by customer, member and state.
func sessionPages(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	team, other, far := customer(t, b, o, "a@example.com"), customer(t, b, o, "b@example.com"), customer(t, b, elsewhere, "c@example.com")
	m := member(team, directory.Owner, "o@example.com", 1)
	change(t, b, team.ID, func(r *directory.Roster) { r.Members = append(r.Members, m) })
	sessionEntry(t, b, far, noon)
	var all []token.Key
	add := func(c directory.Customer, of *directory.Member, lifetime, idle, seen time.Duration) token.Key {
		e := session.Entry{Record: record(token.NewID(noon.Add(time.Duration(len(all))*time.Second)), c)}
		e.CreatedAt, e.ExpiresAt, e.IdleTimeout = noon, noon.Add(lifetime), idle
		if of != nil {
			e.Kind, e.Member = token.Member, of.ID.Key()
		}
		succeeds(t)(b.InsertSession(ctx, e))
		if seen > 0 {
			check(t, b.RecordUses(ctx, []session.Use{{Session: e.ID.Key(), At: noon.Add(seen)}}))
		}
		all = append(all, e.ID.Key())
		return all[len(all)-1]
	}
	const hour = time.Hour
	own, ofMember := add(team, nil, 4*hour, 0, 0), add(team, &m, 4*hour, 0, 0)
	short, used, silent := add(other, nil, 2*hour, 0, 0), add(other, nil, 4*hour, hour, 2*hour), add(other, nil, 4*hour, hour, 0)
	ended := add(other, nil, 4*hour, 0, 0)
	succeeds(t)(b.ChangeSession(ctx, ended, func(e *session.Entry) error { e.EndedAt = ptr(noon); return nil }))
	now := noon.Add(2 * hour)
	for _, tt := range []struct {
		name string
		q    session.Query
		want []token.Key
	}{
		{"all", session.Query{}, []token.Key{ended, silent, used, short, ofMember, own}},
		{"the oldest", session.Query{Oldest: true}, all},
		{"a customer's", session.Query{Customer: team.ID.Key()}, []token.Key{ofMember, own}},
		{"a member's", session.Query{Member: m.ID.Key()}, []token.Key{ofMember}},
		{"a customer's own", session.Query{Customer: team.ID.Key(), ExactMember: true}, []token.Key{own}},
		{"the live", session.Query{State: session.Live}, []token.Key{used, ofMember, own}},
		{"the expired", session.Query{State: session.Expired}, []token.Key{silent, short}},
		{"the revoked", session.Query{State: session.Revoked}, []token.Key{ended}},
		{"somebody else's", session.Query{Customer: far.ID.Key()}, nil},
	} {
		q := tt.q
		q.Organization, q.Now, q.Limit = o.ID.Key(), now, 2
		var got []token.Key
		for q.Page = 1; q.Page <= 4; q.Page++ {
			page, total, err := b.Entries(ctx, q)
			check(t, err)
			if total != len(tt.want) {
				t.Errorf("%s: there are %d on page %d, wanted %d", tt.name, total, q.Page, len(tt.want))
			}
			for _, e := range page {
				got = append(got, e.ID.Key())
				if q.State != "" && e.State(now) != q.State {
					t.Errorf("%s: %d is %s", tt.name, e.ID.Key(), e.State(now))
				}
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, wanted %v", tt.name, got, tt.want)
		}
	}
}

// limitedCreates checks that a create with a limit of sessions ends the oldest ones.
func limitedCreates(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c, other := customer(t, b, o, "a@example.com"), customer(t, b, o, "b@example.com")
	bystander := sessionEntry(t, b, c, noon)
	var keys []token.Key
	for i := range 6 { // all created within one millisecond, in which keys are not ordered
		e := session.Entry{Record: record(token.NewID(noon), other)}
		e.CreatedAt = noon.Add(time.Duration(i) * time.Microsecond)
		if inserted, err := b.InsertSessionWithOptions(ctx, e, session.InsertOptions{MaxSessions: 2, Reason: "many"}); !inserted || err != nil {
			t.Fatalf("with a limit: %v, %v", inserted, err)
		}
		keys = append(keys, e.ID.Key())
		for j, key := range keys {
			got, _, err := b.Entry(ctx, key)
			check(t, err)
			if live := j >= i-1; (got.EndedAt == nil) != live || !live && got.EndReason != "many" {
				t.Errorf("of %d sessions, session %d ended at %v, reason %q", i+1, j, got.EndedAt, got.EndReason)
			}
		}
	}
	same(t, bystander)(b.Entry(ctx, bystander.ID.Key()))
}

// organizationChanges checks that changes of the name, policy, portal settings and generation are stored, and that a new
// generation ends the sessions.
func organizationChanges(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	c, far := customer(t, b, o, "a@example.com"), customer(t, b, elsewhere, "a@example.com")
	e, bystander := sessionEntry(t, b, c, noon), sessionEntry(t, b, far, noon)
	want := o
	edit := func(f func(o *directory.Organization) *directory.SessionEnd) {
		t.Helper()
		succeeds(t)(b.ChangeOrganization(ctx, o.ID.Key(), func(now *directory.Organization) *directory.SessionEnd {
			if diff := cmp.Diff(want, *now); diff != "" {
				t.Errorf("a change sees another organization:\n%s", diff)
			}
			ended := f(now)
			want = *now
			return ended
		}))
		same(t, want)(b.Organization(ctx, o.ID.Key()))
	}
	edit(func(o *directory.Organization) *directory.SessionEnd {
		o.Policy = directory.Policy{MaxLifetime: time.Hour, MaxSessions: 3, KeepOnBlock: true}
		return nil
	})
	edit(func(o *directory.Organization) *directory.SessionEnd {
		o.Name = "Änderung \"1\""
		o.Portal = directory.PortalSettings{
			AccentColor: "#3366ff", LogoURL: "https://example.com/ö.png", ReturnURL: "https://example.com/?a=b&c='", ReturnHosts: []string{"example.com", "*.example.org"}, ApplicationHosts: []string{"app.example.com"},
			OneTimeLinks: true,
		}
		return nil
	})
	edit(func(o *directory.Organization) *directory.SessionEnd {
		o.Portal = directory.PortalSettings{}
		return nil
	})
	edit(func(o *directory.Organization) *directory.SessionEnd { o.BlockedAt = ptr(noon); return nil })
	same(t, e.Record)(b.Session(ctx, e.ID.Key()))
	for i := range 3 {
		edit(func(o *directory.Organization) *directory.SessionEnd {
			o.Generation++
			return &directory.SessionEnd{Reason: session.Reason(fmt.Sprint("end ", i)), At: noon.Add(time.Duration(i) * time.Second)}
		})
		e.EndedAt, e.EndReason = ptr(noon), "end 0"
		same(t, e)(b.Entry(ctx, e.ID.Key()))
	}
	none[session.Record](t)(b.Session(ctx, e.ID.Key()))
	same(t, bystander)(b.Entry(ctx, bystander.ID.Key()))
	same(t, elsewhere)(b.Organization(ctx, elsewhere.ID.Key()))
	if found, err := b.ChangeOrganization(ctx, 42, func(*directory.Organization) *directory.SessionEnd { t.Error("called"); return nil }); found || err != nil {
		t.Errorf("a change of an organization that does not exist: %v, %v", found, err)
	}
	blocked, err := b.OrganizationRevocations(ctx, o.ID.Key(), 0, 1) // the block makes streams check their access tokens, and ends no session
	if err != nil || len(blocked) != 1 || blocked[0].Generation != 0 {
		t.Fatalf("the row of the block: %+v, %v", blocked, err)
	}
	after := blocked[0].Seq
	for i := range 4 { // one row per page
		log, err := b.OrganizationRevocations(ctx, o.ID.Key(), after, 1)
		check(t, err)
		if i == 3 && len(log) == 0 {
			break
		}
		if len(log) != 1 || string(log[0].Reason) != fmt.Sprint("end ", i) || log[0].Generation != uint32(i+1) || log[0].CustomerID != (token.ID{}) {
			t.Fatalf("page %d of the log: %+v", i, log)
		}
		after = log[0].Seq
	}
	if log, err := b.OrganizationRevocations(ctx, elsewhere.ID.Key(), 0, 10); err != nil || len(log) != 0 {
		t.Errorf("another organization's log: %+v, %v", log, err)
	}
}

// twoEndsInOneChange ends a member's sessions twice in one change, which appends two rows of the same generation to the log. It
// checks that the first row determines the time and the reason.
func twoEndsInOneChange(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	m := member(c, directory.Owner, "o@example.com", 1)
	change(t, b, c.ID, func(r *directory.Roster) { r.Members = append(r.Members, m) })
	e := session.Entry{Record: record(token.NewID(noon), c), CustomerID: c.ID, MemberID: m.ID, Metadata: map[string]any{}}
	e.Kind, e.Member = token.Member, m.ID.Key()
	succeeds(t)(b.InsertSession(t.Context(), e))
	change(t, b, c.ID, func(r *directory.Roster) {
		for i, reason := range []session.Reason{"first", "second"} {
			r.Members[0].Generation++
			r.Ended = append(r.Ended, directory.SessionEnd{Member: m.ID.Key(), Reason: reason, At: noon.Add(time.Duration(1+i) * time.Minute)})
		}
	})
	e.EndedAt, e.EndReason = ptr(noon.Add(time.Minute)), "first"
	same(t, e)(b.Entry(t.Context(), e.ID.Key()))
	at := noon.Add(time.Hour)
	change(t, b, c.ID, func(r *directory.Roster) { // a session that has already ended does not change
		r.Members[0].DeletedAt, r.Customer.DeletedAt = &at, &at
		r.Customer.Generation++
		r.Ended = append(r.Ended, directory.SessionEnd{Reason: "customer", At: at})
	})
	same(t, e)(b.Entry(t.Context(), e.ID.Key()))
}

// sweepMixedLifetimes checks that a sweep finds expired sessions and idempotency keys behind many sessions that live longer.
func sweepMixedLifetimes(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	now := noon.Add(10 * time.Hour)
	var wg sync.WaitGroup
	const long = 1100 // more than a sweep reads at once
	for worker := range 16 {
		wg.Go(func() {
			for i := range long / 16 {
				// Parallel tests move the clock of NewID back and forth. Keys of different milliseconds cannot collide.
				id := token.NewID(noon.Add(-time.Duration(worker*long+i) * time.Millisecond))
				e := session.Entry{Record: record(id, c)}
				e.ExpiresAt = noon.Add(session.MaxLifetime)
				succeeds(t)(b.InsertSession(ctx, e))
			}
		})
	}
	wg.Wait()
	sooner, later := sessionEntry(t, b, c, noon.Add(time.Hour)), sessionEntry(t, b, c, now.Add(-90*time.Minute))
	for i, until := range []time.Time{now.Add(-2 * time.Hour), now} {
		e := session.Entry{Record: record(token.NewID(noon), c)}
		e.ExpiresAt = now
		succeeds(t)(b.InsertSessionWithOptions(ctx, e, session.InsertOptions{Claim: claimOf(o, byte(i), until)}))
	}
	if n, err := b.Sweep(ctx, now); n != 2 || err != nil { // a session and an idempotency key
		t.Errorf("%d rows were deleted, %v, wanted 2", n, err)
	}
	none[session.Entry](t)(b.Entry(ctx, sooner.ID.Key()))
	same(t, later)(b.Entry(ctx, later.ID.Key()))
}

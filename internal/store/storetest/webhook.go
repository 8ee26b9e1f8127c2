package storetest

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

func endpoint(t *testing.T, b Backend, o directory.Organization, kinds ...webhook.Kind) webhook.Endpoint {
	t.Helper()
	e := webhook.Endpoint{
		ID: token.NewID(noon), Organization: o.ID, URL: "https://hooks.acme.example/", Kinds: kinds, Secret: webhook.NewSecret(), Enabled: true, CreatedAt: noon,
	}
	succeeds(t)(b.InsertEndpoint(t.Context(), e, 0, nil))
	return e
}

// insertAnnounced inserts a session whose creation and end emit events.
func insertAnnounced(t *testing.T, b Backend, c directory.Customer, end time.Time) session.Entry {
	t.Helper()
	e := session.Entry{Record: record(token.NewID(noon), c), Announce: true}
	e.Generations, e.IdleTimeout, e.ExpiresAt = session.Generations{Customer: c.Generation}, 0, end
	succeeds(t)(b.InsertSession(t.Context(), e))
	return e
}

// deliveryCount returns the number of deliveries of the organization's events.
func deliveryCount(t *testing.T, b Backend, o directory.Organization) int {
	t.Helper()
	_, total, err := b.Deliveries(t.Context(), webhook.DeliveryQuery{Organization: o.ID.Key(), Page: webhook.Page{Number: 1, Limit: 1}})
	check(t, err)
	return total
}

// webhookSubscriptions checks that an event is stored only if an enabled endpoint of the organization subscribes to it.
func webhookSubscriptions(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	silent, _ := organization(t, b, "deaf")
	c, other := customer(t, b, o, "a@example.com"), customer(t, b, silent, "a@example.com")
	signals := 0
	b.OnEvent(func() { signals++ })
	insertAnnounced(t, b, other, noon.Add(time.Hour))
	if n := deliveryCount(t, b, silent); n != 0 || signals != 0 {
		t.Errorf("%d deliveries and %d notifications without an endpoint", n, signals)
	}
	for slug, want := range map[string]bool{"acme": false, "deaf": false} {
		if found, _, err := b.OrganizationBySlug(ctx, slug); err != nil || found.Webhooks != want {
			t.Errorf("%s has webhooks: %v, %v", slug, found.Webhooks, err)
		}
	}
	all := endpoint(t, b, o, webhook.Kinds()...)
	some := endpoint(t, b, o, webhook.SessionRevoked)
	if found, _, err := b.OrganizationBySlug(ctx, "acme"); err != nil || !found.Webhooks {
		t.Errorf("acme has webhooks: %v, %v", found.Webhooks, err)
	}
	e := insertAnnounced(t, b, c, noon.Add(time.Hour))
	if n := deliveryCount(t, b, o); n != 1 || signals != 1 {
		t.Errorf("%d deliveries and %d notifications for a new session", n, signals)
	}
	_, err := b.ChangeSession(ctx, e.ID.Key(), func(e *session.Entry) error {
		e.EndedAt, e.EndReason = ptr(noon), "fraud"
		return nil
	})
	check(t, err)
	if n := deliveryCount(t, b, o); n != 3 {
		t.Errorf("%d deliveries after the end of a session, wanted 3", n)
	}
	for _, tt := range []struct {
		of   webhook.Endpoint
		want int
	}{{all, 1}, {some, 1}} { // only the first event of a session is due
		due, err := b.DueDeliveries(ctx, tt.of.ID.Key(), noon, 10)
		if err != nil || len(due) != tt.want {
			t.Errorf("%d are due: %v", len(due), err)
		}
	}
	disable := func(e *webhook.Endpoint) error {
		e.Enabled = false
		return nil
	}
	for _, e := range []webhook.Endpoint{all, some} {
		if found, err := b.ChangeEndpoint(ctx, e.ID.Key(), noon, disable); !found || err != nil {
			t.Errorf("disable: %v, %v", found, err)
		}
	}
	if found, _, err := b.OrganizationBySlug(ctx, "acme"); err != nil || found.Webhooks {
		t.Errorf("with all disabled, acme has webhooks: %v, %v", found.Webhooks, err)
	}
	if due, err := b.DueEndpoints(ctx, noon.Add(time.Hour), 0, 10); err != nil || len(due) != 0 {
		t.Errorf("disabled endpoints are due: %v, %v", due, err)
	}
	if found, err := b.DeleteEndpoint(ctx, silent.ID.Key(), all.ID); found || err != nil {
		t.Errorf("another organization's endpoint is deleted: %v, %v", found, err)
	}
	if found, err := b.DeleteEndpoint(ctx, o.ID.Key(), all.ID); !found || err != nil {
		t.Errorf("delete: %v, %v", found, err)
	}
	if n := deliveryCount(t, b, o); n != 1 {
		t.Errorf("%d deliveries are left", n)
	}
}

// webhookEnds checks that each session has exactly one end event, even if several processes check the session while it is
// ended.
func webhookEnds(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c, gone := customer(t, b, o, "a@example.com"), customer(t, b, o, "b@example.com")
	endpoint(t, b, o, webhook.SessionExpired, webhook.SessionRevoked)
	end := noon.Add(10 * time.Minute)
	const each = 60
	var expiring []session.Entry
	for range each {
		expiring = append(expiring, insertAnnounced(t, b, c, end))
		insertAnnounced(t, b, gone, end.Add(time.Hour))
	}
	later := insertAnnounced(t, b, c, end.Add(time.Microsecond))
	change(t, b, gone.ID, func(r *directory.Roster) {
		r.Customer.Generation++
		r.Ended = append(r.Ended, directory.SessionEnd{Reason: "moved", At: noon})
	})
	var wg sync.WaitGroup
	if n, err := b.PendingEnds(ctx, o.ID.Key(), end); n == 0 || err != nil {
		t.Errorf("%d ends are pending before the first check: %v", n, err)
	}
	if n, err := b.PendingEnds(ctx, 1, end); n != 0 || err != nil {
		t.Errorf("%d ends of another organization are pending: %v", n, err)
	}
	for range 4 {
		wg.Go(func() {
			for range 3 * each {
				if _, err := b.EmitEndEvents(ctx, end, 7); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for _, e := range slices.Backward(expiring) {
			if _, err := b.ChangeSession(ctx, e.ID.Key(), func(e *session.Entry) error {
				e.EndedAt, e.EndReason = ptr(noon), "fraud"
				return nil
			}); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	list, total, err := b.Deliveries(ctx, webhook.DeliveryQuery{Organization: o.ID.Key(), Page: webhook.Page{Number: 1, Limit: 1000}})
	check(t, err)
	if total != 2*each || len(list) != total {
		t.Errorf("%d events for %d ends", total, 2*each)
	}
	if n, err := b.EmitEndEvents(ctx, end, 10); n != 0 || err != nil {
		t.Errorf("%d checks are still due: %v", n, err)
	}
	if n, err := b.PendingEnds(ctx, o.ID.Key(), end); n != 0 || err != nil {
		t.Errorf("%d ends are still pending: %v", n, err)
	}
	if _, err := b.EmitEndEvents(ctx, end.Add(time.Microsecond), 10); err != nil {
		t.Error(err)
	}
	list, total, err = b.Deliveries(ctx, webhook.DeliveryQuery{Organization: o.ID.Key(), Page: webhook.Page{Number: 1, Limit: 1}})
	if err != nil || total != 2*each+1 || list[0].Event.Kind != webhook.SessionExpired || !list[0].Event.At.Equal(later.ExpiresAt) {
		t.Errorf("%d, %+v, %v", total, list, err)
	}
}

// webhookLateUse checks that a first use that is stored after the end of the session still has its event, once, and that nothing
// stays due.
func webhookLateUse(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c, moved := customer(t, b, o, "a@example.com"), customer(t, b, o, "b@example.com")
	endpoint(t, b, o, webhook.Kinds()...)
	revoked, together, unused := insertAnnounced(t, b, c, noon.Add(time.Hour)), insertAnnounced(t, b, moved, noon.Add(time.Hour)), insertAnnounced(t, b, c, noon.Add(time.Hour))
	for _, e := range []session.Entry{revoked, unused} {
		_, err := b.ChangeSession(ctx, e.ID.Key(), func(e *session.Entry) error {
			e.EndedAt, e.EndReason = ptr(noon), "fraud"
			return nil
		})
		check(t, err)
	}
	change(t, b, moved.ID, func(r *directory.Roster) {
		r.Customer.Generation++
		r.Ended = append(r.Ended, directory.SessionEnd{Reason: "moved", At: noon})
	})
	_, err := b.EmitEndEvents(ctx, noon, 10)
	check(t, err)
	for range 2 {
		check(t, b.RecordUses(ctx, []session.Use{{Session: revoked.ID.Key(), At: noon, First: true}, {Session: together.ID.Key(), At: noon, First: true}}))
	}
	if n, err := b.PendingEnds(ctx, o.ID.Key(), noon.Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("%d ends are pending after all events were emitted: %v", n, err)
	}
	later := noon.Add(time.Minute)
	if n, err := b.EmitEndEvents(ctx, later, 10); n != 3 || err != nil {
		t.Errorf("%d ended watches were deleted, want 3: %v", n, err)
	}
	if n, err := b.EmitEndEvents(ctx, noon.Add(2*time.Hour), 10); n != 0 || err != nil {
		t.Errorf("%d watches are left: %v", n, err)
	}
	list, _, err := b.Deliveries(ctx, webhook.DeliveryQuery{Organization: o.ID.Key(), Page: webhook.Page{Number: 1, Limit: 20}})
	check(t, err)
	got := map[webhook.Kind]int{}
	for _, d := range list {
		got[d.Event.Kind]++
	}
	if want := map[webhook.Kind]int{webhook.SessionCreated: 3, webhook.SessionRevoked: 3, webhook.SessionFirstUsed: 2}; !maps.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

// webhookOrder checks that the deliveries of one session are due one after another, whether the first succeeds or fails.
func webhookOrder(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	hook := endpoint(t, b, o, webhook.Kinds()...)
	e := insertAnnounced(t, b, c, noon.Add(time.Hour))
	check(t, b.RecordUses(ctx, []session.Use{{Session: e.ID.Key(), At: noon, First: true}, {Session: e.ID.Key(), At: noon.Add(1), First: true}}))
	_, err := b.ChangeSession(ctx, e.ID.Key(), func(e *session.Entry) error {
		e.EndedAt, e.EndReason = ptr(noon), "fraud"
		return nil
	})
	check(t, err)
	now := noon
	for i, what := range []webhook.State{webhook.Pending, webhook.Succeeded, webhook.Failed, webhook.Succeeded} {
		due, err := b.DueDeliveries(ctx, hook.ID.Key(), now, 10)
		if err != nil || len(due) != 1 {
			t.Fatalf("step %d: %d are due: %v", i, len(due), err)
		}
		next := now.Add(time.Minute)
		check(t, b.SaveAttempts(ctx, hook.ID.Key(), []webhook.Attempt{{Seq: due[0].Seq, State: what, At: now, NextAt: next, Error: "status"}}))
		if what == webhook.Pending {
			if due, err := b.DueEndpoints(ctx, next.Add(-1), 0, 10); err != nil || len(due) != 0 {
				t.Errorf("deliveries behind a failed one are due: %v, %v", due, err)
			}
			now = next
		}
	}
	if due, err := b.DueEndpoints(ctx, now.Add(time.Hour), 0, 10); err != nil || len(due) != 0 {
		t.Errorf("still due: %v, %v", due, err)
	}
	list, _, err := b.Deliveries(ctx, webhook.DeliveryQuery{Organization: o.ID.Key(), Page: webhook.Page{Number: 1, Limit: 10}})
	check(t, err)
	var kinds []webhook.Kind
	for _, d := range slices.Backward(list) {
		kinds = append(kinds, d.Event.Kind)
	}
	if !slices.Equal(kinds, []webhook.Kind{webhook.SessionCreated, webhook.SessionFirstUsed, webhook.SessionRevoked}) {
		t.Errorf("%v", kinds)
	}
	if found, _, err := b.Endpoint(ctx, hook.ID.Key()); err != nil || found.FailingAt != nil {
		t.Errorf("failing_at after a success: %+v, %v", found, err)
	}
	failed := list[1].Event.ID
	if found, err := b.Redeliver(ctx, o.ID.Key()+1, failed, now); found || err != nil {
		t.Errorf("another organization's event is sent again: %v, %v", found, err)
	}
	if found, err := b.Redeliver(ctx, o.ID.Key(), failed, now); !found || err != nil {
		t.Errorf("redeliver: %v, %v", found, err)
	}
	if due, err := b.DueDeliveries(ctx, hook.ID.Key(), now, 10); err != nil || len(due) != 1 || due[0].Event != failed || due[0].Attempts != 0 {
		t.Errorf("%+v, %v", due, err)
	}
	for late := range 2 { // events are kept for 30 days
		if _, err := b.Sweep(ctx, noon.Add(30*24*time.Hour+time.Duration(late)*time.Second)); err != nil {
			t.Error(err)
		}
	}
	if n := deliveryCount(t, b, o); n != 0 {
		t.Errorf("%d deliveries after 30 days", n)
	}
}

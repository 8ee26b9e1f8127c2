package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

func types(events []received) []string {
	var list []string
	for _, e := range events {
		list = append(list, e.Type)
	}
	return list
}

// of are the types of the events of one session, in the order in which they arrived.
func of(events []received, session string) string {
	var list []string
	for _, e := range events {
		if e.Data.ID == session {
			list = append(list, e.Type)
		}
	}
	return strings.Join(list, " ")
}

// The whole life of sessions is told, in order, and each end once.
func TestWebhooksTellOfSessions(t *testing.T) {
	h := newHouse(t, false, ownMachine, limited("off"))
	r := newReceiver(t)
	c := h.customer()
	before := h.create(sessions, `{"external_customer_id":"user_1"}`) // from before there was an endpoint
	h.subscribe(r)
	revoked := h.create(sessions, `{"external_customer_id":"user_1"}`)
	expiring := h.create(sessions, `{"external_customer_id":"user_1","expires_in":600}`)
	idle := h.create(sessions, `{"external_customer_id":"user_1","idle_timeout":900}`)
	extended := h.create(sessions, `{"external_customer_id":"user_1","expires_in":600}`)
	repeated := h.as(h.token, "POST", sessions, `{"external_customer_id":"user_1"}`, "Idempotency-Key", "k")
	h.as(h.token, "POST", sessions, `{"external_customer_id":"user_1"}`, "Idempotency-Key", "k")
	if events := r.waitFor(5); len(events) != 5 || slices.ContainsFunc(events, func(e received) bool { return e.Type != "session.created" }) {
		t.Fatalf("%v", types(events))
	}
	h.as(h.token, "PATCH", sessions+extended.ID, `{"expires_in":7200}`)

	for range 3 { // of many uses, the first is told
		h.as(revoked.Token, "GET", introspect, "")
		h.advance(2 * time.Minute)
	}
	events := r.waitFor(6)
	if last := events[5]; last.Type != "session.first_used" || last.Data.ID != revoked.ID || last.Data.LastSeenAt == nil {
		t.Errorf("%s", last.body)
	}
	h.as(h.token, "DELETE", sessions+revoked.ID+"?reason=fraud", "")
	events = r.waitFor(7)
	if last := events[6]; last.Type != "session.revoked" || last.Data.ID != revoked.ID || last.Data.State != "revoked" || *last.Data.EndReason != "fraud" {
		t.Errorf("%s", last.body)
	}
	h.advance(4*time.Minute - time.Microsecond) // a microsecond before the end of expiring
	h.advance(time.Microsecond)
	events = r.waitFor(8)
	if last := events[7]; last.Type != "session.expired" || last.Data.ID != expiring.ID || last.Data.State != "expired" ||
		!last.Timestamp.Equal(start.Add(10*time.Minute)) {
		t.Errorf("%s", last.body)
	}
	h.advance(6 * time.Minute)
	events = r.waitFor(9)
	if last := events[8]; last.Type != "session.expired" || last.Data.ID != idle.ID || !last.Timestamp.Equal(start.Add(15*time.Minute)) {
		t.Errorf("%s", last.body)
	}

	h.as(h.token, "POST", sessions+"revoke", `{"customer_id":"`+c.ID+`","reason":"moved"}`)
	events = r.waitFor(12) // of all that were live, each
	var made made
	if err := json.Unmarshal([]byte(repeated.body), &made); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{before.ID, extended.ID, made.ID} {
		i := slices.IndexFunc(events, func(e received) bool { return e.Data.ID == id && e.Type == "session.revoked" })
		if i < 0 || *events[i].Data.EndReason != "moved" || events[i].Data.State != "revoked" {
			t.Errorf("of %s was told %q", id, of(events, id))
		}
	}
	h.advance(24 * time.Hour)
	h.create(sessions, `{"external_customer_id":"user_1"}`) // is behind everything else
	events = r.waitFor(13)
	for id, want := range map[string]string{
		before.ID: "session.revoked", revoked.ID: "session.created session.first_used session.revoked", idle.ID: "session.created session.expired",
		expiring.ID: "session.created session.expired", extended.ID: "session.created session.revoked", made.ID: "session.created session.revoked",
	} {
		if got := of(events, id); got != want {
			t.Errorf("of %s was told %q, wanted %q", id, got, want)
		}
	}
	if len(events) != 13 {
		t.Errorf("%v", types(events))
	}
}

// What is not taken is sent again, later and later; the events of one session wait for it, and those of others do not.
func TestWebhooksAreSentAgain(t *testing.T) {
	h := newHouse(t, false, ownMachine, limited("off"))
	r := newReceiver(t)
	h.customer()
	h.subscribe(r)
	var poison string
	r.set(func(e received) int {
		if poison == "" {
			poison = e.Data.ID
		}
		if e.Data.ID == poison {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	bad := h.create(sessions, `{"external_customer_id":"user_1"}`)
	r.waitForTries(1)
	h.as(h.token, "DELETE", sessions+bad.ID, "")
	good := h.create(sessions, `{"external_customer_id":"user_1"}`)
	h.as(h.token, "DELETE", sessions+good.ID, "")
	if events := r.waitFor(2); of(events, good.ID) != "session.created session.revoked" || len(events) != 2 {
		t.Errorf("%v", types(events))
	}

	tries := 1
	for _, wait := range []time.Duration{5, 10, 20, 40, 80} {
		wait *= time.Second
		eventually(t, "the attempt to be written down", func() bool {
			return slices.ContainsFunc(h.deliveries("state=pending"), func(d webhookDelivery) bool { return d.Attempts == tries })
		})
		d := h.deliveries("state=pending")
		next, err := time.Parse(time.RFC3339, *d[len(d)-1].NextAttemptAt)
		now := start.Add(time.Duration(h.elapsed.Load()))
		if in := next.Sub(now); err != nil || in > wait || in < wait*9/10 {
			t.Errorf("attempt %d is in %s, wanted up to %s: %v", tries+1, in, wait, err)
		}
		h.advance(wait)
		tries++
		if tried := r.waitForTries(tries); len(tried) != tries || tried[tries-1].ID != tried[0].ID || tried[tries-1].body != tried[0].body {
			t.Errorf("attempt %d: %v", tries, types(tried))
		}
	}
	r.status(http.StatusOK)
	h.advance(time.Hour)
	if events := r.waitFor(4); of(events, bad.ID) != "session.created session.revoked" || len(events) != 4 {
		t.Errorf("%v", types(events))
	}
	eventually(t, "nothing to be pending", func() bool { return len(h.deliveries("state=pending")) == 0 })
	if d := h.deliveries("state=succeeded"); len(d) != 4 {
		t.Errorf("%+v", d)
	}
}

// After three days an event is given up, and the endpoint says so until it takes another; the event can be sent again by hand.
func TestWebhooksAreGivenUp(t *testing.T) {
	h := newHouse(t, false, ownMachine, limited("off"))
	r := newReceiver(t)
	h.customer()
	e := h.subscribe(r, "session.created")
	r.status(http.StatusBadGateway)
	h.create(sessions, `{"external_customer_id":"user_1"}`)
	for i, wait := range []time.Duration{71 * time.Hour, time.Hour - time.Minute, 2 * time.Minute} {
		eventually(t, "the attempt to be written down", func() bool { return h.deliveries("state=pending")[0].Attempts == i+1 })
		h.advance(wait)
	}
	eventually(t, "it to be given up", func() bool { return len(h.deliveries("state=failed")) == 1 })
	if e := h.endpoint("GET", endpoints+"/"+e.ID, 200, ""); e.FailingSince == nil || !e.Enabled || e.Secret != "" {
		t.Errorf("%+v", e)
	}
	failed := h.deliveries("state=failed")[0]
	if failed.HTTPCode == nil || *failed.HTTPCode != 502 || *failed.Error != "status" || failed.NextAttemptAt != nil || failed.Attempts != 4 {
		t.Errorf("%+v", failed)
	}
	r.status(http.StatusOK)
	if a := h.as(h.token, "POST", "/v1/webhooks/events/"+failed.WebhookEvent.ID+"/redeliver", ""); a.status != 202 || a.body != "null" {
		t.Errorf("redeliver: %d %s", a.status, a.body)
	}
	if events := r.waitFor(1); events[0].ID != failed.WebhookEvent.ID {
		t.Errorf("%s", events[0].body)
	}
	eventually(t, "the endpoint to be well again", func() bool {
		return h.endpoint("GET", endpoints+"/"+e.ID, 200, "").FailingSince == nil
	})
	h.as(h.token, "POST", "/v1/webhooks/events/"+failed.WebhookEvent.ID+"/redeliver", "")
	if events := r.waitFor(2); events[1].ID != events[0].ID || events[1].body != events[0].body {
		t.Errorf("%s", events[1].body)
	}
	if a := h.as(h.token, "POST", "/v1/webhooks/events/00000000-0000-4000-8000-000000000000/redeliver", ""); a.status != 404 {
		t.Errorf("an unknown event: %d", a.status)
	}
}

func TestWebhookSecretsRotate(t *testing.T) {
	h := newHouse(t, false, ownMachine, limited("off"))
	r := newReceiver(t)
	h.customer()
	e := h.subscribe(r, "session.created")
	newer := h.endpoint("POST", endpoints+"/"+e.ID+"/secret", 200, "")
	if newer.Secret == e.Secret || !strings.HasPrefix(newer.Secret, "whsec_") {
		t.Errorf("the secret is %q", newer.Secret)
	}
	for i, secret := range []string{e.Secret, newer.Secret} { // either is good for a day
		r.knows(secret)
		h.create(sessions, `{"external_customer_id":"user_1"}`)
		r.waitFor(i + 1)
	}
	h.advance(24 * time.Hour)
	h.create(sessions, `{"external_customer_id":"user_1"}`)
	r.waitFor(3) // under the new one
	if a := h.as(h.token, "GET", endpoints, ""); strings.Contains(a.body, "whsec_") || !strings.Contains(a.body, `"secret":null`) {
		t.Errorf("the list: %s", a.body)
	}
}

// 410 disables an endpoint; what happens meanwhile is lost, what waited is not.
func TestWebhookEndpointGone(t *testing.T) {
	h := newHouse(t, false, ownMachine, limited("off"))
	r := newReceiver(t)
	h.customer()
	e := h.subscribe(r)
	r.status(http.StatusGone)
	h.create(sessions, `{"external_customer_id":"user_1"}`)
	eventually(t, "the endpoint to be disabled", func() bool { return !h.endpoint("GET", endpoints+"/"+e.ID, 200, "").Enabled })
	h.create(sessions, `{"external_customer_id":"user_1"}`)
	r.status(http.StatusOK)
	h.endpoint("PATCH", endpoints+"/"+e.ID, 200, `{"enabled":true}`)
	after := h.create(sessions, `{"external_customer_id":"user_1"}`)
	if events := r.waitFor(1); len(events) != 1 || events[0].Data.ID != after.ID {
		t.Errorf("%v", types(events))
	}
	h.advance(time.Hour)
	events := r.waitFor(4) // the ends of all three
	if n := strings.Count(strings.Join(types(events), " "), "session.expired"); n != 3 || len(events) != 4 {
		t.Errorf("%v", types(events))
	}
	if a := h.as(h.token, "DELETE", endpoints+"/"+e.ID, ""); a.status != 204 {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
	if d := h.deliveries(""); len(d) != 0 {
		t.Errorf("deliveries of no endpoint: %+v", d)
	}
}

// A receiver that hangs holds up no other, and none is led elsewhere.
func TestWebhooksAmongBadReceivers(t *testing.T) {
	h := newHouse(t, false, ownMachine, limited("off"))
	slow, elsewhere, good := newReceiver(t), newReceiver(t), newReceiver(t)
	free := make(chan struct{})
	slow.set(func(received) int { <-free; return 200 })
	defer close(free)
	elsewhere.status(http.StatusTemporaryRedirect)
	h.customer()
	for _, r := range []*receiver{slow, elsewhere, good} {
		h.subscribe(r, "session.created")
	}
	for range 20 {
		h.create(sessions, `{"external_customer_id":"user_1"}`)
	}
	good.waitFor(20)
	elsewhere.waitForTries(20)
	eventually(t, "the redirects to be written down", func() bool {
		return slices.ContainsFunc(h.deliveries("state=pending"), func(d webhookDelivery) bool { return d.Error != nil && *d.Error == "redirect" && *d.HTTPCode == 307 })
	})
	if taken, tried := elsewhere.got(); len(taken) > 0 || len(tried) > 20 {
		t.Errorf("%d and %d", len(taken), len(tried))
	}
}

// Without leave, nothing is sent to where the server's neighbours are, whatever the name says.
func TestWebhooksStayOutside(t *testing.T) {
	r := newReceiver(t)
	h := newHouse(t, false, limited("off"))
	if a := h.as(h.token, "POST", endpoints, `{"url":"`+r.server.URL+`","events":["session.created"]}`); a.status != 422 || !strings.Contains(a.body, "https://") {
		t.Errorf("http: %d %s", a.status, a.body)
	}
	h.customer()
	port := r.server.URL[strings.LastIndex(r.server.URL, ":"):]
	urls := []string{"https://127.0.0.1", "https://localhost", "https://[::1]", "https://[::ffff:127.0.0.1]", "https://2130706433", "https://0.0.0.0", "https://169.254.169.254"}
	for _, url := range urls {
		h.endpoint("POST", endpoints, 201, `{"url":"`+url+port+`/","events":["session.created"]}`)
	}
	h.create(sessions, `{"external_customer_id":"user_1"}`)
	eventually(t, "all to be refused", func() bool {
		n := 0
		for _, d := range h.deliveries("") {
			if d.Error != nil {
				n++
			}
		}
		return n == len(urls)
	})
	for _, d := range h.deliveries("") {
		if *d.Error != "forbidden_address" || d.HTTPCode != nil {
			t.Errorf("%s %v", *d.Error, d.HTTPCode)
		}
	}
}

func TestWebhookRefusals(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	for body, want := range map[string]string{
		`{"url":"https://hooks.example/","events":[]}`:                                   "at least one event",
		`{"url":"https://hooks.example/","events":["order.paid"]}`:                       "'session.created', 'session.first_used'",
		`{"url":"https://hooks.example/"}`:                                               `"loc":["body","events"],"msg":"Field required"`,
		`{"events":["session.created"]}`:                                                 `"loc":["body","url"],"msg":"Field required"`,
		`{"url":"ftp://hooks.example/","events":["session.created"]}`:                    "URL scheme",
		`{"url":"https://u:p@hooks.example/","events":["session.created"]}`:              "a user or a password",
		`{"url":"https://hooks.example/","events":["session.created"],"format":"slack"}`: "Input should be 'raw'",
	} {
		if a := h.as(h.token, "POST", endpoints, body); a.status != 422 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s, wanted %s", body, a.status, a.body, want)
		}
	}
	const good = `{"url":"https://hooks.acme.example/","events":["session.created","session.created"],"name":" x "}`
	var first endpoint
	for i := range 10 {
		if e := h.endpoint("POST", endpoints, 201, good); i == 0 {
			first = e
		}
	}
	if a := h.as(h.token, "POST", endpoints, good); a.status != 422 || !strings.Contains(a.body, "at most 10") {
		t.Errorf("the eleventh: %d %s", a.status, a.body)
	}
	if a := h.as(h.token, "PATCH", endpoints+"/"+first.ID, `{"name":null,"url":"https://other.example","events":["login.failed"]}`); a.status != 200 ||
		!strings.Contains(a.body, `"url":"https://other.example/","name":null`) || !strings.Contains(a.body, `"events":["login.failed"]`) {
		t.Errorf("update: %d %s", a.status, a.body)
	}
	other, err := h.postern.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "bolt"})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"GET ", "PATCH ", "DELETE ", "POST /secret"} {
		method, rest, _ := strings.Cut(at, " ")
		body := ""
		if method == "PATCH" {
			body = `{}`
		}
		if a := h.as(other.AccessToken, method, endpoints+"/"+first.ID+rest, body); a.status != 404 {
			t.Errorf("another organization's %s: %d %s", at, a.status, a.body)
		}
	}
	if a := h.as(other.AccessToken, "GET", endpoints, ""); !strings.Contains(a.body, `"items":[]`) {
		t.Errorf("another organization's list: %s", a.body)
	}
}

// A login that fails is told of where it is known whose it was.
func TestWebhooksTellOfFailedLogins(t *testing.T) {
	h := newHouse(t, false, ownMachine, limited("off"))
	r := newReceiver(t)
	c := h.customer()
	h.subscribe(r, "login.failed")
	const authenticate = "/v1/customer-portal/customer-session/authenticate"
	wrong := func(body string) {
		t.Helper()
		if a := h.ask("POST", authenticate, body); a.status != 401 {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	wrong(`{"code":"AAAAAA"}`) // whose, nobody knows
	wrong(`{"code":"AAAAAA","customer_id":"` + c.ID + `"}`)
	if e := r.waitFor(1)[0]; e.Type != "login.failed" || e.Data.Reason != "unknown_code" || e.Data.CustomerID != c.ID || e.Data.Email != nil {
		t.Errorf("%s", e.body)
	}
	mails := newMailroom(t, h.mail)
	h.ask("POST", "/v1/customer-portal/customer-session/request", fmt.Sprintf(`{"organization_id":%q,"email":"ada@example.com"}`, h.org))
	code := mails.secret("ada@example.com")
	h.advance(30 * time.Minute)
	wrong(`{"code":"` + code + `"}`)
	events := r.waitFor(2)
	if e := events[1]; e.Data.Reason != "expired_code" || *e.Data.Email != "ada@example.com" || strings.Contains(e.body, code) {
		t.Errorf("%s", e.body)
	}
	if len(events) != 2 {
		t.Errorf("%v", types(events))
	}
}

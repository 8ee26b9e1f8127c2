package wiretest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

func eventTypes(events []webhookEvent) []string {
	var list []string
	for _, e := range events {
		list = append(list, e.Type)
	}
	return list
}

// eventTypesOf returns the types of the events of one session, in the order of arrival.
func eventTypesOf(events []webhookEvent, session string) string {
	var list []string
	for _, e := range events {
		if e.Data.ID == session {
			list = append(list, e.Type)
		}
	}
	return strings.Join(list, " ")
}

// The events of a session arrive in order, and the end of a session is sent once.
func TestWebhookSessionEvents(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	r := newReceiver(t)
	c := srv.Ada()
	before := srv.Create(sessions, `{"external_customer_id":"user_1"}`) // created before the endpoint
	subscribe(srv, r)
	revoked := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	expiring := srv.Create(sessions, `{"external_customer_id":"user_1","expires_in":600}`)
	idle := srv.Create(sessions, `{"external_customer_id":"user_1","idle_timeout":900}`)
	extended := srv.Create(sessions, `{"external_customer_id":"user_1","expires_in":600}`)
	repeated := srv.As(srv.Token, "POST", sessions, `{"external_customer_id":"user_1"}`, "Idempotency-Key", "k")
	srv.As(srv.Token, "POST", sessions, `{"external_customer_id":"user_1"}`, "Idempotency-Key", "k")
	if events := r.waitFor(5); len(events) != 5 || slices.ContainsFunc(events, func(e webhookEvent) bool { return e.Type != "session.created" }) {
		t.Fatalf("%v", eventTypes(events))
	}
	srv.As(srv.Token, "PATCH", sessions+extended.ID, `{"expires_in":7200}`)

	for range 3 { // only the first use sends an event
		srv.As(revoked.Token, "GET", introspect, "")
		srv.Advance(2 * time.Minute)
	}
	events := r.waitFor(6)
	if last := events[5]; last.Type != "session.first_used" || last.Data.ID != revoked.ID || last.Data.LastSeenAt == nil {
		t.Errorf("%s", last.body)
	}
	srv.As(srv.Token, "DELETE", sessions+revoked.ID+"?reason=fraud", "")
	events = r.waitFor(7)
	if last := events[6]; last.Type != "session.revoked" || last.Data.ID != revoked.ID || last.Data.State != "revoked" || *last.Data.EndReason != "fraud" {
		t.Errorf("%s", last.body)
	}
	srv.Advance(4*time.Minute - time.Microsecond) // a microsecond before the end of expiring
	srv.Advance(time.Microsecond)
	events = r.waitFor(8)
	if last := events[7]; last.Type != "session.expired" || last.Data.ID != expiring.ID || last.Data.State != "expired" ||
		!last.Timestamp.Equal(testserver.Start.Add(10*time.Minute)) {
		t.Errorf("%s", last.body)
	}
	srv.Advance(6 * time.Minute)
	events = r.waitFor(9)
	if last := events[8]; last.Type != "session.expired" || last.Data.ID != idle.ID || !last.Timestamp.Equal(testserver.Start.Add(15*time.Minute)) {
		t.Errorf("%s", last.body)
	}

	srv.As(srv.Token, "POST", sessions+"revoke", `{"customer_id":"`+c.ID+`","reason":"moved"}`)
	events = r.waitFor(12) // one event for each live session
	var made testserver.Created
	if err := json.Unmarshal([]byte(repeated.Body), &made); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{before.ID, extended.ID, made.ID} {
		i := slices.IndexFunc(events, func(e webhookEvent) bool { return e.Data.ID == id && e.Type == "session.revoked" })
		if i < 0 || *events[i].Data.EndReason != "moved" || events[i].Data.State != "revoked" {
			t.Errorf("the events of %s are %q", id, eventTypesOf(events, id))
		}
	}
	srv.Advance(24 * time.Hour)
	srv.Create(sessions, `{"external_customer_id":"user_1"}`) // its event arrives after all others
	events = r.waitFor(13)
	for id, want := range map[string]string{
		before.ID: "session.revoked", revoked.ID: "session.created session.first_used session.revoked", idle.ID: "session.created session.expired",
		expiring.ID: "session.created session.expired", extended.ID: "session.created session.revoked", made.ID: "session.created session.revoked",
	} {
		if got := eventTypesOf(events, id); got != want {
			t.Errorf("the events of %s are %q, want %q", id, got, want)
		}
	}
	if len(events) != 13 {
		t.Errorf("%v", eventTypes(events))
	}
}

// A session that is used and ended within a second has all three events, in this order.
func TestWebhooksOfAShortSession(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback)
	r := newReceiver(t)
	srv.Ada()
	subscribe(srv, r)
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	srv.As(s.Token, "GET", introspect, "")
	srv.As(srv.Token, "DELETE", sessions+s.ID, "")
	if events := r.waitFor(3); eventTypesOf(events, s.ID) != "session.created session.first_used session.revoked" {
		t.Errorf("%v", eventTypes(events))
	}
}

// A rejected event is sent again with growing delays. Later events of the same session wait for it; other events do not.
func TestWebhookRetries(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	r := newReceiver(t)
	srv.Ada()
	subscribe(srv, r)
	var poison string
	r.setAnswer(func(e webhookEvent) int {
		if poison == "" {
			poison = e.Data.ID
		}
		if e.Data.ID == poison {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	bad := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	r.waitForRejected(1)
	srv.As(srv.Token, "DELETE", sessions+bad.ID, "")
	good := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	srv.As(srv.Token, "DELETE", sessions+good.ID, "")
	if events := r.waitFor(2); eventTypesOf(events, good.ID) != "session.created session.revoked" || len(events) != 2 {
		t.Errorf("%v", eventTypes(events))
	}

	tries := 1
	for _, wait := range []time.Duration{5, 10, 20, 40, 80} {
		wait *= time.Second
		eventually(t, "the attempt to be written down", func() bool {
			return slices.ContainsFunc(listDeliveries(srv, "state=pending"), func(d webhookDelivery) bool { return d.Attempts == tries })
		})
		d := listDeliveries(srv, "state=pending")
		next, err := time.Parse(time.RFC3339, *d[len(d)-1].NextAttemptAt)
		now := testserver.Start.Add(time.Duration(srv.Elapsed()))
		if in := next.Sub(now); err != nil || in > wait || in < wait*9/10 {
			t.Errorf("attempt %d is in %s, want up to %s: %v", tries+1, in, wait, err)
		}
		srv.Advance(wait)
		tries++
		if tried := r.waitForRejected(tries); len(tried) != tries || tried[tries-1].ID != tried[0].ID || tried[tries-1].body != tried[0].body {
			t.Errorf("attempt %d: %v", tries, eventTypes(tried))
		}
	}
	r.setStatus(http.StatusOK)
	srv.Advance(time.Hour)
	if events := r.waitFor(4); eventTypesOf(events, bad.ID) != "session.created session.revoked" || len(events) != 4 {
		t.Errorf("%v", eventTypes(events))
	}
	eventually(t, "nothing to be pending", func() bool { return len(listDeliveries(srv, "state=pending")) == 0 })
	if d := listDeliveries(srv, "state=succeeded"); len(d) != 4 {
		t.Errorf("%+v", d)
	}
}

// After three days the delivery of an event fails. The endpoint is marked as failing until it accepts another event. A failed
// event can be sent again by request.
func TestWebhookDeliveryFailsAfterThreeDays(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	r := newReceiver(t)
	srv.Ada()
	e := subscribe(srv, r, "session.created")
	r.setStatus(http.StatusBadGateway)
	srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	for i, wait := range []time.Duration{71 * time.Hour, time.Hour - time.Minute, 2 * time.Minute} {
		eventually(t, "the attempt to be written down", func() bool { return listDeliveries(srv, "state=pending")[0].Attempts == i+1 })
		srv.Advance(wait)
	}
	eventually(t, "it to be given up", func() bool { return len(listDeliveries(srv, "state=failed")) == 1 })
	if e := requestEndpoint(srv, "GET", endpoints+"/"+e.ID, 200, ""); e.FailingSince == nil || !e.Enabled || e.Secret != "" {
		t.Errorf("%+v", e)
	}
	failed := listDeliveries(srv, "state=failed")[0]
	if failed.HTTPCode == nil || *failed.HTTPCode != 502 || *failed.Error != "status" || failed.NextAttemptAt != nil || failed.Attempts != 4 {
		t.Errorf("%+v", failed)
	}
	r.setStatus(http.StatusOK)
	if a := srv.As(srv.Token, "POST", "/v1/webhooks/events/"+failed.WebhookEvent.ID+"/redeliver", ""); a.Status != 202 || a.Body != "null" {
		t.Errorf("redeliver: %d %s", a.Status, a.Body)
	}
	if events := r.waitFor(1); events[0].ID != failed.WebhookEvent.ID {
		t.Errorf("%s", events[0].body)
	}
	eventually(t, "the endpoint to be well again", func() bool {
		return requestEndpoint(srv, "GET", endpoints+"/"+e.ID, 200, "").FailingSince == nil
	})
	srv.As(srv.Token, "POST", "/v1/webhooks/events/"+failed.WebhookEvent.ID+"/redeliver", "")
	if events := r.waitFor(2); events[1].ID != events[0].ID || events[1].body != events[0].body {
		t.Errorf("%s", events[1].body)
	}
	if a := srv.As(srv.Token, "POST", "/v1/webhooks/events/00000000-0000-4000-8000-000000000000/redeliver", ""); a.Status != 404 {
		t.Errorf("an unknown event: %d", a.Status)
	}
}

func TestWebhookSecretsRotate(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	r := newReceiver(t)
	srv.Ada()
	e := subscribe(srv, r, "session.created")
	newer := requestEndpoint(srv, "POST", endpoints+"/"+e.ID+"/secret", 200, "")
	if newer.Secret == e.Secret || !strings.HasPrefix(newer.Secret, "whsec_") {
		t.Errorf("the secret is %q", newer.Secret)
	}
	for i, secret := range []string{e.Secret, newer.Secret} { // for a day, events are signed with both secrets
		r.setSecrets(secret)
		srv.Create(sessions, `{"external_customer_id":"user_1"}`)
		r.waitFor(i + 1)
	}
	srv.Advance(24 * time.Hour)
	srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	r.waitFor(3) // signed with the new secret
	if a := srv.As(srv.Token, "GET", endpoints, ""); strings.Contains(a.Body, "whsec_") || !strings.Contains(a.Body, `"secret":""`) {
		t.Errorf("the list: %s", a.Body)
	}
}

// The status 410 disables an endpoint. Events in the meantime are lost.
func TestWebhookEndpointThatAnswersGoneIsDisabled(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	r := newReceiver(t)
	srv.Ada()
	e := subscribe(srv, r)
	r.setStatus(http.StatusGone)
	srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	eventually(t, "the endpoint to be disabled", func() bool { return !requestEndpoint(srv, "GET", endpoints+"/"+e.ID, 200, "").Enabled })
	srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	r.setStatus(http.StatusOK)
	requestEndpoint(srv, "PATCH", endpoints+"/"+e.ID, 200, `{"enabled":true}`)
	after := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	if events := r.waitFor(1); len(events) != 1 || events[0].Data.ID != after.ID {
		t.Errorf("%v", eventTypes(events))
	}
	srv.Advance(time.Hour)
	events := r.waitFor(4) // all three sessions end
	if n := strings.Count(strings.Join(eventTypes(events), " "), "session.expired"); n != 3 || len(events) != 4 {
		t.Errorf("%v", eventTypes(events))
	}
	if a := srv.As(srv.Token, "DELETE", endpoints+"/"+e.ID, ""); a.Status != 204 {
		t.Errorf("delete: %d %s", a.Status, a.Body)
	}
	if d := listDeliveries(srv, ""); len(d) != 0 {
		t.Errorf("deliveries of no endpoint: %+v", d)
	}
}

// A receiver that hangs does not delay the others, and redirects are not followed.
func TestBadWebhookReceiversDelayNoOthers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	slow, elsewhere, good := newReceiver(t), newReceiver(t), newReceiver(t)
	free := make(chan struct{})
	slow.setAnswer(func(webhookEvent) int { <-free; return 200 })
	defer close(free)
	elsewhere.setStatus(http.StatusTemporaryRedirect)
	srv.Ada()
	for _, r := range []*receiver{slow, elsewhere, good} {
		subscribe(srv, r, "session.created")
	}
	for range 20 {
		srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	}
	good.waitFor(20)
	elsewhere.waitForRejected(20)
	eventually(t, "the redirects to be written down", func() bool {
		return slices.ContainsFunc(listDeliveries(srv, "state=pending"), func(d webhookDelivery) bool { return d.Error != nil && *d.Error == "redirect" && *d.HTTPCode == 307 })
	})
	if taken, tried := elsewhere.all(); len(taken) > 0 || len(tried) > 20 {
		t.Errorf("%d and %d", len(taken), len(tried))
	}
}

// Events are not sent to private addresses unless the configuration allows it.
func TestWebhooksToPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	srv := testserver.New(t, testserver.RateLimits("off"))
	if a := srv.As(srv.Token, "POST", endpoints, `{"url":"`+r.server.URL+`","events":["session.created"]}`); a.Status != 422 || !strings.Contains(a.Body, "https://") {
		t.Errorf("http: %d %s", a.Status, a.Body)
	}
	srv.Ada()
	port := r.server.URL[strings.LastIndex(r.server.URL, ":"):]
	urls := []string{"https://127.0.0.1", "https://localhost", "https://[::1]", "https://[::ffff:127.0.0.1]", "https://2130706433", "https://0.0.0.0", "https://169.254.169.254"}
	for _, url := range urls {
		requestEndpoint(srv, "POST", endpoints, 201, `{"url":"`+url+port+`/","events":["session.created"]}`)
	}
	srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	eventually(t, "all to be refused", func() bool {
		n := 0
		for _, d := range listDeliveries(srv, "") {
			if d.Error != nil {
				n++
			}
		}
		return n == len(urls)
	})
	for _, d := range listDeliveries(srv, "") {
		if *d.Error != "forbidden_address" || d.HTTPCode != nil {
			t.Errorf("%s %v", *d.Error, d.HTTPCode)
		}
	}
}

func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	for body, want := range map[string]string{
		`{"url":"https://hooks.example/","events":[]}`:                                   "at least one event",
		`{"url":"https://hooks.example/","events":["order.paid"]}`:                       "'session.created', 'session.first_used'",
		`{"url":"https://hooks.example/"}`:                                               `"loc":["body","events"],"msg":"Field required"`,
		`{"events":["session.created"]}`:                                                 `"loc":["body","url"],"msg":"Field required"`,
		`{"url":"ftp://hooks.example/","events":["session.created"]}`:                    "URL scheme",
		`{"url":"https://u:p@hooks.example/","events":["session.created"]}`:              "a user or a password",
		`{"url":"https://hooks.example/","events":["session.created"],"format":"slack"}`: "Input should be 'raw'",
	} {
		if a := srv.As(srv.Token, "POST", endpoints, body); a.Status != 422 || !strings.Contains(a.Body, want) {
			t.Errorf("%s: %d %s, want %s", body, a.Status, a.Body, want)
		}
	}
	const good = `{"url":"https://hooks.acme.example/","events":["session.created","session.created"],"name":" x "}`
	var first endpoint
	for i := range 10 {
		if e := requestEndpoint(srv, "POST", endpoints, 201, good); i == 0 {
			first = e
		}
	}
	if a := srv.As(srv.Token, "POST", endpoints, good); a.Status != 403 || !strings.Contains(a.Body, "already has 10 webhook endpoints") {
		t.Errorf("the eleventh: %d %s", a.Status, a.Body)
	}
	if a := srv.As(srv.Token, "PATCH", endpoints+"/"+first.ID, `{"name":null,"url":"https://other.example","events":["login.failed"]}`); a.Status != 200 ||
		!strings.Contains(a.Body, `"url":"https://other.example/","name":null`) || !strings.Contains(a.Body, `"events":["login.failed"]`) {
		t.Errorf("update: %d %s", a.Status, a.Body)
	}
	other := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt"})
	for _, at := range []string{"GET ", "PATCH ", "DELETE ", "POST /secret"} {
		method, rest, _ := strings.Cut(at, " ")
		body := ""
		if method == "PATCH" {
			body = `{}`
		}
		if a := srv.As(other.AccessToken, method, endpoints+"/"+first.ID+rest, body); a.Status != 404 {
			t.Errorf("another organization's %s: %d %s", at, a.Status, a.Body)
		}
	}
	if a := srv.As(other.AccessToken, "GET", endpoints, ""); !strings.Contains(a.Body, `"items":[]`) {
		t.Errorf("another organization's list: %s", a.Body)
	}
}

// A failed login sends an event if the customer is known.
func TestWebhookFailedLoginEvents(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	r := newReceiver(t)
	c := srv.Ada()
	subscribe(srv, r, "login.failed")
	const authenticate = "/v1/customer-portal/customer-session/authenticate"
	wrong := func(body string) {
		t.Helper()
		if a := srv.Request("POST", authenticate, body); a.Status != 401 {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	wrong(`{"code":"AAAAAA"}`) // the customer is unknown
	wrong(`{"code":"AAAAAA","customer_id":"` + c.ID + `"}`)
	if e := r.waitFor(1)[0]; e.Type != "login.failed" || e.Data.Reason != "unknown_code" || e.Data.CustomerID != c.ID || e.Data.Email != nil {
		t.Errorf("%s", e.body)
	}
	mails := newMailIndex(t, srv.Mail)
	srv.Request("POST", "/v1/customer-portal/customer-session/request", fmt.Sprintf(`{"organization_id":%q,"email":"ada@example.com"}`, srv.OrgID))
	code := mails.secret("ada@example.com")
	srv.Advance(30 * time.Minute)
	wrong(`{"code":"` + code + `"}`)
	events := r.waitFor(2)
	if e := events[1]; e.Data.Reason != "expired_code" || *e.Data.Email != "ada@example.com" || strings.Contains(e.body, code) {
		t.Errorf("%s", e.body)
	}
	if len(events) != 2 {
		t.Errorf("%v", eventTypes(events))
	}
}

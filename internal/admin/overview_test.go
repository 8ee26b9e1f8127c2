package admin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

func TestOverview(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	b := srv.operator(srv.Token)
	p := b.get("/admin").is(http.StatusOK, "live sessions now", `<noscript><meta http-equiv="refresh" content="30"></noscript>`, "All numbers are those of all servers that share the store.")
	if p.number("live") != "0" || p.number("created") != "0" || p.number("verified") != "0" || p.number("refused") != "0" {
		t.Errorf("the counts of a new organization are not 0: %s", p.text)
	}
	first := srv.session(customer)
	for range 3 {
		srv.IsLive(first.Token)
	}
	srv.Advance(10 * time.Minute)
	gone := srv.session(customer)
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+gone.ID, "", nil)
	for range 2 {
		srv.IsLive(gone.Token)
	}
	p = b.get("/admin/activity").is(http.StatusOK, "As of <time")
	if p.number("live") != "1" || p.number("created") != "2" || p.number("verified") != "3" || p.number("refused") != "2" {
		t.Errorf("%s live, %s created, %s verified, %s refused", p.number("live"), p.number("created"), p.number("verified"), p.number("refused"))
	}
	if strings.Contains(p.text, "<html") || !strings.Contains(p.text, `id="activity"`) {
		t.Errorf("the part of the page is %s", p.text)
	}
	for _, row := range []string{"12:00 UTC</time></th><td>1</td><td>3</td><td>0</td>", "12:10 UTC</time></th><td>1</td><td>0</td><td>2</td>", "12:05 UTC</time></th><td>0</td><td>0</td><td>0</td>"} {
		p.is(http.StatusOK, row)
	}
	p.is(http.StatusOK, `aria-label="Verified: 3 in the last hour, at most 3 in a minute."`, "<title>12:00 UTC: 3</title>", `aria-label="Refused: 2 in the last hour, at most 2 in a minute."`)
	if n := len(regexp.MustCompile(`<rect class="all"`).FindAllString(p.text, -1)); n != 3*60+3*24 {
		t.Errorf("%d minutes and hours in six charts", n)
	}

	// The hour has the created and the ended sessions.
	p.is(http.StatusOK, "1 Oct, 12:00 UTC</time></th><td>2</td><td>0</td><td>1</td>", `aria-label="Ended early: 1 in the last 24 hours, at most 1 in an hour."`)
	if p.number("day-created") != "2" || p.number("day-logins") != "0" || p.number("day-ended") != "1" {
		t.Errorf("the day has %s created, %s logins, %s ended", p.number("day-created"), p.number("day-logins"), p.number("day-ended"))
	}

	// Another organization sees only its own numbers, and the refused requests of all organizations.
	p = srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken).get("/admin").is(http.StatusOK, ">other</span>", "whole server")
	if p.number("live") != "0" || p.number("created") != "0" || p.number("verified") != "0" || p.number("refused") != "2" {
		t.Errorf("another organization sees %s", p.text)
	}
	srv.Advance(61 * time.Minute)
	b = srv.operator(srv.Token)
	if p = b.get("/admin"); p.number("created") != "0" || p.number("refused") != "0" || p.number("live") != "0" {
		t.Errorf("the counts are not 0 after an hour: %s", p.text)
	}
}

// The number of live sessions is cached for a few seconds. Ending a session on the admin pages empties the cache.
func TestLiveCountIsCached(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	b := srv.operator(srv.Token)
	s := srv.session(customer)
	if got := b.get("/admin").number("live"); got != "1" {
		t.Errorf("%s live", got)
	}
	srv.session(customer)
	if got := b.get("/admin").number("live"); got != "1" {
		t.Errorf("%s live: the count was not cached", got)
	}
	srv.Advance(5 * time.Second)
	if got := b.get("/admin").number("live"); got != "2" {
		t.Errorf("%s live after the cache expired", got)
	}
	b.post("/admin/sessions/"+s.ID+"/end", nil)
	if got := b.get("/admin").number("live"); got != "1" {
		t.Errorf("%s live after a session was ended", got)
	}
}

// If an organization has webhooks, the pages show how many ended sessions have events to be sent.
func TestPendingEndsAreCounted(t *testing.T) {
	srv := newServer(t)
	srv.Call(srv.Token, "POST", "/v1/webhooks/endpoints", `{"url":"https://hooks.example.com/","events":["session.revoked"]}`, &testserver.Created{})
	customer := srv.ada()
	for range 20 {
		srv.session(customer)
	}
	b := srv.operator(srv.Token)
	b.get("/admin/sessions").is(http.StatusOK, "20 sessions").without(`data-test="pending-ends"`)
	srv.Call(srv.Token, "POST", "/v1/customer-sessions/revoke", `{"all":true}`, nil)
	// The server sends the events in the background, so the page may show any number of them. No session is live.
	p := b.get("/admin").is(http.StatusOK)
	if p.number("live") != "0" {
		t.Errorf("%s live", p.number("live"))
	}
	deadline := time.Now().Add(20 * time.Second)
	for strings.Contains(b.get("/admin/sessions").text, `data-test="pending-ends"`) {
		if time.Now().After(deadline) {
			t.Fatal("the number of pending events did not become 0")
		}
	}
}

package admin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// reason returns the reason of a session's end that the API shows.
func (srv *server) reason(id string) string {
	srv.T.Helper()
	var s struct {
		EndReason *string `json:"end_reason"`
	}
	srv.Call(srv.Token, "GET", "/v1/customer-sessions/"+id, "", &s)
	if s.EndReason == nil {
		return ""
	}
	return *s.EndReason
}

func TestSessionsByState(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	expired := srv.session(customer)
	srv.Advance(time.Hour)
	ended, live := srv.session(customer), srv.session(customer)
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+ended.ID+"?reason=fraud", "", nil)
	b := srv.operator(srv.Token)
	for _, base := range []string{"/admin/sessions", "/admin/customers/" + customer} {
		b.get(base).is(http.StatusOK, live.ID, "1 session").without(ended.ID, expired.ID)
		b.get(base+"?state=revoked").is(http.StatusOK, ended.ID, "fraud").without(live.ID, expired.ID, `data-test="end-session"`)
		b.get(base+"?state=expired").is(http.StatusOK, expired.ID).without(live.ID, ended.ID, `data-test="end-session"`)
		p := b.get(base+"?state=all").is(http.StatusOK, "3 sessions")
		if strings.Index(p.text, live.ID) > strings.Index(p.text, expired.ID) {
			t.Errorf("%s is not the latest first", base)
		}
		p = b.get(base + "?state=all&order=oldest")
		if strings.Index(p.text, live.ID) < strings.Index(p.text, expired.ID) {
			t.Errorf("%s is not the oldest first", base)
		}
		b.get(base+"?state=%3Cscript%3E").is(http.StatusOK, live.ID).without(ended.ID)
	}
}

func TestEndSession(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	b := srv.operator(srv.Token)
	for _, c := range []struct {
		form           url.Values
		reason, leadTo string
	}{
		{url.Values{"reason": {" lost laptop "}}, "lost laptop", "/admin/sessions/{id}"},
		{nil, "revoked", "/admin/sessions/{id}"},
		{url.Values{"back": {"sessions?state=all&q=ada"}}, "revoked", "/admin/sessions?q=ada&state=all"},
		{url.Values{"back": {"customers/" + customer}}, "revoked", "/admin/customers/" + customer},
		{url.Values{"back": {"//evil.example"}}, "revoked", "/admin/sessions/{id}"},
		{url.Values{"back": {"https://evil.example/sessions"}}, "revoked", "/admin/sessions/{id}"},
		{url.Values{"back": {"customers/../../evil"}}, "revoked", "/admin/sessions/{id}"},
		{url.Values{"reason": {strings.Repeat("é", 100)}}, strings.Repeat("é", 100), "/admin/sessions/{id}"},
	} {
		s, other := srv.session(customer), srv.session(customer)
		b.get("/admin/sessions/"+s.ID+"/end?"+c.form.Encode()).is(http.StatusOK, "End the session of Ada Lovelace", "cannot be undone")
		if !srv.IsLive(s.Token) {
			t.Fatal("the confirmation ended the session")
		}
		b.post("/admin/sessions/"+s.ID+"/end", c.form).leads(strings.Replace(c.leadTo, "{id}", s.ID, 1))
		if got := srv.reason(s.ID); srv.IsLive(s.Token) || got != c.reason || !srv.IsLive(other.Token) {
			t.Errorf("%v: %q, and the other one is live: %v", c.form, got, srv.IsLive(other.Token))
		}
		b.get("/admin/sessions/"+s.ID).is(http.StatusOK, "The session has ended.", c.reason, "This session has ended")
	}
	// The API and the page refuse the same reasons.
	s := srv.session(customer)
	long := strings.Repeat("é", 101)
	if status := srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+s.ID+"?reason="+url.QueryEscape(long), "", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("the API answers %d", status)
	}
	b.post("/admin/sessions/"+s.ID+"/end", url.Values{"reason": {long}}).is(http.StatusUnprocessableEntity, "Use at most 100 characters.", long)
	b.post("/admin/customers/"+customer+"/end", url.Values{"reason": {long}}).is(http.StatusUnprocessableEntity, "Use at most 100 characters.")
	b.get("/admin/sessions?state=all").is(http.StatusOK, "/admin/sessions/"+s.ID+"/end?back=sessions%3fstate%3dall")
	if !srv.IsLive(s.Token) {
		t.Error("a refused form took effect")
	}
}

// The search finds sessions by everything that an operator has at hand.
func TestSearchSessions(t *testing.T) {
	srv := newServer(t)
	leila := srv.CreateCustomer(`"type":"individual","email":"l@example.com","name":"Leïla Öz","external_id":"user_9"`)
	of, other := srv.session(leila), srv.session(srv.ada())
	team := srv.CreateCustomer(`"type":"team","email":"office@engines.example","name":"Engines","owner":{"email":"owner@engines.example","name":"Ada"}`)
	var members struct{ Items []testserver.Created }
	srv.Call(srv.Token, "GET", "/v1/customers/"+team+"/members?role=owner", "", &members)
	var owned testserver.Created
	srv.Call(srv.Token, "POST", "/v1/customer-sessions/", `{"customer_id":"`+team+`","member_id":"`+members.Items[0].ID+`"}`, &owned)
	srv.AddSecret(owned.Token)
	b := srv.operator(srv.Token)
	for q, want := range map[string][]string{
		"leila": {of.ID}, "LEÏLA öz": {of.ID}, "l@example.com": {of.ID}, "USER_9": {of.ID}, of.ID: {of.ID}, leila: {of.ID}, "ada": {other.ID}, "engines": {owned.ID},
		"owner@engines.example": {owned.ID}, members.Items[0].ID: {owned.ID}, "127.0.0.1": {of.ID, other.ID, owned.ID}, "::ffff:127.0.0.1": {of.ID, other.ID, owned.ID},
		"192.0.2.1": nil, "nobody": nil, "nobody@example.com": nil, srv.OrgID: nil, "": {of.ID, other.ID, owned.ID},
	} {
		p := b.get("/admin/sessions?q=" + url.QueryEscape(q)).is(http.StatusOK)
		for _, s := range []string{of.ID, other.ID, owned.ID} {
			if got := strings.Contains(p.text, "/admin/sessions/"+s+`"`); got != slices.Contains(want, s) {
				t.Errorf("the search for %q finds %s: %t", q, s, got)
			}
		}
	}
	stranger := srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken)
	for _, q := range []string{of.ID, leila, "leila", "127.0.0.1"} {
		stranger.get("/admin/sessions?q="+q).is(http.StatusOK, "No session matches the filters.")
	}
}

func TestEndSessionsOfCustomerAndMember(t *testing.T) {
	srv := newServer(t)
	team := srv.CreateCustomer(`"type":"team","email":"office@engines.example","name":"Engines","owner":{"email":"ada@engines.example","name":"Ada"}`)
	var luigi testserver.Created
	srv.Call(srv.Token, "POST", "/v1/customers/"+team+"/members", `{"email":"luigi@engines.example","role":"member"}`, &luigi)
	var members struct{ Items []testserver.Created }
	srv.Call(srv.Token, "GET", "/v1/customers/"+team+"/members?role=owner", "", &members)
	of := func(member string) (s testserver.Created) {
		srv.Call(srv.Token, "POST", "/v1/customer-sessions/", `{"customer_id":"`+team+`","member_id":"`+member+`"}`, &s)
		srv.AddSecret(s.Token)
		return s
	}
	bystander := srv.session(srv.ada())
	owners, luigis := of(members.Items[0].ID), of(luigi.ID)
	b := srv.operator(srv.Token)
	b.get("/admin/customers/"+team).is(http.StatusOK, owners.ID, luigis.ID)
	b.get("/admin/customers/"+team+"?member="+luigi.ID).is(http.StatusOK, luigis.ID, `<option value="`+luigi.ID+`" selected>`).without(owners.ID)
	for _, unknown := range []string{team, "nobody"} { // a filter that matches no member finds nothing
		b.get("/admin/customers/"+team+"?member="+unknown).is(http.StatusOK).without(owners.ID, luigis.ID)
	}
	b.get("/admin/customers/"+team+"/end?member="+luigi.ID).is(http.StatusOK, "End all sessions of luigi@engines.example", "It takes effect at once.")
	b.post("/admin/customers/"+team+"/end", url.Values{"member": {luigi.ID}, "reason": {"left"}}).leads("/admin/customers/" + team)
	b.get("/admin/customers/"+team).is(http.StatusOK, "Their tokens are no longer valid.")
	if srv.IsLive(luigis.Token) || srv.reason(luigis.ID) != "left" || !srv.IsLive(owners.Token) {
		t.Errorf("luigi's: %v for %q; the owner's: %v", srv.IsLive(luigis.Token), srv.reason(luigis.ID), srv.IsLive(owners.Token))
	}
	b.get("/admin/customers/"+team+"/end").is(http.StatusOK, "End all sessions of Engines")
	b.post("/admin/customers/"+team+"/end", nil).leads("/admin/customers/" + team)
	if srv.IsLive(owners.Token) || srv.reason(owners.ID) != "revoked" || !srv.IsLive(bystander.Token) {
		t.Errorf("the owner's: %v for %q; a bystander's: %v", srv.IsLive(owners.Token), srv.reason(owners.ID), srv.IsLive(bystander.Token))
	}
}

// Ending all sessions needs the organization's slug as confirmation.
func TestEndAllSessionsNeedsConfirmation(t *testing.T) {
	srv := newServer(t)
	s := srv.session(srv.ada())
	b := srv.operator(srv.Token)
	b.get("/admin/sessions/end").is(http.StatusOK, "Type acme to confirm", "It takes effect at once.")
	for _, typed := range []string{"", "Acme", "acme2"} {
		b.post("/admin/sessions/end", url.Values{"slug": {typed}, "reason": {"breach"}}).is(http.StatusUnprocessableEntity, "to confirm that all sessions should end", `value="breach"`)
	}
	if !srv.IsLive(s.Token) {
		t.Fatal("the session has ended")
	}
	b.post("/admin/sessions/end", url.Values{"slug": {"acme"}, "reason": {"breach"}}).leads("/admin/sessions")
	b.get("/admin/sessions").is(http.StatusOK, "All sessions of the organization have ended", "No session matches the filters.")
	if srv.IsLive(s.Token) || srv.reason(s.ID) != "breach" {
		t.Errorf("live: %v, %q", srv.IsLive(s.Token), srv.reason(s.ID))
	}
}

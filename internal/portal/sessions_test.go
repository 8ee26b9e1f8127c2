package portal_test

import (
	"net/http"
	"testing"
)

func TestEndSessions(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	bob := srv.CreateCustomer(`"type":"individual","email":"bob@example.com"`)
	here := srv.session(`"customer_id":"` + id + `"`)
	phone, third, fourth := srv.session(`"customer_id":"`+id+`"`), srv.session(`"customer_id":"`+id+`"`), srv.session(`"customer_id":"`+id+`"`)
	others := srv.session(`"customer_id":"` + bob + `"`)
	b := srv.browser()
	b.headers = []string{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}
	b.get(here.Link).leads("/acme/portal/overview")
	b.get("/acme/portal/sessions").is(http.StatusOK, "Firefox on Linux", "This device", "Opened from Acme", "!Unknown device", `value="`+phone.ID+`"`, `value="`+third.ID+`"`, `!value="`+here.ID+`"`, "!"+others.ID, "127.0.0.1")

	b.post("/acme/portal/sessions", "session", phone.ID).leads("/acme/portal/sessions")
	b.get("/acme/portal/sessions").is(http.StatusOK, "That session has been signed out.", "!"+phone.ID)
	b.post("/acme/portal/sessions", "session", others.ID).leads("/acme/portal/sessions")
	b.post("/acme/portal/sessions", "session", "nonsense").is(http.StatusBadRequest)
	b.post("/acme/portal/sessions").is(http.StatusBadRequest)
	if srv.IsLive(phone.Token) || !srv.IsLive(third.Token) || !srv.IsLive(others.Token) {
		t.Error("the wrong sessions have ended")
	}
	b.post("/acme/portal/sessions/others").leads("/acme/portal/sessions")
	b.get("/acme/portal/sessions").is(http.StatusOK, "You’ve been signed out everywhere else.", "!"+third.ID, `!id="sign-out-others"`)
	if srv.IsLive(third.Token) || srv.IsLive(fourth.Token) || !srv.IsLive(here.Token) || !srv.IsLive(others.Token) {
		t.Error("the wrong sessions have ended")
	}
	b.post("/acme/portal/sessions", "session", here.ID).leads("/acme/portal/request")
	if srv.IsLive(here.Token) {
		t.Error("the current session is still live")
	}
}

// The customer does not see the address of the organization's server, which created a session and has asked about it.
func TestSessionOpenedByTheOrganization(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	opened := srv.session(`"customer_id":"` + id + `"`)
	srv.Call(opened.Token, "GET", "/v1/customer-portal/customers/me", "", nil)
	b := srv.enter(srv.session(`"customer_id":"` + id + `"`))
	b.headers = []string{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}
	b.get("/acme/portal/sessions").is(http.StatusOK, `value="`+opened.ID+`"`, "Opened from Acme", "!Unknown device")
	var list struct {
		Items []struct {
			ID               string
			CreatedIP        *string `json:"created_ip"`
			LastSeenIP       *string `json:"last_seen_ip"`
			CreatedUserAgent *string `json:"created_user_agent"`
		}
	}
	srv.Call(opened.Token, "GET", "/v1/customer-portal/customer-sessions", "", &list)
	if len(list.Items) != 2 {
		t.Fatalf("%+v", list)
	}
	for _, s := range list.Items {
		if s.CreatedIP != nil || s.CreatedUserAgent != nil || s.ID == opened.ID && s.LastSeenIP != nil {
			t.Errorf("%+v", s)
		}
	}
}

func TestReadOnlySessionCannotEndOthers(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	other := srv.session(`"customer_id":"` + id + `"`)
	b := srv.enter(srv.session(`"customer_id":"` + id + `","scopes":["customer_portal:read"]`))
	b.get("/acme/portal/sessions").is(http.StatusOK, "!end-session", `!id="sign-out-others"`, `id="sign-out-here"`)
	b.post("/acme/portal/sessions", "session", other.ID).is(http.StatusForbidden, "read-only")
	b.post("/acme/portal/sessions/others").is(http.StatusForbidden, "read-only")
	if !srv.IsLive(other.Token) {
		t.Error("a read-only session ended another session")
	}
}

func TestEndManySessions(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	here := srv.session(`"customer_id":"` + id + `"`)
	var all []session
	for range 55 {
		all = append(all, srv.session(`"customer_id":"`+id+`"`))
	}
	b := srv.enter(here)
	b.get("/acme/portal/sessions").is(http.StatusOK, "and 6 more")
	b.post("/acme/portal/sessions/others").leads("/acme/portal/sessions")
	b.get("/acme/portal/sessions").is(http.StatusOK, "!end-session", "!more</p>")
	for _, s := range all {
		if srv.IsLive(s.Token) {
			t.Fatal("a session is still live")
		}
	}
}

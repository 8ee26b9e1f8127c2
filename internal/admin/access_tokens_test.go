package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// Only the page that creates an access token shows the token. The token has the selected scopes.
func TestCreateAccessToken(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	b.get("/admin/access-tokens").is(http.StatusOK, "1 access token", "all scopes", ">You<")
	p := b.revealing("POST", "/admin/access-tokens", url.Values{"comment": {"For <b>support</b>"}, "expires_in": {"2592000"}, "scopes": {"customers:read", "customers:read"}}, "Sec-Fetch-Site", "same-origin").
		is(http.StatusOK, "is shown only once", "For &lt;b&gt;support&lt;/b&gt;")
	token := srv.AddSecret(p.value("new-token"))
	if !strings.HasPrefix(token, "polar_oat_") || srv.Call(token, "GET", "/v1/customers/", "", nil) != http.StatusOK || srv.Call(token, "GET", "/v1/members/", "", nil) != http.StatusForbidden {
		t.Errorf("the token %.12s… does not have exactly the selected scopes", token)
	}
	b.get("/admin/access-tokens").is(http.StatusOK, "2 access tokens", "For &lt;b&gt;support&lt;/b&gt;", "31 Oct 2026, 12:00 UTC")
	srv.Advance(30 * 24 * time.Hour)
	if srv.Call(token, "GET", "/v1/customers/", "", nil) != http.StatusUnauthorized {
		t.Error("the access token does not expire as selected")
	}
}

func TestInvalidAccessTokensAreRefused(t *testing.T) {
	srv := newServer(t)
	some := srv.operator(srv.AccessToken("organization_access_tokens:write", "customers:read").Token)
	for _, c := range []struct {
		form   url.Values
		status int
		words  string
	}{
		{url.Values{"comment": {"none"}}, http.StatusUnprocessableEntity, "Select at least one scope."},
		{url.Values{"scopes": {"customers:write"}}, http.StatusUnprocessableEntity, "An access token cannot grant a scope that it does not have itself."},
		{url.Values{"scopes": {"customers:read", "root"}}, http.StatusUnprocessableEntity, "cannot grant a scope"},
		{url.Values{"scopes": {"customers:read"}, "expires_in": {"0"}}, http.StatusUnprocessableEntity, "for more than 0 seconds"},
		{url.Values{"scopes": {"customers:read"}, "expires_in": {"-1"}}, http.StatusUnprocessableEntity, "for more than 0 seconds"},
		{url.Values{"scopes": {"customers:read"}, "expires_in": {"soon"}}, http.StatusBadRequest, ""},
		{url.Values{"scopes": {"customers:read"}, "expires_in": {"99999999999"}}, http.StatusBadRequest, ""},
	} {
		some.post("/admin/access-tokens", c.form).is(c.status, c.words)
	}
	some.get("/admin/access-tokens").is(http.StatusOK, "2 access tokens")
}

func TestChangeAccessToken(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	other := srv.AccessToken("customers:read", "members:read")
	at := "/admin/access-tokens/" + other.ID
	b.get(at).is(http.StatusOK, `value="test"`, `value="customers:read" checked`, `value="members:read" checked`).without(`value="customers:write" checked`)
	b.post(at, url.Values{"comment": {"renamed"}, "scopes": {"members:read"}}).leads("/admin/access-tokens")
	b.get("/admin/access-tokens").is(http.StatusOK, "renamed", "The access token has been changed.")
	if srv.Call(other.Token, "GET", "/v1/customers/", "", nil) != http.StatusForbidden || srv.Call(other.Token, "GET", "/v1/members/", "", nil) != http.StatusOK {
		t.Error("the access token does not have the selected scopes")
	}
	b.post(at, url.Values{"comment": {"x"}}).is(http.StatusUnprocessableEntity, "Select at least one scope.")

	// An operator cannot change, rotate or revoke an access token that is stronger than the operator's.
	some := srv.operator(srv.AccessToken("organization_access_tokens:write").Token)
	some.get("/admin/access-tokens").is(http.StatusOK, "stronger than yours").without(at)
	for _, path := range []string{at, at + "/rotate", at + "/revoke"} {
		some.get(path).is(http.StatusConflict, "it has the scopes members:read")
		some.post(path, url.Values{"comment": {"again"}, "scopes": {"organization_access_tokens:write"}, "overlap": {"0"}}).is(http.StatusConflict, "it has the scopes members:read")
	}
	if srv.Call(other.Token, "GET", "/v1/members/", "", nil) != http.StatusOK {
		t.Error("an access token with fewer scopes removed a scope")
	}
	b.get(at).is(http.StatusOK, `value="renamed"`, `value="members:read" checked`)
}

// Rotating shows the new access token once, and keeps the old one valid as long as the operator selects.
func TestRotateAccessToken(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	other := srv.AccessToken("customers:read")
	at := "/admin/access-tokens/" + other.ID + "/rotate"
	b.get(at).is(http.StatusOK, "Rotate test", "for 1 day").without("you are signed out")
	b.post(at, url.Values{"overlap": {"604801"}}).is(http.StatusUnprocessableEntity, "stays valid for 0 to 604800 seconds")
	b.post(at, url.Values{"overlap": {"long"}}).is(http.StatusBadRequest)
	p := b.revealing("POST", at, url.Values{"overlap": {"3600"}}, "Sec-Fetch-Site", "same-origin").is(http.StatusOK, "is shown only once")
	made := srv.AddSecret(p.value("new-token"))
	works := func(token string, want int) {
		t.Helper()
		if got := srv.Call(token, "GET", "/v1/customers/", "", nil); got != want {
			t.Errorf("%.12s…: %d, wanted %d", token, got, want)
		}
	}
	works(made, http.StatusOK)
	works(other.Token, http.StatusOK)
	b.get("/admin/access-tokens").is(http.StatusOK, "3 access tokens", ">Child<")
	srv.Advance(time.Hour)
	works(made, http.StatusOK)
	works(other.Token, http.StatusUnauthorized)
	b = srv.operator(srv.Token)
	b.post(at, url.Values{"overlap": {"0"}}).is(http.StatusConflict, "has expired")
}

// Revoking an access token leaves the sessions that it created, unless the operator selects otherwise.
func TestRevokeAccessTokenWithSessions(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	ada := srv.ada()
	create := func() (token, session testserver.Created) {
		token = srv.AccessToken("customer_sessions:write")
		var s testserver.Created
		srv.Call(token.Token, "POST", "/v1/customer-sessions/", `{"customer_id":"`+ada+`"}`, &s)
		srv.AddSecret(s.Token)
		return token, s
	}
	for _, c := range []struct {
		form url.Values
		live bool
	}{{nil, true}, {url.Values{"end_sessions": {"yes"}}, false}} {
		token, session := create()
		b.get("/admin/access-tokens/"+token.ID+"/revoke").is(http.StatusOK, `name="end_sessions"`)
		b.post("/admin/access-tokens/"+token.ID+"/revoke", c.form).leads("/admin/access-tokens")
		if srv.IsLive(session.Token) != c.live {
			t.Errorf("%v: live %v, wanted %v", c.form, !c.live, c.live)
		}
	}
}

func TestRevokeAccessToken(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	other := srv.AccessToken("organization_access_tokens:write")
	theirs := srv.operator(other.Token)
	theirs.get("/admin/access-tokens/"+other.ID+"/revoke").is(http.StatusOK, "revoking it signs you out")
	b.get("/admin/access-tokens/"+other.ID+"/revoke").is(http.StatusOK, "Revoke test").without("revoking it signs you out")
	theirs.post("/admin/access-tokens/"+other.ID+"/revoke", nil).leads("/admin/sign-in")
	theirs.get("/admin/sign-in").is(http.StatusOK, "The access token has been revoked.")
	theirs.get("/admin").leads("/admin/sign-in")
	if srv.Call(other.Token, "GET", "/v1/organization-access-tokens/", "", nil) != http.StatusUnauthorized {
		t.Error("the revoked access token is still valid")
	}
	third := srv.AccessToken("customers:read")
	b.post("/admin/access-tokens/"+third.ID+"/revoke", nil).leads("/admin/access-tokens")
	b.get("/admin/access-tokens").is(http.StatusOK, "1 access token", "The access token has been revoked.")
	b.get("/admin/access-tokens/" + third.ID).is(http.StatusNotFound)
	b.post("/admin/access-tokens/"+third.ID+"/revoke", nil).is(http.StatusNotFound)
}

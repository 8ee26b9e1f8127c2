package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/server"
)

func TestCatchUpStoresLastUseAndDeletesExpiredSessions(t *testing.T) {
	var elapsed atomic.Int64
	s, _, accessToken := open(t, server.Config{Now: func() time.Time { return time.Now().Add(time.Duration(elapsed.Load())) }})
	var customer struct{ ID string }
	if err := json.Unmarshal(post(s, "/v1/customers/", accessToken, `{"email":"ada@example.com"}`).Body.Bytes(), &customer); err != nil {
		t.Fatal(err)
	}
	var session struct{ ID, Token string }
	if err := json.Unmarshal(post(s, "/v1/customer-sessions/", accessToken, `{"customer_id":"`+customer.ID+`"}`).Body.Bytes(), &session); err != nil {
		t.Fatal(err)
	}
	get := func(path, token string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		s.Handler().ServeHTTP(w, r)
		return w
	}
	if w := get("/v1/customer-portal/customer-session/introspect", session.Token); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}

	for _, tt := range []struct {
		ahead  time.Duration
		status int
		state  string
		seen   bool
	}{
		{0, http.StatusOK, "live", true},
		{time.Hour, http.StatusOK, "expired", true},
		{2*time.Hour + time.Second, http.StatusNotFound, "", false},
	} {
		elapsed.Store(int64(tt.ahead))
		if err := s.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		w := get("/v1/customer-sessions/"+session.ID, accessToken)
		var info struct {
			State      string
			LastSeenAt *time.Time `json:"last_seen_at"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &info); err != nil {
			t.Fatal(err)
		}
		if w.Code != tt.status || info.State != tt.state || (info.LastSeenAt != nil) != tt.seen {
			t.Errorf("after %s: %d %s", tt.ahead, w.Code, w.Body)
		}
	}
}

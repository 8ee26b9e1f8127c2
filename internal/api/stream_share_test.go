package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// A stream ends at once when its access token is revoked, loses its scope, or its organization is blocked, also in another process.
// The streams of other access tokens go on.
func TestStreamEndsWithItsAccessToken(t *testing.T) {
	for name, end := range map[string]func(srv *testserver.Server, token testserver.Created){
		"revoked": func(srv *testserver.Server, token testserver.Created) {
			srv.Must(204, srv.As(srv.Token, "DELETE", "/v1/organization-access-tokens/"+token.ID, ""))
		},
		"fewer scopes": func(srv *testserver.Server, token testserver.Created) {
			srv.Must(200, srv.As(srv.Token, "PATCH", "/v1/organization-access-tokens/"+token.ID, `{"scopes":["customers:read"]}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := testserver.New(t, testserver.RateLimits("off"))
			token := srv.AccessToken("customer_sessions:read", "customers:read")
			ending, other := srv.Listen(token.Token, ""), srv.Listen(srv.Token, "")
			began := time.Now()
			end(srv, token)
			ending.ExpectEnd()
			if took := time.Since(began); took > 5*time.Second { // less than a heartbeat
				t.Errorf("the stream ended after %s", took)
			}
			session := srv.CustomerSession(srv.Ada())
			srv.Must(200, srv.As(srv.Token, "DELETE", sessions+session.ID, ""))
			if e := other.Next(); e.CustomerSessionID == nil || string(*e.CustomerSessionID) != session.ID {
				t.Errorf("the other stream got %+v", e)
			}
		})
	}
}

// An organization can have 100 streams. Another organization gets its own.
func TestStreamsOfAnOrganizationAreBounded(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	other := srv.Neighbor("bolt")
	var open []*testserver.Stream
	for range 100 {
		open = append(open, srv.Listen(srv.Token, ""))
	}
	a := srv.As(srv.Token, "GET", revocations, "")
	if a.Status != http.StatusTooManyRequests || !strings.Contains(a.Body, `"TooManyConcurrentRequests"`) || a.Header.Get("Retry-After") != "1" {
		t.Errorf("the 101st stream: %d %s %v", a.Status, a.Body, a.Header)
	}
	other.Listen(other.Token, "")
	session := srv.CustomerSession(srv.Ada())
	srv.Must(200, srv.As(srv.Token, "DELETE", sessions+session.ID, ""))
	for i, s := range open {
		if e := s.Next(); string(*e.CustomerSessionID) != session.ID {
			t.Errorf("stream %d got %+v", i, e)
		}
	}
	open[0].Close()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a closed stream keeps its slot")
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+revocations, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+srv.Token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode == 200 {
			return
		}
	}
}

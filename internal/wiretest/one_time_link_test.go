package wiretest_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// whileStopped stops the server, calls f with a session service on its store, and starts the server again.
func whileStopped(srv *testserver.Server, f func(s *session.Service)) {
	srv.T.Helper()
	srv.Restart(func() {
		texts := srv.Config.Secrets
		if srv.Config.DatabaseURL == "" {
			text, err := os.ReadFile(filepath.Join(srv.Config.DataDir, "secret"))
			if err != nil {
				srv.T.Fatal(err)
			}
			texts = strings.Fields(string(text))
		}
		secrets, err := token.NewSecrets(texts...)
		if err != nil {
			srv.T.Fatal(err)
		}
		s := openStore(srv)
		defer s.Close()
		f(session.New(s, secrets, srv.Config.Now, session.Options{}))
	})
}

// ticketIn returns the ticket in a link to the portal, or "" if the link has the token of the session.
func ticketIn(t *testing.T, s polar.CustomerSession) string {
	t.Helper()
	u, err := url.Parse(s.CustomerPortalURL)
	if err != nil || u.Scheme != "https" || u.Host != "portal.example.com" || u.Path != "/acme/portal" {
		t.Fatalf("the link is %s", s.CustomerPortalURL)
	}
	q := u.Query()
	ticket := q.Get("ticket")
	want := url.Values{"email": {"ada@example.com"}, "customer_session_token": {s.Token}}
	if ticket != "" {
		want = url.Values{"email": {"ada@example.com"}, "ticket": {ticket}}
	}
	if q.Encode() != want.Encode() {
		t.Errorf("the link is %s", s.CustomerPortalURL)
	}
	return ticket
}

func TestOneTimeLinks(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	c := srv.Ada()
	create := func(more string, headers ...string) (s polar.CustomerSession) {
		t.Helper()
		a := srv.Must(201, srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+c.ID+`"`+more+`}`, headers...))
		if err := json.Unmarshal([]byte(a.Body), &s); err != nil {
			t.Fatal(err)
		}
		expectLive(srv, s.Token, true)
		return s
	}
	type link struct {
		ticket string
		polar.CustomerSession
	}
	with := func(s polar.CustomerSession) link { return link{ticketIn(t, s), s} }
	for more, want := range map[string]bool{"": false, `,"one_time_link":null`: false, `,"one_time_link":false`: false, `,"one_time_link":true`: true} {
		if l := with(create(more)); (l.ticket != "") != want {
			t.Errorf("by default, %s: %s", more, l.CustomerPortalURL)
		}
	}
	srv.Must(422, srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+c.ID+`","one_time_link":1}`))
	srv.Must(200, srv.As(srv.Token, "PATCH", portalSettingsPath(srv), `{"one_time_links":true}`))
	for more, want := range map[string]bool{"": true, `,"one_time_link":null`: true, `,"one_time_link":false`: false, `,"one_time_link":true`: true} {
		if l := with(create(more)); (l.ticket != "") != want {
			t.Errorf("where links are for once, %s: %s", more, l.CustomerPortalURL)
		}
	}

	good, ended, leaked, late := with(create("")), with(create("")), with(create("")), with(create(""))
	first := with(create("", "Idempotency-Key", "one"))
	again := with(create("", "Idempotency-Key", "one"))
	if first.Token != again.Token || first.ID != again.ID || first.ticket != again.ticket {
		t.Errorf("the same create makes %v with %s, and %v with %s", first, first.ticket, again, again.ticket)
	}
	srv.Must(200, srv.As(srv.Token, "DELETE", sessions+string(ended.ID), ""))
	for _, known := range []bool{true, false} {
		if got, err := srv.Postern.Leaks.End(t.Context(), leaked.ticket); err != nil || got != known {
			t.Errorf("a ticket that has leaked is known: %v, %v", got, err)
		}
	}
	expectLive(srv, leaked.Token, true)
	for _, path := range []string{introspect, user, sessions} {
		if a := srv.As(good.ticket, "GET", path, ""); a.Status != 401 || a.Body != invalidToken {
			t.Errorf("%s with a ticket: %d %s", path, a.Status, a.Body)
		}
	}

	whileStopped(srv, func(s *session.Service) {
		for _, l := range []link{good, first} {
			if got, err := s.Redeem(t.Context(), l.ticket); err != nil || got.Reveal() != l.Token {
				t.Errorf("redeemed as %v, %v", got, err)
			}
		}
		refused := func(what string, l link) {
			t.Helper()
			if got, err := s.Redeem(t.Context(), l.ticket); !fault.Is(err, fault.InvalidToken) {
				t.Errorf("%s is redeemed as %v, %v", what, got, err)
			}
		}
		refused("a used one", good)
		refused("the same one of a repeated create", again)
		refused("one of an ended session", ended)
		refused("one that has leaked", leaked)
		srv.Advance(session.TicketLifetime + time.Second)
		refused("an expired one", late)
	})
}

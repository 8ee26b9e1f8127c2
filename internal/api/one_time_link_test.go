package api_test

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
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// meanwhile shows the sessions of the house to another process, while the server is down.
func (h *house) meanwhile(f func(s *session.Service)) {
	h.t.Helper()
	h.restart(func() {
		open, where, texts := store.OpenSQLite, h.config.DataDir, h.config.Secrets
		if h.config.DatabaseURL != "" {
			open, where = store.OpenPostgres, h.config.DatabaseURL
		} else {
			text, err := os.ReadFile(filepath.Join(where, "secret"))
			if err != nil {
				h.t.Fatal(err)
			}
			texts = strings.Fields(string(text))
		}
		secrets, err := token.NewSecrets(texts...)
		if err != nil {
			h.t.Fatal(err)
		}
		s, err := open(h.t.Context(), where)
		if err != nil {
			h.t.Fatal(err)
		}
		defer s.Close()
		f(session.New(s, secrets, h.config.Now, session.Options{}))
	})
}

// ticketIn is the ticket of a link into the portal, and "" for a link with the token of the session.
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
	h := newHouse(t, false)
	c := h.customer()
	create := func(more string, headers ...string) (s polar.CustomerSession) {
		t.Helper()
		a := h.must(201, h.as(h.token, "POST", sessions, `{"customer_id":"`+c.ID+`"`+more+`}`, headers...))
		if err := json.Unmarshal([]byte(a.body), &s); err != nil {
			t.Fatal(err)
		}
		h.live(s.Token, true)
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
	h.must(422, h.as(h.token, "POST", sessions, `{"customer_id":"`+c.ID+`","one_time_link":1}`))
	h.must(200, h.as(h.token, "PATCH", h.portalSettings(), `{"one_time_links":true}`))
	for more, want := range map[string]bool{"": true, `,"one_time_link":null`: true, `,"one_time_link":false`: false, `,"one_time_link":true`: true} {
		if l := with(create(more)); (l.ticket != "") != want {
			t.Errorf("where links are for once, %s: %s", more, l.CustomerPortalURL)
		}
	}

	good, ended, leaked, late := with(create("")), with(create("")), with(create("")), with(create(""))
	first := with(create("", "Idempotency-Key", "one"))
	again := with(create("", "Idempotency-Key", "one"))
	if first.Token != again.Token || first.ID != again.ID || first.ticket == again.ticket {
		t.Errorf("the same create makes %v with %s, and %v with %s", first, first.ticket, again, again.ticket)
	}
	h.must(200, h.as(h.token, "DELETE", sessions+ended.ID, ""))
	for _, known := range []bool{true, false} {
		if got, err := h.postern.EndToken(t.Context(), leaked.ticket); err != nil || got != known {
			t.Errorf("a ticket that has leaked is known: %v, %v", got, err)
		}
	}
	h.live(leaked.Token, true)
	for _, path := range []string{introspect, user, sessions} {
		if a := h.as(good.ticket, "GET", path, ""); a.status != 401 || a.body != invalidToken {
			t.Errorf("%s with a ticket: %d %s", path, a.status, a.body)
		}
	}

	h.meanwhile(func(s *session.Service) {
		for _, l := range []link{good, first, again} {
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
		refused("one of an ended session", ended)
		refused("one that has leaked", leaked)
		h.advance(session.TicketLifetime + time.Second)
		refused("an expired one", late)
	})
	third := with(create("", "Idempotency-Key", "one"))
	h.meanwhile(func(s *session.Service) {
		if got, err := s.Redeem(t.Context(), third.ticket); err != nil || got.Reveal() != first.Token {
			t.Errorf("the ticket of a create that was repeated later is redeemed as %v, %v", got, err)
		}
	})
}

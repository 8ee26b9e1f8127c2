package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func TestReceivesEvents(t *testing.T) {
	srv := polartest.New(t)
	receiver := httptest.NewUnstartedServer(nil)
	defer receiver.Close()
	endpoint, err := srv.Client().Webhooks.CreateEndpoint(t.Context(), polar.WebhookEndpointCreate{
		URL:    "http://" + receiver.Listener.Addr().String() + "/webhooks",
		Events: []polar.EventType{polar.EventSessionCreated, polar.EventSessionRevoked},
	})
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan *polar.Webhook, 10)
	receiver.Config.Handler = handler(endpoint.Secret, func(e *polar.Webhook) { handle(e); events <- e })
	receiver.Start()

	session := srv.Session()
	if _, err := srv.Client().CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []polar.EventType{polar.EventSessionCreated, polar.EventSessionRevoked} {
		select {
		case e := <-events:
			if e.Type != want || e.Session.ID != session.ID {
				t.Errorf("got %s of session %s, want %s of %s", e.Type, e.Session.ID, want, session.ID)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no event %s", want)
		}
	}
}

func TestRefusesUnsignedEvents(t *testing.T) {
	w := httptest.NewRecorder()
	h := handler("whsec_c2VjcmV0", func(*polar.Webhook) { t.Error("an unsigned event was handled") })
	h.ServeHTTP(w, httptest.NewRequest("POST", "/webhooks", strings.NewReader(`{"type":"session.revoked"}`)))
	if w.Code != 400 {
		t.Errorf("status %d, want 400", w.Code)
	}
}

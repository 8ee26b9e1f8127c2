package postern_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern"
)

// requestCode creates the customer ada@example.com and requests a login code for her.
func requestCode(t *testing.T, p *postern.Server, org postern.Organization) {
	t.Helper()
	if w := post(p, "/v1/customers/", org.AccessToken, `{"email":"ada@example.com"}`); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	body := fmt.Sprintf(`{"email":"ada@example.com","organization_id":%q}`, org.ID)
	if w := post(p, "/v1/customer-portal/customer-session/request", "", body); w.Code != http.StatusAccepted {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

func TestDeliverReceivesTheMessage(t *testing.T) {
	delivered := make(chan postern.Message, 1)
	p, org := open(t, postern.Config{PublicURL: "https://portal.example.com", Mail: postern.Mail{
		From:    "Example <login@example.com>",
		Deliver: func(_ context.Context, m postern.Message) error { delivered <- m; return nil },
	}})
	requestCode(t, p, org)
	got := <-delivered
	if got.To.Address != "ada@example.com" || got.From.String() != `"acme (via Example)" <login@example.com>` || got.Organization != "acme" ||
		got.Link != "https://portal.example.com/acme/portal/authenticate" || got.Subject == "" || got.ID == "" || got.Language != "en" ||
		!strings.Contains(got.Text, got.Code) || !strings.Contains(got.HTML, got.Code) {
		t.Errorf("text %q, from %q, link %s", got.Text, got.From.String(), got.Link)
	}
	if w := post(p, "/v1/customer-portal/customer-session/authenticate", "", fmt.Sprintf(`{"code":%q}`, got.Code)); w.Code != http.StatusOK {
		t.Errorf("the code %q: %d %s", got.Code, w.Code, w.Body)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("sent", "message", got, "to", &got)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		fmt.Fprintf(&log, verb, got)
	}
	if text := log.String(); strings.Contains(text, got.Code) || strings.Contains(text, "ada@") || !strings.Contains(text, "a recipient at example.com") {
		t.Errorf("printed as %s", text)
	}
}

// The same message is delivered again after an error, but not after ErrUndeliverable. The log contains neither text nor recipient.
func TestDeliverIsRetriedUnlessUndeliverable(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   error
		tries int
		want  string
	}{
		{"temporary", errors.New("ada@example.com: try later"), 2, "retrying later"},
		{"permanent", fmt.Errorf("ada@example.com: %w", postern.ErrUndeliverable), 1, "giving up"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			begun, tried := make(chan struct{}), make(chan postern.Message, 2)
			p, org := open(t, postern.Config{Log: slog.New(slog.NewTextHandler(&log, nil)), Mail: postern.Mail{
				Deliver: func(_ context.Context, m postern.Message) error {
					tried <- m
					if len(tried) == 1 {
						close(begun)
						return tt.err
					}
					return nil
				},
			}})
			requestCode(t, p, org)
			<-begun
			if err := p.Close(); err != nil { // Close tries again at once
				t.Error(err)
			}
			if len(tried) != tt.tries {
				t.Fatalf("%d attempts, want %d", len(tried), tt.tries)
			}
			if first := <-tried; tt.tries == 2 && (<-tried).ID != first.ID {
				t.Error("the second attempt has another message")
			}
			if text := log.String(); !strings.Contains(text, tt.want) || strings.Contains(text, "ada@") {
				t.Errorf("log: %s", text)
			}
		})
	}
}

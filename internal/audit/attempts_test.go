package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/token"
)

// recorder is a store that only counts what it records.
type recorder struct {
	audit.Store
	events []audit.Event
}

func (r *recorder) RecordAudit(_ context.Context, e audit.Event) error {
	r.events = append(r.events, e)
	return nil
}

func TestRefusedAttemptsAreBounded(t *testing.T) {
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	store := &recorder{}
	attempts := audit.NewAttempts(store, func() time.Time { return now })
	refuse := func(org token.Key, times int) {
		t.Helper()
		for range times {
			if err := attempts.Refused(t.Context(), audit.Event{Action: audit.SignedIn, Organization: org}); err != nil {
				t.Fatal(err)
			}
		}
	}
	refuse(1, 1000)
	if len(store.events) != 60 || store.events[59].Outcome != audit.Refused {
		t.Fatalf("1000 attempts left %d entries", len(store.events))
	}
	refuse(2, 1) // another organization has its own count
	if len(store.events) != 61 || store.events[60].Details.Omitted != 0 {
		t.Errorf("another organization: %+v", store.events[60:])
	}
	now = now.Add(time.Minute)
	refuse(1, 10)
	if len(store.events) != 62 || store.events[61].Details.Omitted != 940 {
		t.Errorf("a minute later: %+v", store.events[61:])
	}
	now = now.Add(24 * time.Hour)
	refuse(1, 1000)
	if len(store.events) != 122 || store.events[62].Details.Omitted != 9 {
		t.Errorf("a day later: %d entries", len(store.events))
	}

	store.events = nil
	for org := range token.Key(20_000) {
		refuse(100+org, 1)
	}
	if n := len(store.events); n < 4000 || n > 4200 {
		t.Errorf("20,000 organizations left %d entries", n)
	}
	if err := (*audit.Attempts)(nil).Refused(t.Context(), audit.Event{}); err != nil {
		t.Error(err)
	}
}

package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// claimOf returns a claim of the idempotency key n at noon, which expires at the given time.
func claimOf(o directory.Organization, n byte, until time.Time) *idempotency.Claim {
	return &idempotency.Claim{
		Scope: o.ID.Key(), Names: []token.Hash{{n, 1}}, At: noon, ExpiresAt: until, Answer: []byte("answer"), Secret: 1<<32 - 1,
	}
}

// idempotentCreates checks, for every create, that concurrent creates with one idempotency key create one object and return one
// answer, that a create which creates nothing leaves the key free, and that keys expire.
func idempotentCreates(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	team := customer(t, b, o, "team@example.com")
	succeeds(t)(b.InsertEndpoint(ctx, webhook.Endpoint{ID: token.NewID(noon), Organization: o.ID, URL: "https://a.example/", CreatedAt: noon}, 0, nil))
	hooks := func(limit int) func(*idempotency.Claim, int) (bool, error) {
		return func(claim *idempotency.Claim, _ int) (bool, error) {
			return b.InsertEndpoint(ctx, webhook.Endpoint{ID: token.NewID(noon), Organization: o.ID, URL: "https://a.example/", CreatedAt: noon}, limit, claim)
		}
	}
	person := func(format string) func(*idempotency.Claim, int) (bool, error) {
		return func(claim *idempotency.Claim, n int) (bool, error) {
			email := fmt.Sprintf(format, n)
			c := directory.Customer{ID: token.NewID(noon), Organization: o.ID, Type: directory.Team, Email: &email, Metadata: map[string]any{}, CreatedAt: noon}
			taken, err := b.InsertCustomer(ctx, c, nil, claim)
			return taken == directory.Conflict{}, err
		}
	}
	sessionOf := func(id func() token.ID) func(*idempotency.Claim, int) (bool, error) {
		return func(claim *idempotency.Claim, _ int) (bool, error) {
			return b.InsertSessionWithOptions(ctx, session.Entry{Record: record(id(), team)}, session.InsertOptions{Claim: claim})
		}
	}
	newID := func() token.ID { return token.NewID(noon) }
	existing := sessionEntry(t, b, team, noon)
	for i, tt := range []struct {
		name string
		// make creates object n. It reports false if it creates nothing, although it does not fail.
		make, nothing func(claim *idempotency.Claim, n int) (bool, error)
	}{
		{"customer", person("c%d@example.com"), person("team@example.com%.0d")},
		{"webhook endpoint", hooks(50), hooks(1)},
		{"session", sessionOf(newID), sessionOf(func() token.ID { return existing.ID })},
		{"access token", func(claim *idempotency.Claim, _ int) (bool, error) {
			err := insertAccessToken(ctx, b, directory.AccessToken{ID: token.NewID(noon), Organization: o.ID, CreatedAt: noon}, claim)
			return err == nil, err
		}, nil},
		{"member", func(claim *idempotency.Claim, _ int) (bool, error) {
			_, found, err := b.ChangeCustomer(ctx, team.ID.Key(), directory.Need{}, claim, func(r *directory.Roster) error {
				r.Members = append(r.Members, directory.Member{ID: token.NewID(noon), Customer: team.ID, Organization: o.ID, Role: directory.OrdinaryMember, CreatedAt: noon})
				return nil
			})
			return found, err
		}, func(claim *idempotency.Claim, _ int) (bool, error) {
			_, found, err := b.ChangeCustomer(ctx, 42, directory.Need{}, claim, func(*directory.Roster) error { return nil })
			return found, err
		}},
	} {
		until := noon.Add(time.Hour)
		if tt.nothing != nil {
			if made, err := tt.nothing(claimOf(o, byte(i), until), 0); made || err != nil {
				t.Errorf("%s: a create of nothing reports %v, %v", tt.name, made, err)
			}
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		created := 0
		for n := range 32 {
			wg.Go(func() {
				made, err := tt.make(claimOf(o, byte(i), until), n)
				before, repeated := errors.AsType[*idempotency.Repeated](err)
				switch {
				case made && err == nil:
					mu.Lock()
					created++
					mu.Unlock()
				case !repeated || string(before.Answer) != "answer" || before.Secret != 1<<32-1:
					t.Errorf("%s: %v, %v", tt.name, made, err)
				}
			})
		}
		wg.Wait()
		if created != 1 {
			t.Errorf("%s: %d were created with one key", tt.name, created)
		}
		rotated := claimOf(o, byte(i), until)
		rotated.Names = []token.Hash{{byte(i), 2}, {byte(i), 1}}
		if _, err := tt.make(rotated, 100); !isRepeated(err) {
			t.Errorf("%s: after a rotation of the secrets: %v", tt.name, err)
		}
		stranger := claimOf(o, byte(i), until)
		stranger.Scope++
		if made, err := tt.make(stranger, 101); !made || err != nil {
			t.Errorf("%s: the same key of another caller: %v, %v", tt.name, made, err)
		}
		late := claimOf(o, byte(i), until.Add(time.Hour))
		late.At = until
		if made, err := tt.make(late, 102); !made || err != nil {
			t.Errorf("%s: an expired key: %v, %v", tt.name, made, err)
		}
		if _, err := tt.make(late, 103); !isRepeated(err) {
			t.Errorf("%s: a key that was used again after it expired: %v", tt.name, err)
		}
		silent := claimOf(o, byte(i)+100, until)
		silent.Answer = nil
		if _, err := tt.make(silent, 104); err == nil || isRepeated(err) {
			t.Errorf("%s: a create without an answer: %v", tt.name, err)
		}
	}
}

func isRepeated(err error) bool {
	_, ok := errors.AsType[*idempotency.Repeated](err)
	return ok
}

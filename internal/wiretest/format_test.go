package wiretest_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// Times have six digits after the second or none, UUIDs are lower case, and JSON is compact (docs/wire.md, Formats).
func TestFormats(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	c := srv.Create(customers, `{"email":"zoë@example.com","name":"Zoë <\"&'\\\u2028>","external_id":"user_1"}`)
	if c.CreatedAt != "2026-10-01T12:00:00.120000Z" {
		t.Errorf("made at %s", c.CreatedAt)
	}
	srv.Advance(880 * time.Millisecond)
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	if s.CreatedAt != "2026-10-01T12:00:01Z" || s.ExpiresAt != "2026-10-01T13:00:01Z" {
		t.Errorf("at a whole second: %s until %s", s.CreatedAt, s.ExpiresAt)
	}
	srv.As(s.Token, "GET", introspect, "").Exactly(t, 200, `{"expires_at":"2026-10-01T13:00:01Z","return_url":null}`)
	srv.Advance(time.Microsecond + 999*time.Nanosecond)
	if s := srv.Create(sessions, `{"external_customer_id":"user_1"}`); s.CreatedAt != "2026-10-01T12:00:01.000001Z" {
		t.Errorf("a microsecond later: %s", s.CreatedAt)
	}
	for _, id := range []string{c.ID, s.ID, srv.OrgID} {
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			t.Errorf("%s is no UUID of version 4 in lower case", id)
		}
	}
	a := srv.As(srv.Token, "GET", customers+c.ID, "")
	a.Is(t, 200, `"name":"Zoë <\"&'\\`+"\u2028"+`>"`, `"email":"zoë@example.com"`, `"locale":null`)
	a.Lacks(t, ": ", ", ", "\n")
}

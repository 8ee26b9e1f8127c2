package api_test

import (
	"regexp"
	"testing"
	"time"
)

// Section 5 of the facts about Polar's wire: datetimes have six digits of a second or none.
func TestWire5Formats(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	c := h.create(customers, `{"email":"zoë@example.com","name":"Zoë <\"&'\\\u2028>","external_id":"user_1"}`)
	if c.CreatedAt != "2026-10-01T12:00:00.120000Z" {
		t.Errorf("made at %s", c.CreatedAt)
	}
	h.advance(880 * time.Millisecond)
	s := h.create(sessions, `{"external_customer_id":"user_1"}`)
	if s.CreatedAt != "2026-10-01T12:00:01Z" || s.ExpiresAt != "2026-10-01T13:00:01Z" {
		t.Errorf("at a whole second: %s until %s", s.CreatedAt, s.ExpiresAt)
	}
	h.as(s.Token, "GET", introspect, "").exactly(t, 200, `{"expires_at":"2026-10-01T13:00:01Z","return_url":null}`)
	h.advance(time.Microsecond + 999*time.Nanosecond)
	if s := h.create(sessions, `{"external_customer_id":"user_1"}`); s.CreatedAt != "2026-10-01T12:00:01.000001Z" {
		t.Errorf("a microsecond later: %s", s.CreatedAt)
	}
	for _, id := range []string{c.ID, s.ID, h.org} {
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			t.Errorf("%s is no UUID of version 4 in lower case", id)
		}
	}
	a := h.as(h.token, "GET", customers+c.ID, "")
	a.is(t, 200, `"name":"Zoë <\"&'\\`+"\u2028"+`>"`, `"email":"zoë@example.com"`, `"locale":null`)
	a.lacks(t, ": ", ", ", "\n")
}

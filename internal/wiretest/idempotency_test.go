package wiretest_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// TestEveryCreateReadsTheIdempotencyKey sends a key that is too long to every operation that answers 201.
func TestEveryCreateReadsTheIdempotencyKey(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	s := newFixture(srv, newMailIndex(t, srv.Mail), srv.OrgID, "acme", srv.Token, 0)
	creates := 0
	for _, op := range scopedOperations() {
		if !slices.Contains(op.Statuses, http.StatusCreated) {
			continue
		}
		creates++
		r, _ := s.valid(op)
		srv.As(s.tokenFor(op), op.Method, r.target(), r.body, "Idempotency-Key", strings.Repeat("k", 256)).Is(t, 422, `"loc":["header","idempotency-key"]`)
	}
	if creates < 8 {
		t.Errorf("only %d operations answer 201", creates)
	}
}

// A create that is repeated with the same Idempotency-Key gets the same answer (docs/wire.md, Repeated requests).
func TestEveryCreateIsRepeatable(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team := srv.Create(customers, `{"type":"team","email":"team@example.com","external_id":"team"}`)
	owner := srv.Create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+srv.OwnerAs(srv.Token, team.ID)+`"}`).Token
	type create struct {
		token, path, list string
		body              func(n int) string
		secret            string // a prefix of what is shown once
	}
	email := func(extra string) func(int) string {
		return func(n int) string { return fmt.Sprintf(`{"email":"%s%d@example.com"%s}`, "a", n, extra) }
	}
	text := func(format string) func(int) string {
		return func(n int) string { return fmt.Sprintf(format, n) }
	}
	for name, m := range map[string]create{
		"session":               {srv.Token, sessions, sessions, text(`{"customer_id":"` + team.ID + `","member_id":"` + srv.OwnerAs(srv.Token, team.ID) + `","metadata":{"n":%d}}`), "polar_mst_"},
		"session with a ticket": {srv.Token, sessions, sessions, text(`{"customer_id":"` + team.ID + `","member_id":"` + srv.OwnerAs(srv.Token, team.ID) + `","one_time_link":true,"metadata":{"n":%d}}`), "polar_mst_"},
		"customer":              {srv.Token, customers, customers, email(`,"name":"Ünï","metadata":{"a":1.0,"b":1}`), ""},
		"member":                {srv.Token, customers + team.ID + "/members", customers + team.ID + "/members", email(`,"external_id":"m"`), ""},
		"member by external id": {srv.Token, customers + "external/team/members", customers + team.ID + "/members", text(`{"email":"b%d@example.com","external_id":"n"}`), ""},
		"portal member":         {owner, "/v1/customer-portal/members", "/v1/customer-portal/members", text(`{"email":"c%d@example.com"}`), ""},
		"access token":          {srv.Token, accessTokens, accessTokens, text(`{"comment":"%d","scopes":["customers:read"]}`), "polar_oat_"},
		"webhook endpoint":      {srv.Token, "/v1/webhooks/endpoints", "/v1/webhooks/endpoints", text(`{"url":"https://example.com/%d","format":"raw","events":["login.failed"]}`), "whsec_"},
	} {
		t.Run(name, func(t *testing.T) {
			post := func(token, key, body string) testserver.Answer {
				return srv.As(token, "POST", m.path, body, "Idempotency-Key", key)
			}
			count := func() any { return srv.As(m.token, "GET", m.list, "").At("pagination", "total_count") }
			key := name
			before := count()
			var wg sync.WaitGroup
			answers := make([]testserver.Answer, 16)
			for i := range answers {
				wg.Go(func() { answers[i] = post(m.token, key, m.body(1)) })
			}
			wg.Wait()
			srv.Advance(time.Minute)
			srv.Restart(nil)
			first := srv.Must(201, answers[0])
			for _, again := range append(answers, post(m.token, key, m.body(1))) {
				if again.Status != 201 || again.Body != first.Body || again.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
					t.Fatalf("%d %s\nafter %s", again.Status, again.Body, first.Body)
				}
			}
			if after := count(); after != before.(float64)+1 {
				t.Errorf("%v entries before, %v after", before, after)
			}
			if !strings.Contains(first.Body, m.secret) {
				t.Errorf("no %s in %s", m.secret, first.Body)
			}
			other := post(m.token, key, m.body(2))
			other.Is(t, 409, "The Idempotency-Key was already used for a different request.")
			if strings.Contains(other.Body, "polar_") || count() != before.(float64)+1 {
				t.Errorf("another request: %s", other.Body)
			}
			post(m.token, strings.Repeat("x", 256), m.body(2)).Is(t, 422, `"loc":["header","idempotency-key"]`)
		})
	}
}

// A create that is refused does not use up its key, and a key can be used again after a day.
func TestIdempotencyKeysAreFreeAfterRefusals(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	post := func(body string) testserver.Answer {
		return srv.As(srv.Token, "POST", customers, body, "Idempotency-Key", "k")
	}
	srv.Create(customers, `{"email":"taken@example.com"}`)
	post(`{"email":"taken@example.com"}`).Is(t, 422, "already exists")
	first := srv.Must(201, post(`{"email":"free@example.com"}`))
	id, _ := first.At("id").(string)
	srv.Must(204, srv.As(srv.Token, "DELETE", customers+id, ""))
	post(`{"email":"free@example.com"}`).Exactly(t, 201, first.Body) // it returns what it made
	srv.Advance(25 * time.Hour)
	if again := srv.Must(201, post(`{"email":"free@example.com"}`)); again.Body == first.Body {
		t.Error("the key is still used after a day")
	}
	neighbor := srv.Neighbor("bolt")
	srv.Must(201, neighbor.As(neighbor.Token, "POST", customers, `{"email":"other@example.com"}`, "Idempotency-Key", "k"))
}

// The store has no secret of a repeatable create in clear text.
func TestStoredAnswersAreEncrypted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := testserver.New(t, func(o *testserver.Options) {
		if o.DatabaseURL == "" {
			o.DataDir = dir
		}
	})
	a := srv.As(srv.Token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"]}`, "Idempotency-Key", "a key to look for")
	token, _ := srv.Must(201, a).At("token").(string)
	srv.Restart(func() {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			for _, secret := range []string{token, token[len(token)-20:], "a key to look for"} {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s contains %s", path, secret)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

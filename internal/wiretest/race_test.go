package wiretest_test

import (
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

const concurrentRequests = 64

// If many requests create the same customer at once, one succeeds and the others are refused as duplicates.
func TestConcurrentCreatesOfOneCustomer(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	for name, tt := range map[string]struct{ body, want string }{
		"an external id": {`{"type":"team","external_id":"same","owner":{"email":"boss@example.com"}}`, fieldError("external_id", externalTaken, `"same"`)},
		"an address":     {`{"email":"same@example.com"}`, fieldError("email", emailTaken, `"same@example.com"`)},
	} {
		answers := make([]testserver.Answer, concurrentRequests)
		concurrently(concurrentRequests, func(i int) { answers[i] = srv.As(srv.Token, "POST", customers, tt.body) })
		won := 0
		for _, a := range answers {
			if a.Status == 201 {
				won++
				continue
			}
			a.Exactly(t, 422, tt.want)
		}
		if won != 1 {
			t.Errorf("%s: %d customers have it", name, won)
		}
	}
	srv.As(srv.Token, "GET", customers, "").Is(t, 200, `"total_count":2`)
}

// After many concurrent transfers of ownership, there is one owner.
func TestConcurrentOwnershipTransfers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	meg := srv.Create(customers+team.ID+"/members", `{"email":"meg@example.com"}`).ID
	ids := []string{boss, bob, meg}
	answers := make([]testserver.Answer, concurrentRequests)
	concurrently(concurrentRequests, func(i int) {
		answers[i] = srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+ids[i%3], `{"role":"owner"}`)
	})
	for _, a := range answers {
		a.Is(t, 200, `"role":"owner"`)
	}
	srv.As(srv.Token, "GET", "/v1/members/?role=owner&customer_id="+team.ID, "").Is(t, 200, `"total_count":1`)
	srv.As(srv.Token, "GET", "/v1/members/?role=billing_manager&customer_id="+team.ID, "").Is(t, 200, `"total_count":2`)
}

// If many requests add the same member at once, one member is created and all answers contain it.
func TestConcurrentCreatesOfOneMember(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, _, _ := teamWithMember(srv)
	answers := make([]testserver.Answer, concurrentRequests)
	concurrently(concurrentRequests, func(i int) {
		answers[i] = srv.As(srv.Token, "POST", customers+team.ID+"/members", `{"email":"new@example.com"}`)
	})
	for _, a := range answers {
		a.Exactly(t, 201, answers[0].Body)
	}
	srv.As(srv.Token, "GET", "/v1/members/?customer_id="+team.ID, "").Is(t, 200, `"total_count":3`)
}

// If many requests confirm one email update at once, one of them gets a session.
func TestConcurrentEmailUpdates(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	token := requestEmailUpdate(srv, srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token, "new@example.com")
	answers := make([]testserver.Answer, concurrentRequests)
	concurrently(concurrentRequests, func(i int) { answers[i] = verifyEmailUpdate(srv, token) })
	in := 0
	for _, a := range answers {
		if a.Status == 200 {
			in++
			continue
		}
		a.Exactly(t, 401, badEmailUpdate)
	}
	if in != 1 {
		t.Errorf("one token opened %d sessions", in)
	}
}

// A session that is created while its holder is deleted ends too.
func TestConcurrentSessionCreateAndCustomerDelete(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, _, bob := teamWithMember(srv)
	for _, path := range []string{customers + team.ID + "/members/" + bob, customers + team.ID} {
		member := srv.Owner(team.ID)
		if path != customers+team.ID {
			member = bob
		}
		tokens := make([]string, concurrentRequests)
		concurrently(concurrentRequests, func(i int) {
			if i == concurrentRequests/2 {
				srv.As(srv.Token, "DELETE", path, "").Is(t, 204)
				return
			}
			a := srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+team.ID+`","member_id":"`+member+`"}`)
			if a.Status != 201 {
				a.Is(t, 422, "does not exist")
			}
			tokens[i], _ = a.At("token").(string)
		})
		for _, token := range tokens {
			if token != "" {
				srv.As(token, "GET", introspect, "").Exactly(t, 401, invalidToken)
			}
		}
	}
}

package wiretest_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/testserver"
)

func quotas(text string) testserver.Option {
	return func(o *testserver.Options) {
		var err error
		if o.Quotas, err = server.ParseQuotas(text); err != nil {
			panic(err)
		}
	}
}

// An organization or a customer that has the maximum number of objects gets a 403 that says what to do, also when it sends many
// creates at once. Other organizations and customers are not affected, and after a deletion there is room again.
func TestQuotas(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), quotas("members=3,endpoints=2,access-tokens=4"))
	team, _, manager, _, session := srv.TeamWithSessions()
	other := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt"})
	members := "/v1/customers/" + team.ID + "/members"
	for _, tt := range []struct {
		token, path, body string
		room              int
		refusal           string
	}{
		{session.Token, "/v1/customer-portal/members", `{"email":"p%d@example.com"}`, 1, "This customer already has 3 members, which is the maximum. Remove a member first."},
		{srv.Token, members, `{"email":"m%d@example.com"}`, 0, "This customer already has 3 members, which is the maximum. Remove a member first."},
		{srv.Token, "/v1/webhooks/endpoints", `{"url":"https://hooks.example/%d","events":["session.created"]}`, 2,
			"This organization already has 2 webhook endpoints, which is the maximum. Delete one that is not used any more."},
		{srv.Token, accessTokens, `{"comment":"%d","scopes":["customers:read"]}`, 3,
			"This organization already has 4 access tokens, which is the maximum. Revoke one that is not used any more."},
	} {
		var created atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				switch a := srv.As(tt.token, "POST", tt.path, fmt.Sprintf(tt.body, i)); a.Status {
				case 201:
					created.Add(1)
				default:
					a.Exactly(t, 403, errorBody("QuotaExceeded", tt.refusal))
				}
			})
		}
		wg.Wait()
		if created.Load() != int64(tt.room) {
			t.Errorf("%s: %d were created, wanted %d", tt.path, created.Load(), tt.room)
		}
	}
	srv.As(srv.Token, "POST", members, `{"email":"bo@example.com"}`).Is(t, 201, manager.ID) // creates nothing: the member exists
	srv.As(srv.Token, "DELETE", members+"/"+manager.ID, "").Is(t, 204)
	srv.As(srv.Token, "POST", members, `{"email":"room@example.com"}`).Is(t, 201)
	srv.As(other.AccessToken, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"]}`).Is(t, 201)
	srv.As(other.AccessToken, "POST", "/v1/webhooks/endpoints", `{"url":"https://hooks.example/","events":["session.created"]}`).Is(t, 201)
}

// An expired access token does not count.
func TestQuotaOfLiveAccessTokens(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), quotas("access-tokens=2"))
	const short = `{"comment":"short","scopes":["customers:read"],"expires_in":60}`
	srv.As(srv.Token, "POST", accessTokens, short).Is(t, 201)
	srv.As(srv.Token, "POST", accessTokens, short).Is(t, 403)
	srv.Advance(time.Minute)
	srv.As(srv.Token, "POST", accessTokens, short).Is(t, 201)
}

// A change of a customer with many members does not change the members that it does not name.
func TestChangesOfAMemberLeaveTheOthers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, owner, manager, ownerSession, _ := srv.TeamWithSessions()
	members := "/v1/customers/" + team.ID + "/members"
	third := srv.Create(members, `{"email":"third@example.com","external_id":"third"}`)
	srv.As(srv.Token, "POST", members, `{"email":"x@example.com","external_id":"third"}`).Is(t, 422, "A member with this external ID already exists")
	srv.As(srv.Token, "PATCH", members+"/"+third.ID, `{"email":"BO@example.com"}`).Is(t, 422, "A member with this email already exists")
	srv.Prove(ownerSession.Token)
	srv.As(ownerSession.Token, "PATCH", "/v1/customer-portal/members/"+third.ID, `{"role":"owner"}`).Is(t, 200, `"role":"owner"`)
	list := srv.As(srv.Token, "GET", members, "").Body
	for _, want := range []string{owner.ID, manager.ID, third.ID} {
		if !strings.Contains(list, want) {
			t.Errorf("%s is missing: %s", want, list)
		}
	}
	if n := strings.Count(list, `"role":"owner"`); n != 1 {
		t.Errorf("%d owners: %s", n, list)
	}
	srv.As(srv.Token, "DELETE", "/v1/customers/"+team.ID, "").Is(t, 204)
	srv.As(srv.Token, "GET", "/v1/members/", "").Is(t, 200, `"total_count":0`)
}

// A list of customers takes as many metadata values as the quota allows, and 100 without a quota.
func TestMetadataFilters(t *testing.T) {
	t.Parallel()
	for quota, most := range map[string]int{"": 10, "metadata-filters=3": 3, "metadata-filters=off": 100} {
		srv := testserver.New(t, testserver.RateLimits("off"), quotas(quota))
		filters := func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "&metadata[key%d]=%d", i/2, i)
			}
			return customers + "?" + b.String()[1:]
		}
		srv.As(srv.Token, "GET", filters(most), "").Is(t, 200)
		srv.As(srv.Token, "GET", filters(most+1), "").Is(t, 422, `"type":"too_long","loc":["query","metadata"]`, fmt.Sprintf("at most %d items after validation, not %d", most, most+1))
	}
}

// An organization with the maximum number of live sessions gets no further ones, from no route. Other organizations do, and ended
// sessions do not count.
func TestQuotaOfLiveSessions(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), quotas("sessions=4"))
	other := srv.Neighbor("bolt")
	ada := srv.Ada()
	create := func() testserver.Answer { return srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+ada.ID+`"}`) }
	const full = "This organization already has 4 live sessions, which is the maximum. Revoke sessions that are not used any more."
	for range 4 {
		create().Is(t, 201)
	}
	create().Exactly(t, 403, errorBody("QuotaExceeded", full))
	redeemCode(srv, mailedCode(srv, "ada@example.com", ""), "").Exactly(t, 403, errorBody("QuotaExceeded", full))
	other.CustomerSession(other.Ada())
	srv.As(srv.Token, "POST", sessions+"revoke", `{"customer_id":"`+ada.ID+`"}`).Is(t, 204)
	srv.Advance(time.Minute)
	create().Is(t, 201)
}

package polar_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

// If only the answer to a create is lost, the retry returns what the first attempt created.
func TestRetriedCreatesReturnWhatTheyMade(t *testing.T) {
	server := polartest.New(t, polartest.WithRateLimits("off"))
	keys := map[string]int{}
	client := server.Client(polar.WithRetries(quickRetries), polar.WithRequestEditor(func(r *http.Request) error {
		if r.Method == http.MethodPost {
			keys[r.Header.Get("Idempotency-Key")]++
		}
		return nil
	}))
	ctx := t.Context()
	person := server.Customer()
	team := must[*polar.Customer](t)(client.Customers.Create(ctx, polar.CustomerTeamCreate{Email: polar.Set("team@example.com"), ExternalID: "team"}))
	var owner *polar.Member
	for m, err := range client.Members.List(ctx, polar.MemberListParams{Customer: team.ID}) {
		if owner = m; err != nil {
			t.Fatal(err)
		}
	}
	own := polar.SecurityFor(server.Session(polar.CustomerSessionCreate{Customer: team.ID, Member: owner.ID}).Token)
	old := must[*polar.OrganizationAccessTokenCreated](t)(client.OrganizationAccessTokens.Create(ctx, polar.OrganizationAccessTokenCreate{Scopes: []polar.Scope{polar.ScopeCustomersRead}}))
	clear(keys)
	for name, create := range map[string]func() (id any, err error){
		"session": func() (any, error) {
			s, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{Customer: person.ID})
			return s.ID, err
		},
		"customer": func() (any, error) {
			c, err := client.Customers.Create(ctx, polar.CustomerIndividualCreate{Email: "new@example.com", ExternalID: "new"})
			return c.ID, err
		},
		"member": func() (any, error) {
			m, err := client.Customers.Members.Create(ctx, team.ID, polar.MemberCreateFromCustomer{Email: "a@example.com", ExternalID: "a"})
			return m.ID, err
		},
		"member by external ID": func() (any, error) {
			m, err := client.Customers.Members.Create(ctx, polar.ExternalCustomerID("team"), polar.MemberCreateFromCustomer{Email: "b@example.com"})
			return m.ID, err
		},
		"member of any customer": func() (any, error) {
			m, err := client.Members.Create(ctx, polar.MemberCreate{CustomerID: team.ID, Email: "d@example.com"})
			return m.ID, err
		},
		"rotated access token": func() (any, error) {
			a, err := client.OrganizationAccessTokens.Rotate(ctx, old.OrganizationAccessToken.ID, polar.OrganizationAccessTokenRotate{})
			if err == nil {
				_, err = client.Customers.ListPage(ctx, polar.CustomerListParams{}, polar.WithAccessToken(a.Token))
			}
			return a.OrganizationAccessToken.ID, err
		},
		"team member": func() (any, error) {
			m, err := client.CustomerPortal.Members.Add(ctx, own, polar.CustomerPortalMemberCreate{Email: "c@example.com"})
			return m.ID, err
		},
		"access token": func() (any, error) {
			a, err := client.OrganizationAccessTokens.Create(ctx, polar.OrganizationAccessTokenCreate{Comment: "x", Scopes: []polar.Scope{polar.ScopeCustomersRead}})
			if err == nil { // the token of the retry works
				_, err = client.Customers.ListPage(ctx, polar.CustomerListParams{}, polar.WithAccessToken(a.Token))
			}
			return a.OrganizationAccessToken.ID, err
		},
		"webhook endpoint": func() (any, error) {
			e, err := client.Webhooks.CreateEndpoint(ctx, polar.WebhookEndpointCreate{URL: "https://example.com/", Events: []polar.EventType{polar.EventLoginFailed}})
			if err == nil && e.Secret == "" {
				err = fmt.Errorf("the retry has no secret")
			}
			return e.ID, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := counts(t, server.Client())
			clear(keys)
			lost := server.Truncate(polartest.Next(1))
			id, err := create()
			if err != nil || lost.Applied() != 1 {
				t.Fatalf("%v: %v, after %d lost answers", id, err, lost.Applied())
			}
			if after := counts(t, server.Client()); after != before+1 {
				t.Errorf("%d objects before, %d after", before, after)
			}
			for key, n := range keys {
				if key == "" || n != 2 || len(keys) != 1 {
					t.Errorf("keys %v, want one key for two attempts", keys)
				}
			}
		})
	}
}

// counts returns the number of all objects that a create makes, without owners.
func counts(t *testing.T, client *polar.Client) (n int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	n += must[*polar.List[polar.CustomerSessionInfo]](t)(client.CustomerSessions.ListPage(ctx, polar.CustomerSessionListParams{})).Pagination.TotalCount
	n += must[*polar.List[polar.Customer]](t)(client.Customers.ListPage(ctx, polar.CustomerListParams{})).Pagination.TotalCount
	n += must[*polar.List[polar.Member]](t)(client.Members.ListPage(ctx, polar.MemberListParams{Role: polar.RoleMember})).Pagination.TotalCount
	n += must[*polar.List[polar.OrganizationAccessToken]](t)(client.OrganizationAccessTokens.ListPage(ctx, polar.OrganizationAccessTokenListParams{})).Pagination.TotalCount
	n += must[*polar.List[polar.WebhookEndpoint]](t)(client.Webhooks.ListEndpointsPage(ctx, polar.Page{})).Pagination.TotalCount
	return n
}

var quickRetries = polar.RetryConfig{InitialInterval: time.Millisecond}

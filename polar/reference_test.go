package polar_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// An invalid argument is an error and nothing is sent. In particular, an empty ID never selects all customers.
func TestInvalidArgumentsAreRefusedBeforeSending(t *testing.T) {
	c := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }, polar.WithAccessToken("polar_oat_x"))
	ctx := t.Context()
	create := func(in polar.CustomerSessionCreate) error { _, err := c.CustomerSessions.Create(ctx, in); return err }
	of := polar.CustomerID("c")
	for name, test := range map[string]struct {
		err  error
		text string
	}{
		"no customer":                      {create(polar.CustomerSessionCreate{}), "the customer is missing"},
		"an empty customer":                {create(polar.CustomerSessionCreate{Customer: polar.CustomerID("")}), "the customer is missing"},
		"an empty external customer":       {create(polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("")}), "the customer is missing"},
		"an empty member":                  {create(polar.CustomerSessionCreate{Customer: of, Member: polar.MemberID("")}), "the member is missing"},
		"a fraction of a second":           {create(polar.CustomerSessionCreate{Customer: of, ExpiresIn: 1500 * time.Millisecond}), "ExpiresIn is 1.5s; it must be a positive number of whole seconds"},
		"a negative timeout":               {create(polar.CustomerSessionCreate{Customer: of, IdleTimeout: -time.Minute}), "IdleTimeout is -1m0s"},
		"a key with a newline":             {create(polar.CustomerSessionCreate{Customer: of, IdempotencyKey: "a\r\nX-Evil: 1"}), "the header Idempotency-Key contains a control character"},
		"metadata that JSON cannot encode": {create(polar.CustomerSessionCreate{Customer: of, Metadata: polar.Metadata{"f": func() {}}}), "unsupported type"},
		"get nil":                          {errorOf(c.Customers.Get(ctx, nil)), "the customer is missing"},
		"get empty":                        {errorOf(c.Customers.Get(ctx, polar.ExternalCustomerID(""))), "the customer is missing"},
		"get .":                            {errorOf(c.Customers.Get(ctx, polar.ExternalCustomerID("."))), `"." is not a valid ID`},
		"get ..":                           {errorOf(c.Customers.Get(ctx, polar.ExternalCustomerID(".."))), `".." is not a valid ID`},
		"get an empty member":              {errorOf(c.Customers.Members.Get(ctx, of, "")), `"" is not a valid ID`},
		"an empty session":                 {errorOf(c.CustomerSessions.Get(ctx, "")), `"" is not a valid ID`},
		"delete nil":                       {c.Customers.Delete(ctx, nil), "the customer is missing"},
		"create nil":                       {errorOf(c.Customers.Create(ctx, nil)), "the customer is nil"},
		"the type of a customer by external ID": {
			errorOf(c.Customers.Update(ctx, polar.ExternalCustomerID("x"), polar.CustomerUpdate{Type: polar.Set(polar.CustomerTeam)})), "ExternalID and Type",
		},
		"sessions of an empty customer":         {errorOf(c.CustomerSessions.ListPage(ctx, polar.CustomerSessionListParams{Customer: polar.CustomerID("")})), "the customer is missing"},
		"members of an empty customer":          {errorOf(c.Members.ListPage(ctx, polar.MemberListParams{Customer: polar.ExternalCustomerID("")})), "the customer is missing"},
		"members of nil":                        {errorOf(c.Customers.Members.ListPage(ctx, nil, polar.CustomerMemberListParams{})), "the customer is missing"},
		"revoke a nil customer":                 {c.CustomerSessions.RevokeCustomer(ctx, nil, ""), "the customer is missing"},
		"revoke a nil member":                   {c.CustomerSessions.RevokeMember(ctx, of, nil, ""), "the member is missing"},
		"revoke an empty member":                {c.CustomerSessions.RevokeMember(ctx, of, polar.ExternalMemberID(""), ""), "the member is missing"},
		"an update with a fraction of a second": {errorOf(c.CustomerSessions.Update(ctx, "x", polar.CustomerSessionUpdate{ExpiresIn: time.Millisecond})), "ExpiresIn"},
		"a negative lifetime":                   {errorOf(c.OrganizationAccessTokens.Create(ctx, polar.OrganizationAccessTokenCreate{ExpiresIn: -1})), "ExpiresIn"},
		"a negative limit": {
			errorOf(c.Organizations.UpdateCustomerSessionSettings(ctx, "x", polar.CustomerSessionSettingsUpdate{MaxExpiresIn: -1})), "MaxExpiresIn",
		},
		"an option that is nil": {errorOf(c.CustomerSessions.Get(ctx, "x", nil)), "an option is nil"},
	} {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), "polar: ") || strings.Contains(test.err.Error(), "\n") {
			t.Errorf("%s: %v", name, test.err)
			continue
		}
		wantText(t, test.err.Error(), []string{test.text}, nil)
	}
}

func errorOf[T any](_ T, err error) error { return err }

// An ID is one segment of the path, whatever characters it contains.
func TestPathsAreEscaped(t *testing.T) {
	for _, base := range []string{"", "/base", "/a%2Fb"} {
		for name, want := range map[polar.ExternalCustomerID]string{
			"user_1": "user_1", "a/b": "a%2Fb", "ü": "%C3%BC", "%": "%25", "%2F": "%252F", "a b": "a%20b", "a?b#c": "a%3Fb%23c", "...": "...",
			"../x": "..%2Fx", "{id}": "%7Bid%7D", "a+b;c=d": "a+b%3Bc=d", "\n": "%0A", "\x00": "%00", "\xff": "%FF",
		} {
			var got string
			client := must[*polar.Client](t)(polar.New(polar.WithServerURL("https://example.com"+base), polar.WithAccessToken("polar_oat_x"),
				withTransport(func(r *http.Request) (*http.Response, error) {
					got = r.URL.RequestURI()
					return newResponse(200, `{"id":"x","items":[]}`, asJSON), nil
				})))
			if _, err := client.Customers.Get(t.Context(), name); err != nil || got != base+"/v1/customers/external/"+want {
				t.Errorf("%q: %s, %v", name, got, err)
			}
			if _, err := client.Customers.Members.GetExternal(t.Context(), name, polar.ExternalMemberID(name)); err != nil || got != base+"/v1/customers/external/"+want+"/members/"+want {
				t.Errorf("%q: %s, %v", name, got, err)
			}
		}
	}
}

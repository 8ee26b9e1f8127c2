package polar_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

func text(s string) polar.Optional[string] { return polar.Set(s) }

var (
	nothing = polar.Null[string]()
	owner   = polar.MemberOwnerCreate{Email: "ada@example.com", Name: text("Ada"), ExternalID: text("member_1")}
	address = polar.AddressInput{
		Line1: text("1 Main St"), Line2: text("Floor 2"), PostalCode: text("10001"), City: text("New York"), State: text("NY"), Country: "US",
	}
)

// requests are the types that are bodies, or stand in one, as they are with nothing but what they need, with every null that they
// can have, and with all values. In their goldens is one of them a line.
var requests = map[string][]any{
	"CustomerSessionCreate": {
		polar.CustomerSessionCreate{Customer: polar.CustomerID("c")},
		polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("user_1"), ReturnURL: nothing},
		polar.CustomerSessionCreate{
			Customer: polar.ExternalCustomerID("user_1"), Member: polar.ExternalMemberID("member_1"), ReturnURL: text("https://example.com/?a=1&b=2"),
			ExpiresIn: 90 * time.Minute, IdleTimeout: time.Minute, Scopes: []polar.Scope{polar.ScopeCustomerPortalRead},
			Metadata: polar.Metadata{"via": "till", "n": 1, "x": 0.5, "ok": true}, IdempotencyKey: "is a header",
		},
	},
	"CustomerSessionUpdate": {
		polar.CustomerSessionUpdate{},
		polar.CustomerSessionUpdate{Metadata: polar.Metadata{}},
		polar.CustomerSessionUpdate{ExpiresIn: time.Hour, Metadata: polar.Metadata{"via": "till"}},
	},
	"CustomerSessionCodeRequest": {
		polar.CustomerSessionCodeRequest{},
		polar.CustomerSessionCodeRequest{},
		polar.CustomerSessionCodeRequest{Email: "ada@example.com", OrganizationID: "o", CustomerID: "c"},
	},
	"CustomerSessionCodeAuthenticate": {
		polar.CustomerSessionCodeAuthenticate{},
		polar.CustomerSessionCodeAuthenticate{},
		polar.CustomerSessionCodeAuthenticate{Code: "A1B2C3", CustomerID: "c"},
	},
	"CustomerSessionSettingsUpdate": {
		polar.CustomerSessionSettingsUpdate{},
		polar.CustomerSessionSettingsUpdate{
			MaxSessions: polar.Null[int](), EndOnEmailChange: polar.Null[bool](), EndOnRoleDowngrade: polar.Null[bool](), EndOnOrganizationBlock: polar.Null[bool](),
		},
		polar.CustomerSessionSettingsUpdate{
			MaxExpiresIn: 24 * time.Hour, MaxSessions: polar.Set(0), EndOnEmailChange: polar.Set(false), EndOnRoleDowngrade: polar.Set(true),
			EndOnOrganizationBlock: polar.Set(true),
		},
	},
	"CustomerIndividualCreate": {
		polar.CustomerIndividualCreate{Email: "ada@example.com"},
		polar.CustomerIndividualCreate{
			ExternalID: nothing, Name: nothing, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nothing, Locale: nothing,
			Owner: polar.Null[polar.MemberOwnerCreate](), OrganizationID: nothing,
		},
		polar.CustomerIndividualCreate{
			Email: "ada@example.com", ExternalID: text("user_1"), Name: text("Ada <Lovelace>"), BillingAddress: polar.Set(address),
			TaxID: text("FR61954506077"), Locale: text("en"), Metadata: polar.Metadata{"plan": "gold"}, Owner: polar.Set(owner), OrganizationID: text("o"),
		},
	},
	"CustomerTeamCreate": {
		polar.CustomerTeamCreate{},
		polar.CustomerTeamCreate{
			Email: nothing, ExternalID: nothing, Name: nothing, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nothing, Locale: nothing,
			Owner: polar.Null[polar.MemberOwnerCreate](), OrganizationID: nothing,
		},
		polar.CustomerTeamCreate{
			Email: text("team@example.com"), ExternalID: text("team_1"), Name: text("Team"), BillingAddress: polar.Set(address),
			TaxID: text("FR61954506077"), Locale: text("en"), Metadata: polar.Metadata{"plan": "gold"}, Owner: polar.Set(owner), OrganizationID: text("o"),
		},
	},
	"CustomerUpdate": {
		polar.CustomerUpdate{},
		polar.CustomerUpdate{
			Email: nothing, Name: nothing, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nothing, Locale: nothing,
			Metadata: polar.Metadata{}, ExternalID: nothing, Type: polar.Null[polar.CustomerType](),
		},
		polar.CustomerUpdate{
			Email: text("ada@example.com"), Name: text("Ada"), BillingAddress: polar.Set(address), TaxID: text("FR61954506077"), Locale: text("en"),
			Metadata: polar.Metadata{"plan": "gold"}, ExternalID: text("user_1"), Type: polar.Set(polar.CustomerTeam),
		},
	},
	"MemberOwnerCreate": {
		polar.MemberOwnerCreate{},
		polar.MemberOwnerCreate{Name: nothing, ExternalID: nothing},
		owner,
	},
	"AddressInput": {
		polar.AddressInput{},
		polar.AddressInput{Line1: nothing, Line2: nothing, PostalCode: nothing, City: nothing, State: nothing},
		address,
	},
	"MemberCreateFromCustomer": {
		polar.MemberCreateFromCustomer{},
		polar.MemberCreateFromCustomer{Name: nothing, ExternalID: nothing},
		polar.MemberCreateFromCustomer{Email: "ada@example.com", Name: text("Ada"), ExternalID: text("member_1"), Role: polar.RoleBillingManager},
	},
	"MemberUpdate": {
		polar.MemberUpdate{},
		polar.MemberUpdate{Name: nothing, Email: nothing, Role: polar.Null[polar.MemberRole]()},
		polar.MemberUpdate{Name: text("Ada"), Email: text("ada@example.com"), Role: polar.Set(polar.RoleOwner)},
	},
	"CustomerPortalCustomerUpdate": {
		polar.CustomerPortalCustomerUpdate{},
		polar.CustomerPortalCustomerUpdate{BillingName: nothing, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nothing, DefaultPaymentMethodID: nothing},
		polar.CustomerPortalCustomerUpdate{BillingName: text("Ada"), BillingAddress: polar.Set(address), TaxID: text("FR61954506077"), DefaultPaymentMethodID: text("p")},
	},
	"CustomerPortalMemberCreate": {
		polar.CustomerPortalMemberCreate{},
		polar.CustomerPortalMemberCreate{Name: nothing},
		polar.CustomerPortalMemberCreate{Email: "ada@example.com", Name: text("Ada"), Role: polar.RoleMember},
	},
	"CustomerPortalMemberUpdate": {
		polar.CustomerPortalMemberUpdate{},
		polar.CustomerPortalMemberUpdate{Name: nothing, Role: polar.Null[polar.MemberRole]()},
		polar.CustomerPortalMemberUpdate{Name: text("Ada"), Role: polar.Set(polar.RoleMember)},
	},
	"OrganizationAccessTokenCreate": {
		polar.OrganizationAccessTokenCreate{},
		polar.OrganizationAccessTokenCreate{Scopes: []polar.Scope{}},
		polar.OrganizationAccessTokenCreate{Comment: "till", Scopes: []polar.Scope{polar.ScopeCustomersRead, polar.ScopeMembersRead}, ExpiresIn: 36 * time.Hour},
	},
	"OrganizationAccessTokenUpdate": {
		polar.OrganizationAccessTokenUpdate{},
		polar.OrganizationAccessTokenUpdate{Comment: nothing, Scopes: polar.Null[[]polar.Scope]()},
		polar.OrganizationAccessTokenUpdate{Comment: text("till"), Scopes: polar.Set([]polar.Scope{polar.ScopeCustomersRead})},
	},
	"WebhookEndpointCreate": {
		polar.WebhookEndpointCreate{Events: []string{}},
		polar.WebhookEndpointCreate{Name: nothing},
		polar.WebhookEndpointCreate{URL: "https://example.com/hook", Name: text("shop"), Format: "raw", Events: []string{polar.EventSessionCreated}},
	},
	"WebhookEndpointUpdate": {
		polar.WebhookEndpointUpdate{},
		polar.WebhookEndpointUpdate{URL: nothing, Name: nothing, Format: nothing, Events: polar.Null[[]string](), Enabled: polar.Null[bool]()},
		polar.WebhookEndpointUpdate{
			URL: text("https://example.com/hook"), Name: text("shop"), Format: text("raw"), Events: polar.Set([]string{polar.EventSessionRevoked}),
			Enabled: polar.Set(false),
		},
	},
}

func TestRequestsAreTheseBytes(t *testing.T) {
	for name, values := range requests {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for _, v := range values {
				if got := reflect.TypeOf(v).Name(); got != name {
					t.Errorf("this is a %s", got)
				}
				lines = append(lines, encoded(t, v))
			}
			got := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
			if want := string(golden(t, name)); got != want {
				t.Errorf("got\n%s\nwanted\n%s", got, want)
			}
			every(t, name, values)
		})
	}
}

// encoded is a value as the client writes bodies.
func encoded(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// every fails for a field that has no null where it could, or no value at last.
func every(t *testing.T, name string, values []any) {
	t.Helper()
	bare, full := reflect.ValueOf(values[1]), reflect.ValueOf(values[2])
	for i := range full.NumField() {
		field := fmt.Sprint(name, ".", full.Type().Field(i).Name)
		if full.Field(i).IsZero() {
			t.Errorf("%s has no value", field)
		}
		if o, ok := bare.Field(i).Interface().(interface{ IsNull() bool }); ok && !o.IsNull() {
			t.Errorf("%s is not null", field)
		}
	}
}

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

func set(s string) polar.Optional[string] { return polar.Set(s) }

var (
	nullText = polar.Null[string]()
	owner    = polar.MemberOwnerCreate{Email: "ada@example.com", Name: set("Ada"), ExternalID: "member_1"}
	address  = polar.AddressInput{
		Line1: set("1 Main St"), Line2: set("Floor 2"), PostalCode: set("10001"), City: set("New York"), State: set("NY"), Country: "US",
	}
)

// requests are the types that are request bodies or part of one. Each has three values, which are the lines of its
// golden file: with required fields only, with every nullable field null, and with every field set.
var requests = map[string][]any{
	"CustomerSessionCreate": {
		polar.CustomerSessionCreate{Customer: polar.CustomerID("c")},
		polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("user_1"), ReturnURL: nullText, OneTimeLink: polar.Null[bool]()},
		polar.CustomerSessionCreate{
			Customer: polar.ExternalCustomerID("user_1"), Member: polar.ExternalMemberID("member_1"), ReturnURL: set("https://example.com/?a=1&b=2"),
			ExpiresIn: 90 * time.Minute, IdleTimeout: time.Minute, Scopes: []polar.Scope{polar.ScopeCustomerPortalRead},
			Metadata: polar.Metadata{"via": "till", "n": 1, "x": 0.5, "ok": true}, OneTimeLink: polar.Set(true), IdempotencyKey: "is a header",
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
	"CustomerSessionRedeem": {
		polar.CustomerSessionRedeem{},
		polar.CustomerSessionRedeem{},
		polar.CustomerSessionRedeem{Ticket: "t", State: "s", Verifier: "v", ReturnURL: "https://app.example.com/.postern/callback"},
	},
	"CustomerSessionProofConfirm": {
		polar.CustomerSessionProofConfirm{},
		polar.CustomerSessionProofConfirm{},
		polar.CustomerSessionProofConfirm{Code: "A1B2C3"},
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
	"CustomerPortalSettingsUpdate": {
		polar.CustomerPortalSettingsUpdate{},
		polar.CustomerPortalSettingsUpdate{
			AccentColor: nullText, LogoURL: nullText, ReturnURL: nullText, ReturnHosts: polar.Null[[]string](), ApplicationHosts: polar.Null[[]string](), OneTimeLinks: polar.Null[bool](), SignInNotices: polar.Null[bool](),
			SupportEmail: nullText, SupportURL: nullText, TermsURL: nullText, PrivacyURL: nullText,
		},
		polar.CustomerPortalSettingsUpdate{
			AccentColor: set("#3366ff"), LogoURL: set("https://example.com/logo.png"), ReturnURL: set("https://example.com/account"),
			ReturnHosts: polar.Set([]string{"example.com"}), ApplicationHosts: polar.Set([]string{"app.example.com"}), OneTimeLinks: polar.Set(true), SignInNotices: polar.Set(false),
			SupportEmail: set("help@example.com"), SupportURL: set("https://example.com/help"), TermsURL: set("https://example.com/terms"), PrivacyURL: set("https://example.com/privacy"),
		},
	},
	"CustomerIndividualCreate": {
		polar.CustomerIndividualCreate{Email: "ada@example.com"},
		polar.CustomerIndividualCreate{
			Name: nullText, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nullText, Locale: nullText,
			Owner: polar.Null[polar.MemberOwnerCreate](),
		},
		polar.CustomerIndividualCreate{
			Email: "ada@example.com", ExternalID: "user_1", Name: set("Ada <Lovelace>"), BillingAddress: polar.Set(address),
			TaxID: set("FR61954506077"), Locale: set("en"), Metadata: polar.Metadata{"plan": "gold"}, Owner: polar.Set(owner), OrganizationID: "o",
		},
	},
	"CustomerTeamCreate": {
		polar.CustomerTeamCreate{},
		polar.CustomerTeamCreate{
			Email: nullText, Name: nullText, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nullText, Locale: nullText,
			Owner: polar.Null[polar.MemberOwnerCreate](),
		},
		polar.CustomerTeamCreate{
			Email: set("team@example.com"), ExternalID: "team_1", Name: set("Team"), BillingAddress: polar.Set(address),
			TaxID: set("FR61954506077"), Locale: set("en"), Metadata: polar.Metadata{"plan": "gold"}, Owner: polar.Set(owner), OrganizationID: "o",
		},
	},
	"CustomerUpdate": {
		polar.CustomerUpdate{},
		polar.CustomerUpdate{
			Email: nullText, Name: nullText, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nullText, Locale: nullText,
			Metadata: polar.Metadata{}, Type: polar.Null[polar.CustomerType](),
		},
		polar.CustomerUpdate{
			Email: set("ada@example.com"), Name: set("Ada"), BillingAddress: polar.Set(address), TaxID: set("FR61954506077"), Locale: set("en"),
			Metadata: polar.Metadata{"plan": "gold"}, ExternalID: "user_1", Type: polar.Set(polar.CustomerTeam),
		},
	},
	"MemberOwnerCreate": {
		polar.MemberOwnerCreate{},
		polar.MemberOwnerCreate{Name: nullText},
		owner,
	},
	"AddressInput": {
		polar.AddressInput{},
		polar.AddressInput{Line1: nullText, Line2: nullText, PostalCode: nullText, City: nullText, State: nullText},
		address,
	},
	"MemberCreate": {
		polar.MemberCreate{},
		polar.MemberCreate{Name: nullText},
		polar.MemberCreate{CustomerID: "9b2d1c8e-7f3a-4e5b-8c6d-0a1b2c3d4e5f", Email: "ada@example.com", Name: set("Ada"), ExternalID: "member_1", Role: polar.RoleBillingManager},
	},
	"MemberCreateFromCustomer": {
		polar.MemberCreateFromCustomer{},
		polar.MemberCreateFromCustomer{Name: nullText},
		polar.MemberCreateFromCustomer{Email: "ada@example.com", Name: set("Ada"), ExternalID: "member_1", Role: polar.RoleBillingManager},
	},
	"MemberUpdate": {
		polar.MemberUpdate{},
		polar.MemberUpdate{Name: nullText, Email: nullText, Role: polar.Null[polar.MemberRole]()},
		polar.MemberUpdate{Name: set("Ada"), Email: set("ada@example.com"), Role: polar.Set(polar.RoleOwner)},
	},
	"CustomerPortalCustomerUpdate": {
		polar.CustomerPortalCustomerUpdate{},
		polar.CustomerPortalCustomerUpdate{BillingName: nullText, BillingAddress: polar.Null[polar.AddressInput](), TaxID: nullText, DefaultPaymentMethodID: nullText},
		polar.CustomerPortalCustomerUpdate{BillingName: set("Ada"), BillingAddress: polar.Set(address), TaxID: set("FR61954506077"), DefaultPaymentMethodID: set("p")},
	},
	"CustomerPortalMemberCreate": {
		polar.CustomerPortalMemberCreate{},
		polar.CustomerPortalMemberCreate{Name: nullText},
		polar.CustomerPortalMemberCreate{Email: "ada@example.com", Name: set("Ada"), Role: polar.RoleMember},
	},
	"CustomerPortalMemberUpdate": {
		polar.CustomerPortalMemberUpdate{},
		polar.CustomerPortalMemberUpdate{Name: nullText, Role: polar.Null[polar.MemberRole]()},
		polar.CustomerPortalMemberUpdate{Name: set("Ada"), Role: polar.Set(polar.RoleMember)},
	},
	"OrganizationAccessTokenRotate": {
		polar.OrganizationAccessTokenRotate{},
		polar.OrganizationAccessTokenRotate{Overlap: polar.Null[time.Duration]()},
		polar.OrganizationAccessTokenRotate{Overlap: polar.Set(time.Hour), ExpiresIn: 36 * time.Hour},
		polar.OrganizationAccessTokenRotate{Overlap: polar.Set(time.Duration(0))},
	},
	"OrganizationAccessTokenCreate": {
		polar.OrganizationAccessTokenCreate{},
		polar.OrganizationAccessTokenCreate{Scopes: []polar.Scope{}},
		polar.OrganizationAccessTokenCreate{Comment: "till", Scopes: []polar.Scope{polar.ScopeCustomersRead, polar.ScopeMembersRead}, ExpiresIn: 36 * time.Hour},
	},
	"OrganizationAccessTokenUpdate": {
		polar.OrganizationAccessTokenUpdate{},
		polar.OrganizationAccessTokenUpdate{Comment: nullText, Scopes: polar.Null[[]polar.Scope]()},
		polar.OrganizationAccessTokenUpdate{Comment: set("till"), Scopes: polar.Set([]polar.Scope{polar.ScopeCustomersRead})},
	},
	"WebhookEndpointCreate": {
		polar.WebhookEndpointCreate{Events: []polar.EventType{}},
		polar.WebhookEndpointCreate{Name: nullText},
		polar.WebhookEndpointCreate{URL: "https://example.com/hook", Name: set("shop"), Format: "raw", Events: []polar.EventType{polar.EventSessionCreated}},
	},
	"WebhookEndpointUpdate": {
		polar.WebhookEndpointUpdate{},
		polar.WebhookEndpointUpdate{URL: nullText, Name: nullText, Format: polar.Null[polar.WebhookFormat](), Events: polar.Null[[]polar.EventType](), Enabled: polar.Null[bool]()},
		polar.WebhookEndpointUpdate{
			URL: set("https://example.com/hook"), Name: set("shop"), Format: polar.Set(polar.WebhookFormatRaw), Events: polar.Set([]polar.EventType{polar.EventSessionRevoked}),
			Enabled: polar.Set(false),
		},
	},
}

func TestRequestBodiesMatchGoldens(t *testing.T) {
	for name, values := range requests {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for _, v := range values {
				if got := reflect.TypeOf(v).Name(); got != name {
					t.Errorf("the value has the type %s", got)
				}
				lines = append(lines, encode(t, v))
			}
			got := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
			if want := string(golden(t, name)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			requireNullsAndValues(t, name, values)
		})
	}
}

// encode encodes a value as the client encodes request bodies.
func encode(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// requireNullsAndValues fails the test if the second value has a nullable field that is not null, or the third has a
// field without a value.
func requireNullsAndValues(t *testing.T, name string, values []any) {
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

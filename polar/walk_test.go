package polar_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

// maxWait is long enough for a busy machine.
const maxWait = 20 * time.Second

// walk calls every client method on a real server and checks the results.
type walk struct {
	t      *testing.T
	server *polartest.Server
	client *polar.Client
}

func (w walk) callEverything() {
	w.description()
	w.organization()
	w.accessTokens()
	w.customers()
	w.members()
	w.sessions()
	w.revocations()
	w.holder()
	w.login()
	w.team()
	w.webhooks()
	w.auditLog()
}

// escapedCustomer is an ID that must be escaped in a path.
const escapedCustomer = polar.ExternalCustomerID("a/b ü%2F?#+..")

func (w walk) description() {
	health := must[*polar.Health](w.t)(w.client.Server.Health(w.t.Context()))
	wantEqual(w.t, "the health", health.Status, "ok")
	var document struct{ OpenAPI string }
	if err := json.Unmarshal(must[json.RawMessage](w.t)(w.client.Server.OpenAPI(w.t.Context())), &document); err != nil || document.OpenAPI != "3.1.0" {
		w.t.Errorf("OpenAPI version %q: %v", document.OpenAPI, err)
	}
}

func (w walk) organization() {
	ctx := w.t.Context()
	listed := collect(w.t, w.client.Organizations.List(ctx, polar.OrganizationListParams{Slug: "acme", Sorting: []polar.Sort{polar.SortName}}))
	wantEqual(w.t, "the list", len(listed), 1)
	page := must[*polar.List[polar.Organization]](w.t)(w.client.Organizations.ListPage(ctx, polar.OrganizationListParams{Slug: "nobody"}))
	wantEqual(w.t, "the empty list", len(page.Items)+page.Pagination.TotalCount, 0)
	got := must[*polar.Organization](w.t)(w.client.Organizations.Get(ctx, w.server.OrganizationID))
	wantEqual(w.t, "the slug", got.Slug, "acme")
	// The version 2027-01 has one field more and one less.
	wantEqual(w.t, "the member model is there, and the units are not", got.FeatureSettings.MemberModel != nil, got.CustomerPortalSettings.Subscription.UpdateUnits == nil)
	seen := must[*polar.CustomerOrganizationData](w.t)(w.client.CustomerPortal.Organizations.Get(ctx, "acme"))
	wantEqual(w.t, "the name", seen.Organization.Name, "Acme")

	settings := must[*polar.CustomerSessionSettings](w.t)(w.client.Organizations.CustomerSessionSettings(ctx, w.server.OrganizationID))
	wantEqual(w.t, "MaxExpiresIn", settings.MaxExpiresIn, 30*24*time.Hour)
	settings = must[*polar.CustomerSessionSettings](w.t)(w.client.Organizations.UpdateCustomerSessionSettings(ctx, w.server.OrganizationID,
		polar.CustomerSessionSettingsUpdate{MaxExpiresIn: 2 * time.Hour, EndOnRoleDowngrade: polar.Set(false)}))
	wantEqual(w.t, "the settings", *settings, polar.CustomerSessionSettings{MaxExpiresIn: 2 * time.Hour, EndOnEmailChange: true, EndOnOrganizationBlock: true})

	pages := must[*polar.CustomerPortalSettings](w.t)(w.client.Organizations.CustomerPortalSettings(ctx, w.server.OrganizationID))
	wantEqual(w.t, "one-time links", pages.OneTimeLinks, false)
	wantEqual(w.t, "sign-in notices", pages.SignInNotices, true)
	pages = must[*polar.CustomerPortalSettings](w.t)(w.client.Organizations.UpdateCustomerPortalSettings(ctx, w.server.OrganizationID,
		polar.CustomerPortalSettingsUpdate{AccentColor: polar.Set("#3366ff"), ReturnHosts: polar.Set([]string{"example.com"}), LogoURL: polar.Null[string]()}))
	wantEqual(w.t, "AccentColor", *pages.AccentColor, "#3366ff")
	wantEqual(w.t, "ReturnHosts", strings.Join(pages.ReturnHosts, " "), "example.com")
}

func (w walk) accessTokens() {
	ctx := w.t.Context()
	made := must[*polar.OrganizationAccessTokenCreated](w.t)(w.client.OrganizationAccessTokens.Create(ctx, polar.OrganizationAccessTokenCreate{
		Comment: "till", Scopes: []polar.Scope{polar.ScopeCustomersRead}, ExpiresIn: 90 * time.Minute,
	}))
	record := made.OrganizationAccessToken
	wantEqual(w.t, "the lifetime", record.ExpiresAt.Sub(record.CreatedAt), 90*time.Minute)
	// The new access token is refused for other scopes.
	_, err := w.client.CustomerSessions.ListPage(ctx, polar.CustomerSessionListParams{}, polar.WithAccessToken(made.Token))
	if apiErr, ok := errors.AsType[*polar.Error](err); !ok || !errors.Is(err, polar.ErrInsufficientScope) || apiErr.Scopes[0] != polar.ScopeCustomerSessionsRead {
		w.t.Errorf("%v", err)
	}
	changed := must[*polar.OrganizationAccessToken](w.t)(w.client.OrganizationAccessTokens.Update(ctx, record.ID,
		polar.OrganizationAccessTokenUpdate{Comment: polar.Set("shop")}))
	wantEqual(w.t, "the comment", changed.Comment, "shop")
	wantEqual(w.t, "the scopes", changed.Scopes, []polar.Scope{polar.ScopeCustomersRead})
	listed := collect(w.t, w.client.OrganizationAccessTokens.List(ctx, polar.OrganizationAccessTokenListParams{Sorting: []polar.Sort{polar.SortComment.Desc()}}))
	wantEqual(w.t, "the first entry", listed[0].ID, record.ID)
	rotated := must[*polar.OrganizationAccessTokenCreated](w.t)(w.client.OrganizationAccessTokens.Rotate(ctx, record.ID,
		polar.OrganizationAccessTokenRotate{Overlap: polar.Set(time.Duration(0)), ExpiresIn: time.Hour}))
	successor := rotated.OrganizationAccessToken
	wantEqual(w.t, "the lifetime of the successor", successor.ExpiresAt.Sub(successor.CreatedAt), time.Hour)
	wantEqual(w.t, "the parent of the successor", *successor.ParentID, *record.ParentID)
	if err := w.client.OrganizationAccessTokens.Delete(ctx, record.ID); !errors.Is(err, polar.ErrNotFound) {
		w.t.Errorf("deleting the rotated token: %v", err)
	}
	kept := must[*polar.OrganizationAccessTokenCreated](w.t)(w.client.OrganizationAccessTokens.Rotate(ctx, successor.ID,
		polar.OrganizationAccessTokenRotate{Overlap: polar.Set(time.Minute)}))
	if err := w.client.OrganizationAccessTokens.Delete(ctx, successor.ID); err != nil {
		w.t.Errorf("deleting the token during the overlap: %v", err)
	}
	if err := w.client.OrganizationAccessTokens.DeleteWithSessions(ctx, kept.OrganizationAccessToken.ID); err != nil {
		w.t.Error(err)
	}
	page := must[*polar.List[polar.OrganizationAccessToken]](w.t)(w.client.OrganizationAccessTokens.ListPage(ctx, polar.OrganizationAccessTokenListParams{}))
	wantEqual(w.t, "the remaining tokens", page.Pagination.TotalCount, len(listed)-1)
}

func (w walk) individual(external polar.ExternalCustomerID, email string) *polar.Customer {
	w.t.Helper()
	return must[*polar.Customer](w.t)(w.client.Customers.Create(w.t.Context(), polar.CustomerIndividualCreate{
		Email: email, ExternalID: external, Name: polar.Set("Ada Lovelace"),
		Metadata: polar.Metadata{"plan": "gold", "seats": 3, "ratio": 0.5, "snowflake": int64(175928847299117063), "beta": true},
	}))
}

func (w walk) customers() {
	ctx := w.t.Context()
	made := w.individual(escapedCustomer, "ada@example.com")
	wantEqual(w.t, "the type", made.Type, polar.CustomerIndividual)
	wantEqual(w.t, "the metadata", made.Metadata, polar.Metadata{
		"plan": "gold", "seats": int64(3), "ratio": 0.5, "snowflake": int64(175928847299117063), "beta": true,
	})
	for _, ref := range []polar.CustomerRef{made.ID, escapedCustomer} {
		wantEqual(w.t, "the customer", must[*polar.Customer](w.t)(w.client.Customers.Get(ctx, ref)).ID, made.ID)
		state := must[*polar.CustomerState](w.t)(w.client.Customers.State(ctx, ref))
		wantEqual(w.t, "the state", []int{len(state.ActiveSubscriptions), len(state.GrantedBenefits), len(state.ActiveMeters)}, []int{0, 0, 0})
		wantEqual(w.t, "the customer of the state", state.ID, made.ID)
		changed := must[*polar.Customer](w.t)(w.client.Customers.Update(ctx, ref, polar.CustomerUpdate{
			BillingAddress: polar.Set(polar.AddressInput{Line1: polar.Set("1 Main St"), State: polar.Set("NY"), Country: "US"}),
			Name:           polar.Null[string](), Metadata: polar.Metadata{},
		}))
		wantEqual(w.t, "the state", changed.BillingAddress.State, "US-NY")
		wantEqual(w.t, "the removed values", []any{changed.Name == nil, len(changed.Metadata)}, []any{true, 0})
		wantEqual(w.t, "the unchanged email", changed.Email, "ada@example.com")
	}
	for _, external := range []polar.ExternalCustomerID{"x", "100%", "ünï", "a b", "...", "%2e%2e", "a?b=c#d"} {
		w.individual(external, "x@example.com")
		if err := w.client.Customers.DeleteAndAnonymize(ctx, external); err != nil {
			w.t.Errorf("%q: %v", external, err)
		}
		if _, err := w.client.Customers.Get(ctx, external); !errors.Is(err, polar.ErrNotFound) {
			w.t.Errorf("%q: %v", external, err)
		}
	}
	var exported strings.Builder
	if err := w.client.Customers.Export(ctx, &exported); err != nil {
		w.t.Error(err)
	}
	wantEqual(w.t, "the export", strings.HasPrefix(exported.String(), "ID,External ID,") && strings.Contains(exported.String(), string(made.ID)+","), true)
	other := w.individual("user_2", "other@example.com")
	if err := w.client.Customers.Delete(ctx, other.ID); err != nil {
		w.t.Error(err)
	}
	_, err := w.client.Customers.Create(ctx, polar.CustomerIndividualCreate{Email: "ADA@example.com"})
	if apiErr, ok := errors.AsType[*polar.Error](err); !errors.Is(err, polar.ErrValidation) || !ok || apiErr.Fields[0].Path() != "body.email" {
		w.t.Errorf("%v", err)
	}

	// A list with pages of one entry is complete.
	w.individual("user_3", "user_3@example.com")
	params := polar.CustomerListParams{Sorting: []polar.Sort{polar.SortEmail}, Page: polar.Page{Size: 1}}
	listed := collect(w.t, w.client.Customers.List(ctx, params))
	wantEqual(w.t, "the emails", []string{*listed[0].Email, *listed[1].Email}, []string{"ada@example.com", "user_3@example.com"})
	page := must[*polar.List[polar.Customer]](w.t)(w.client.Customers.ListPage(ctx, polar.CustomerListParams{
		Query: "user_", Email: "USER_3@example.com", Metadata: map[string]string{"plan": "gold"}, Active: polar.Set(false),
	}))
	wantEqual(w.t, "the filtered list", page.Pagination, polar.Pagination{TotalCount: 1, MaxPage: 1})
}

// membersByID calls the methods for members that need no customer. It leaves the members as they were.
func (w walk) membersByID(team polar.CustomerID, external polar.ExternalCustomerID) {
	ctx := w.t.Context()
	made := must[*polar.Member](w.t)(w.client.Members.Create(ctx, polar.MemberCreate{CustomerID: team, Email: "m4@example.com", ExternalID: "m/4"}))
	wantEqual(w.t, "the member", must[*polar.Member](w.t)(w.client.Members.Get(ctx, made.ID)).Email, "m4@example.com")
	for _, customer := range []polar.CustomerRef{team, external} {
		wantEqual(w.t, "the member", must[*polar.Member](w.t)(w.client.Members.GetExternal(ctx, customer, "m/4")).ID, made.ID)
	}
	must[*polar.Member](w.t)(w.client.Members.Update(ctx, made.ID, polar.MemberUpdate{Name: polar.Set("M")}))
	changed := must[*polar.Member](w.t)(w.client.Members.UpdateExternal(ctx, external, "m/4", polar.MemberUpdate{Email: polar.Set("m5@example.com")}))
	wantEqual(w.t, "the change", []string{*changed.Name, changed.Email}, []string{"M", "m5@example.com"})
	if err := w.client.Members.Delete(ctx, made.ID); err != nil {
		w.t.Error(err)
	}
	must[*polar.Member](w.t)(w.client.Members.Create(ctx, polar.MemberCreate{CustomerID: team, Email: "m6@example.com", ExternalID: "m/6"}))
	if err := w.client.Members.DeleteExternal(ctx, team, "m/6"); err != nil {
		w.t.Error(err)
	}
	if _, err := w.client.Members.Get(ctx, made.ID); !errors.Is(err, polar.ErrNotFound) {
		w.t.Errorf("%v", err)
	}
}

func (w walk) members() {
	ctx := w.t.Context()
	team := must[*polar.Customer](w.t)(w.client.Customers.Create(ctx, polar.CustomerTeamCreate{
		ExternalID: "team/1", Owner: polar.Set(polar.MemberOwnerCreate{Email: "owner@example.com"}),
	}))
	wantEqual(w.t, "no email of the team", team.Email == nil, true)
	const external = polar.ExternalCustomerID("team/1")
	byID := must[*polar.Member](w.t)(w.client.Customers.Members.Create(ctx, team.ID,
		polar.MemberCreateFromCustomer{Email: "m1@example.com", Role: polar.RoleBillingManager, Name: polar.Set("M")}))
	byName := must[*polar.Member](w.t)(w.client.Customers.Members.Create(ctx, external,
		polar.MemberCreateFromCustomer{Email: "m2@example.com", ExternalID: "m/2"}))
	wantEqual(w.t, "the roles", []polar.MemberRole{byID.Role, byName.Role}, []polar.MemberRole{polar.RoleBillingManager, polar.RoleMember})

	wantEqual(w.t, "the member", must[*polar.Member](w.t)(w.client.Customers.Members.Get(ctx, team.ID, byID.ID)).Email, "m1@example.com")
	wantEqual(w.t, "the member", must[*polar.Member](w.t)(w.client.Customers.Members.GetExternal(ctx, external, "m/2")).Email, "m2@example.com")
	changed := must[*polar.Member](w.t)(w.client.Customers.Members.Update(ctx, team.ID, byID.ID,
		polar.MemberUpdate{Name: polar.Null[string](), Role: polar.Set(polar.RoleMember)}))
	wantEqual(w.t, "the change", []any{*changed.Name, changed.Role, changed.Email}, []any{"M", polar.RoleMember, "m1@example.com"})
	changed = must[*polar.Member](w.t)(w.client.Customers.Members.UpdateExternal(ctx, external, "m/2", polar.MemberUpdate{Email: polar.Set("m3@example.com")}))
	wantEqual(w.t, "the email", changed.Email, "m3@example.com")

	w.membersByID(team.ID, external)
	wantEqual(w.t, "the members", len(collect(w.t, w.client.Members.List(ctx, polar.MemberListParams{Customer: external}))), 3)
	owners := must[*polar.List[polar.Member]](w.t)(w.client.Members.ListPage(ctx, polar.MemberListParams{Customer: team.ID, Role: polar.RoleOwner}))
	wantEqual(w.t, "the email of the owner", owners.Items[0].Email, "owner@example.com")
	wantEqual(w.t, "the members", len(collect(w.t, w.client.Customers.Members.List(ctx, external, polar.CustomerMemberListParams{Page: polar.Page{Size: 2}}))), 3)
	page := must[*polar.List[polar.Member]](w.t)(w.client.Customers.Members.ListPage(ctx, team.ID, polar.CustomerMemberListParams{Sorting: []polar.Sort{polar.SortCreatedAt}}))
	wantEqual(w.t, "the first entry", page.Items[0].Email, "owner@example.com")

	if err := w.client.Customers.Members.Delete(ctx, team.ID, byID.ID); err != nil {
		w.t.Error(err)
	}
	if err := w.client.Customers.Members.DeleteExternal(ctx, external, "m/2"); err != nil {
		w.t.Error(err)
	}
	if err := w.client.Customers.Members.Delete(ctx, team.ID, owners.Items[0].ID); !errors.Is(err, polar.ErrValidation) {
		w.t.Errorf("deleting the only owner: %v", err)
	}
	if err := w.client.Customers.Delete(ctx, external); err != nil {
		w.t.Error(err)
	}
}

// session creates a session for the customer escapedCustomer.
func (w walk) session() *polar.CustomerSession {
	w.t.Helper()
	return must[*polar.CustomerSession](w.t)(w.client.CustomerSessions.Create(w.t.Context(), polar.CustomerSessionCreate{Customer: escapedCustomer}))
}

func (w walk) sessions() {
	ctx := w.t.Context()
	made := must[*polar.CustomerSession](w.t)(w.client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{
		Customer: escapedCustomer, ReturnURL: polar.Set("https://example.com"), ExpiresIn: 10 * time.Minute, IdleTimeout: 5 * time.Minute,
		Scopes: []polar.Scope{polar.ScopeCustomerPortalRead}, Metadata: polar.Metadata{"via": "till"},
	}))
	wantEqual(w.t, "the lifetime", made.ExpiresAt.Sub(made.CreatedAt).Round(time.Second), 10*time.Minute)
	wantEqual(w.t, "ReturnURL", made.ReturnURL, "https://example.com/")
	wantEqual(w.t, "the customer", made.Customer.ExternalID, escapedCustomer)
	got := must[*polar.CustomerSessionInfo](w.t)(w.client.CustomerSessions.Get(ctx, made.ID))
	wantEqual(w.t, "the session", []any{got.State, *got.IdleTimeout, got.Metadata, got.Scopes},
		[]any{"live", 5 * time.Minute, polar.Metadata{"via": "till"}, []polar.Scope{polar.ScopeCustomerPortalRead}})
	got = must[*polar.CustomerSessionInfo](w.t)(w.client.CustomerSessions.Update(ctx, made.ID,
		polar.CustomerSessionUpdate{ExpiresIn: time.Hour, Metadata: polar.Metadata{}}))
	wantEqual(w.t, "the extended session", []any{got.ExpiresAt.After(made.ExpiresAt), len(got.Metadata)}, []any{true, 0})

	inspection := must[*polar.CustomerSessionInspection](w.t)(w.client.CustomerSessions.Inspect(ctx, made.Token))
	wantEqual(w.t, "the inspection", []any{inspection.Status, inspection.CustomerSession.ID}, []any{"live", made.ID})
	token := must[*polar.TokenIntrospection](w.t)(w.client.OAuth2.Introspect(ctx, made.Token))
	wantEqual(w.t, "the introspection", []any{token.Active, token.ID, token.CustomerID, token.ExpiresAt, *token.MemberID},
		[]any{true, made.ID, made.CustomerID, got.ExpiresAt.Truncate(time.Second).Format(time.RFC3339), *got.MemberID})
	if err := w.client.OAuth2.Revoke(ctx, made.Token); err != nil {
		w.t.Error(err)
	}
	wantEqual(w.t, "the introspection of a revoked session", *must[*polar.TokenIntrospection](w.t)(w.client.OAuth2.Introspect(ctx, made.Token)), polar.TokenIntrospection{})
	inspection = must[*polar.CustomerSessionInspection](w.t)(w.client.CustomerSessions.Inspect(ctx, "ö&=+ \n"))
	wantEqual(w.t, "the inspection of a malformed token", []any{inspection.Status, inspection.CustomerSession == nil}, []any{"malformed", true})

	second := w.session()
	ended := must[*polar.CustomerSessionInfo](w.t)(w.client.CustomerSessions.Revoke(ctx, second.ID, "a reason & more"))
	wantEqual(w.t, "the revoked session", []any{ended.State, *ended.EndReason, ended.EndedAt != nil}, []any{"revoked", "a reason & more", true})
	params := polar.CustomerSessionListParams{Customer: escapedCustomer, State: polar.SessionRevoked, Sorting: []polar.Sort{polar.SortCreatedAt}, Page: polar.Page{Size: 1}}
	listed := collect(w.t, w.client.CustomerSessions.List(ctx, params))
	wantEqual(w.t, "the revoked sessions", []polar.SessionID{listed[0].ID, listed[1].ID}, []polar.SessionID{made.ID, second.ID})
	page := must[*polar.List[polar.CustomerSessionInfo]](w.t)(w.client.CustomerSessions.ListPage(ctx, polar.CustomerSessionListParams{Member: *got.MemberID, State: polar.SessionLive}))
	wantEqual(w.t, "the number of live sessions", page.Pagination.TotalCount, 0)
	_, err := w.client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("nobody")})
	if !errors.Is(err, polar.ErrValidation) {
		w.t.Errorf("%v", err)
	}
}

// revocations revokes sessions in every way and follows the stream meanwhile.
func (w walk) revocations() {
	ctx, cancel := context.WithTimeout(w.t.Context(), maxWait)
	defer cancel()
	customer := must[*polar.Customer](w.t)(w.client.Customers.Get(ctx, escapedCustomer))
	members := collect(w.t, w.client.Members.List(ctx, polar.MemberListParams{Customer: escapedCustomer}))
	var began string
	steps := 0
	for event, err := range w.client.CustomerSessions.Revocations(ctx, "") {
		if err != nil {
			w.t.Fatal(err)
		}
		switch steps++; steps {
		case 1:
			began = event.ID
			wantEqual(w.t, "the heartbeat", event.Revocation == nil, true)
			if err := w.client.CustomerSessions.RevokeCustomer(ctx, escapedCustomer, "a reason"); err != nil {
				w.t.Fatal(err)
			}
			continue
		case 2:
			wantEqual(w.t, "the revocation of the customer", []any{*event.Revocation.CustomerID, event.Revocation.MemberID == nil, event.Revocation.Reason},
				[]any{customer.ID, true, "a reason"})
			if err := w.client.CustomerSessions.RevokeMember(ctx, customer.ID, members[0].ID, ""); err != nil {
				w.t.Fatal(err)
			}
			continue
		case 3:
			wantEqual(w.t, "the revocation of the member", *event.Revocation.MemberID, members[0].ID)
			if err := w.client.CustomerSessions.RevokeOrganization(ctx, w.server.OrganizationID, ""); err != nil {
				w.t.Fatal(err)
			}
			continue
		}
		wantEqual(w.t, "the revocation of all", []any{event.Revocation.CustomerID == nil, event.Revocation.CustomerSessionID == nil}, []any{true, true})
		break
	}
	// A stream that continues after an event ID contains all later revocations.
	var missed int
	for event, err := range w.client.CustomerSessions.FollowRevocations(ctx, began) {
		if err != nil {
			w.t.Fatal(err)
		}
		if event.Revocation != nil {
			missed++
		}
		if missed == 3 {
			break
		}
	}
}

// holder calls the methods for the holder of a session.
func (w walk) holder() {
	ctx := w.t.Context()
	first, second, third := w.session(), w.session(), w.session()
	own := polar.SecurityFor(first.Token)
	seen := must[*polar.CustomerCustomerSession](w.t)(w.client.CustomerPortal.CustomerSession.Introspect(ctx, own))
	wantEqual(w.t, "the expiry", seen.ExpiresAt, first.ExpiresAt)
	user := must[*polar.PortalAuthenticatedUser](w.t)(w.client.CustomerPortal.CustomerSession.GetAuthenticatedUser(ctx, own))
	wantEqual(w.t, "the holder", []any{user.Type, user.Email, *user.Role, user.CustomerID}, []any{"member", "ada@example.com", polar.RoleOwner, first.CustomerID})
	forwarded := must[*polar.ForwardAuth](w.t)(w.client.CustomerPortal.ForwardAuth(ctx, own, polar.ForwardAuthParams{Organization: "acme", Scope: polar.ScopeCustomerPortalWrite}))
	wantEqual(w.t, "the forward-auth answer", *forwarded, polar.ForwardAuth{
		Principal: polar.PrincipalMember, OrganizationID: w.server.OrganizationID, CustomerID: first.CustomerID, MemberID: *user.MemberID, Role: polar.RoleOwner, Email: "ada@example.com",
		Scopes: []polar.Scope{polar.ScopeCustomerPortalWrite}, ExpiresAt: first.ExpiresAt,
	})
	keys := must[*polar.ForwardAuthKeys](w.t)(w.client.CustomerPortal.ForwardAuthKeys(ctx))
	wantEqual(w.t, "the keys", []any{len(keys.Keys), keys.Keys[0].Algorithm}, []any{1, "EdDSA"})
	_, err := w.client.CustomerPortal.ForwardAuth(ctx, own, polar.ForwardAuthParams{Organization: "another"})
	wantEqual(w.t, "a session of another organization is refused", errors.Is(err, polar.ErrInvalidToken), true)

	wantEqual(w.t, "the number of own sessions", len(collect(w.t, w.client.CustomerPortal.CustomerSessions.List(ctx, own, polar.Page{Size: 1}))), 3)
	if err := w.client.CustomerPortal.CustomerSessions.Revoke(ctx, own, second.ID); err != nil {
		w.t.Error(err)
	}
	if err := w.client.CustomerPortal.CustomerSession.SignOut(ctx, polar.SecurityFor(third.Token)); err != nil {
		w.t.Error(err)
	}
	left := must[*polar.List[polar.CustomerPortalSession]](w.t)(w.client.CustomerPortal.CustomerSessions.ListPage(ctx, own, polar.Page{}))
	wantEqual(w.t, "the remaining session", []any{left.Pagination.TotalCount, left.Items[0].ID, left.Items[0].Current}, []any{1, first.ID, true})
	_, err = w.client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(third.Token))
	wantEqual(w.t, "the signed-out session is invalid", errors.Is(err, polar.ErrInvalidToken), true)

	changed := must[*polar.CustomerPortalCustomer](w.t)(w.client.CustomerPortal.Customers.Update(ctx, own, polar.CustomerPortalCustomerUpdate{
		BillingName: polar.Set("Lovelace & Co."), BillingAddress: polar.Set(polar.AddressInput{Country: "FR"}), TaxID: polar.Set("FR61954506077"),
	}))
	wantEqual(w.t, "the change", []any{*changed.BillingName, *changed.TaxID}, []any{"Lovelace & Co.", polar.TaxID{"FR61954506077", "eu_vat"}})
	customer := must[*polar.CustomerPortalCustomer](w.t)(w.client.CustomerPortal.Customers.Get(ctx, own))
	wantEqual(w.t, "the customer", []any{customer.ID, customer.BillingAddress.Country}, []any{first.CustomerID, "FR"})
	export := must[*polar.CustomerExport](w.t)(w.client.CustomerPortal.Customers.Export(ctx, own))
	wantEqual(w.t, "the export", []any{export.Customer.ID, *export.Customer.TaxID, export.Customer.CreatedAt, len(export.Orders)},
		[]any{first.CustomerID, polar.TaxID{"FR61954506077", "eu_vat"}, customer.CreatedAt, 0})

	if err := w.client.CustomerPortal.Customers.RequestEmailUpdate(ctx, own, "new@example.com"); !errors.Is(err, polar.ErrSessionNotFresh) {
		w.t.Errorf("a change without a fresh proof: %v", err)
	}
	if err := w.client.CustomerPortal.CustomerSession.RequestProof(ctx, own); err != nil {
		w.t.Fatal(err)
	}
	confirm := polar.CustomerSessionProofConfirm{Code: "AAAAAA"}
	if _, err := w.client.CustomerPortal.CustomerSession.ConfirmProof(ctx, own, confirm); !errors.Is(err, polar.ErrValidation) {
		w.t.Errorf("a wrong code: %v", err)
	}
	confirm.Code = w.server.MailTo(*customer.Email).Code
	proof := must[*polar.CustomerSessionProof](w.t)(w.client.CustomerPortal.CustomerSession.ConfirmProof(ctx, own, confirm))
	wantEqual(w.t, "the end of the proof", time.Until(proof.FreshUntil) > 9*time.Minute, true)
	if err := w.client.CustomerPortal.Customers.RequestEmailUpdate(ctx, own, "new@example.com"); err != nil {
		w.t.Fatal(err)
	}
	token := w.server.MailTo("new@example.com").Token
	if err := w.client.CustomerPortal.Customers.CheckEmailUpdate(ctx, token); err != nil {
		w.t.Error(err)
	}
	fresh := must[*polar.SessionToken](w.t)(w.client.CustomerPortal.Customers.VerifyEmailUpdate(ctx, token))
	customer = must[*polar.CustomerPortalCustomer](w.t)(w.client.CustomerPortal.Customers.Get(ctx, polar.SecurityFor(fresh.Token)))
	wantEqual(w.t, "the new address", customer.Email, "new@example.com")
	if err := w.client.CustomerPortal.Customers.CheckEmailUpdate(ctx, token); !errors.Is(err, polar.ErrUnauthorized) {
		w.t.Errorf("a used token: %v", err)
	}
}

// login logs in with a code. Two customers have the email address, and the caller selects one.
func (w walk) login() {
	ctx := w.t.Context()
	const shared = "both@example.com"
	var teams []polar.CustomerID
	for _, name := range []string{"One", "Two"} {
		team := must[*polar.Customer](w.t)(w.client.Customers.Create(ctx, polar.CustomerTeamCreate{
			Name: polar.Set(name), Owner: polar.Set(polar.MemberOwnerCreate{Email: shared}),
		}))
		teams = append(teams, team.ID)
	}
	if err := w.client.CustomerPortal.CustomerSession.Request(ctx, polar.CustomerSessionCodeRequest{Email: shared, OrganizationID: w.server.OrganizationID}); err != nil {
		w.t.Fatal(err)
	}
	code := w.server.MailTo(shared).Code
	_, err := w.client.CustomerPortal.CustomerSession.Authenticate(ctx, polar.CustomerSessionCodeAuthenticate{Code: code})
	apiErr, ok := errors.AsType[*polar.Error](err)
	if !ok || !errors.Is(err, polar.ErrCustomerSelectionRequired) || len(apiErr.Customers) != 2 {
		w.t.Fatalf("%v", err)
	}
	for _, choice := range apiErr.Customers {
		wantEqual(w.t, "the option "+*choice.Name, choice.ID, teams[map[string]int{"One": 0, "Two": 1}[*choice.Name]])
	}
	chosen := polar.CustomerSessionCodeAuthenticate{Code: code, CustomerID: teams[1]}
	made := must[*polar.SessionToken](w.t)(w.client.CustomerPortal.CustomerSession.Authenticate(ctx, chosen))
	user := must[*polar.PortalAuthenticatedUser](w.t)(w.client.CustomerPortal.CustomerSession.GetAuthenticatedUser(ctx, polar.SecurityFor(made.Token)))
	wantEqual(w.t, "the user of the session", []any{user.CustomerID, user.Email}, []any{teams[1], shared})
	if _, err = w.client.CustomerPortal.CustomerSession.Authenticate(ctx, chosen); !errors.Is(err, polar.ErrUnauthorized) || errors.Is(err, polar.ErrInvalidToken) {
		w.t.Errorf("a used code: %v", err)
	}
	wantText(w.t, err.Error(), nil, []string{code, "credential"})
	ticket := polar.CustomerSessionRedeem{Ticket: "x", State: "x", Verifier: "x", ReturnURL: "https://app.example.com/.postern/callback"}
	if _, err = w.client.CustomerPortal.CustomerSession.Redeem(ctx, ticket); !errors.Is(err, polar.ErrInvalidToken) {
		w.t.Errorf("an unknown ticket: %v", err)
	}
}

// team manages the members of a team with its owner's session.
func (w walk) team() {
	ctx := w.t.Context()
	team := must[*polar.Customer](w.t)(w.client.Customers.Create(ctx, polar.CustomerTeamCreate{
		ExternalID: "team_2", Owner: polar.Set(polar.MemberOwnerCreate{Email: "boss@example.com", ExternalID: "boss"}),
	}))
	session := must[*polar.CustomerSession](w.t)(w.client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{
		Customer: team.ID, Member: polar.ExternalMemberID("boss"),
	}))
	own := polar.SecurityFor(session.Token)
	added := must[*polar.CustomerPortalMember](w.t)(w.client.CustomerPortal.Members.Add(ctx, own, polar.CustomerPortalMemberCreate{Email: "crew@example.com", Name: polar.Set("Crew")}))
	wantEqual(w.t, "the role", added.Role, polar.RoleMember)
	changed := must[*polar.CustomerPortalMember](w.t)(w.client.CustomerPortal.Members.Update(ctx, own, added.ID, polar.CustomerPortalMemberUpdate{Role: polar.Set(polar.RoleBillingManager)}))
	wantEqual(w.t, "the change", []any{changed.Role, *changed.Name}, []any{polar.RoleBillingManager, "Crew"})
	wantEqual(w.t, "the team", len(collect(w.t, w.client.CustomerPortal.Members.List(ctx, own, polar.Page{}))), 2)
	if err := w.client.CustomerPortal.Members.Remove(ctx, own, added.ID); err != nil {
		w.t.Error(err)
	}
	page := must[*polar.List[polar.CustomerPortalMember]](w.t)(w.client.CustomerPortal.Members.ListPage(ctx, own, polar.Page{}))
	wantEqual(w.t, "the team", page.Pagination.TotalCount, 1)
	_, err := w.client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{Customer: team.ID})
	wantEqual(w.t, "a session of a team without a member is invalid", errors.Is(err, polar.ErrValidation), true)
}

func (w walk) webhooks() {
	ctx := w.t.Context()
	came, failed := make(chan *polar.Webhook, 10), make(chan error, 10)
	var secret polar.WebhookSecret
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		event, err := polar.WebhookReceiver{Secrets: []polar.WebhookSecret{secret}, Now: w.server.Now}.Parse(r)
		if err != nil {
			failed <- err
			return
		}
		came <- event
	}))
	w.t.Cleanup(receiver.Close)
	next := func() *polar.Webhook {
		select {
		case event := <-came:
			return event
		case err := <-failed:
			w.t.Fatal(err)
		case <-time.After(maxWait):
			w.t.Fatal("no event arrived")
		}
		return nil
	}

	made := must[*polar.WebhookEndpoint](w.t)(w.client.Webhooks.CreateEndpoint(ctx, polar.WebhookEndpointCreate{
		URL: receiver.URL, Name: polar.Set("shop"), Events: []polar.EventType{polar.EventLoginFailed},
	}))
	wantEqual(w.t, "the endpoint", []any{made.Enabled, *made.Name, made.Format}, []any{true, "shop", "raw"})
	reset := must[*polar.WebhookEndpoint](w.t)(w.client.Webhooks.ResetEndpointSecret(ctx, made.ID))
	secret = reset.Secret // before any event is sent
	wantEqual(w.t, "the secret is unchanged", made.Secret == secret, false)
	rotated := must[*polar.WebhookEndpoint](w.t)(w.client.Webhooks.RotateEndpointSecret(ctx, made.ID)) // from now on, both secrets sign
	wantEqual(w.t, "the secret is unchanged", rotated.Secret == secret, false)
	changed := must[*polar.WebhookEndpoint](w.t)(w.client.Webhooks.UpdateEndpoint(ctx, made.ID, polar.WebhookEndpointUpdate{
		Name: polar.Null[string](), Events: polar.Set([]polar.EventType{
			polar.EventSessionCreated, polar.EventSessionRevoked, polar.EventSessionExpired, polar.EventLoginFailed,
		}),
	}))
	wantEqual(w.t, "the change", []any{changed.Name == nil, len(changed.Events), changed.Secret == ""}, []any{true, 4, true})
	wantEqual(w.t, "the endpoint", must[*polar.WebhookEndpoint](w.t)(w.client.Webhooks.GetEndpoint(ctx, made.ID)).URL, receiver.URL+"/")
	wantEqual(w.t, "the endpoints", len(collect(w.t, w.client.Webhooks.ListEndpoints(ctx, polar.Page{}))), 1)
	page := must[*polar.List[polar.WebhookEndpoint]](w.t)(w.client.Webhooks.ListEndpointsPage(ctx, polar.Page{Number: 2}))
	wantEqual(w.t, "the page after the last", len(page.Items), 0)

	session := w.session()
	created := next()
	wantEqual(w.t, "the event", []any{created.Type, created.Session.ID, created.Session.State}, []any{polar.EventSessionCreated, session.ID, "live"})
	must[*polar.CustomerSessionInfo](w.t)(w.client.CustomerSessions.Revoke(ctx, session.ID, "stolen"))
	revoked := next()
	wantEqual(w.t, "the event", []any{revoked.Type, revoked.Session.ID, *revoked.Session.EndReason}, []any{polar.EventSessionRevoked, session.ID, "stolen"})
	_, err := w.client.CustomerPortal.CustomerSession.Authenticate(ctx, polar.CustomerSessionCodeAuthenticate{Code: "AAAAAA", CustomerID: session.CustomerID})
	wantEqual(w.t, "a guessed code is refused", errors.Is(err, polar.ErrUnauthorized), true)
	failure := next()
	wantEqual(w.t, "the event", []any{failure.Type, failure.LoginFailed.Reason, *failure.LoginFailed.CustomerID},
		[]any{polar.EventLoginFailed, "unknown_code", session.CustomerID})

	if err := w.client.Webhooks.RedeliverEvent(ctx, created.ID); err != nil {
		w.t.Error(err)
	}
	again := next()
	wantEqual(w.t, "the redelivered event", []any{again.ID, string(again.Payload)}, []any{created.ID, string(created.Payload)})
	deliveries := collect(w.t, w.client.Webhooks.ListDeliveries(ctx, polar.WebhookDeliveryListParams{EndpointID: made.ID, Page: polar.Page{Size: 2}}))
	wantEqual(w.t, "the deliveries", []any{len(deliveries), deliveries[2].WebhookEvent.ID, deliveries[2].WebhookEvent.Payload},
		[]any{3, created.ID, string(created.Payload)})
	short := w.session()
	wantEqual(w.t, "the event", next().Type, polar.EventSessionCreated)
	w.server.Advance(2 * time.Hour)
	expired := next()
	for expired.Session.ID != short.ID { // sessions of earlier steps expire too
		expired = next()
	}
	wantEqual(w.t, "the event", []any{expired.Type, expired.Session.State}, []any{polar.EventSessionExpired, "expired"})
	waiting := must[*polar.List[polar.WebhookDelivery]](w.t)(w.client.Webhooks.ListDeliveriesPage(ctx, polar.WebhookDeliveryListParams{State: polar.DeliveryFailed}))
	wantEqual(w.t, "the number of failed deliveries", waiting.Pagination.TotalCount, 0)
	if err := w.client.Webhooks.DeleteEndpoint(ctx, made.ID); err != nil {
		w.t.Error(err)
	}
	if _, err := w.client.Webhooks.GetEndpoint(ctx, made.ID); !errors.Is(err, polar.ErrNotFound) {
		w.t.Errorf("%v", err)
	}
}

// collect returns everything that an iterator yields.
func collect[T any](t *testing.T, all iter.Seq2[*T, error]) (list []*T) {
	t.Helper()
	for v, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func (w walk) auditLog() {
	ctx := w.t.Context()
	customer := w.individual("audited", "audited@example.com")
	entries := collect(w.t, w.client.AuditLog.List(ctx, polar.AuditLogListParams{CustomerID: customer.ID, Outcome: polar.AuditSucceeded, Page: polar.Page{Size: 1}}))
	wantEqual(w.t, "the action", entries[len(entries)-1].Action, polar.AuditCustomerCreated)
	wantEqual(w.t, "the actor", entries[len(entries)-1].Actor.Type, polar.AuditActorAccessToken)
	page := must[*polar.List[polar.AuditLogEntry]](w.t)(w.client.AuditLog.ListPage(ctx, polar.AuditLogListParams{
		ActorID: *entries[0].Actor.ID, TargetID: string(customer.ID), Action: polar.AuditCustomerCreated, Since: entries[0].CreatedAt, Until: entries[0].CreatedAt.Add(time.Second),
	}))
	wantEqual(w.t, "the number of entries", page.Pagination.TotalCount, 1)
	page = must[*polar.List[polar.AuditLogEntry]](w.t)(w.client.AuditLog.ListPage(ctx, polar.AuditLogListParams{Until: time.Unix(1, 0)}))
	wantEqual(w.t, "the number of old entries", page.Pagination.TotalCount, 0)
}

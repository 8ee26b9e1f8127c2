package wiretest_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/postern-go/postern/internal/openapi"
)

// header is a name and a value, which need not be valid.
type header struct{ name, value string }

// request is an HTTP request that need not be valid.
type request struct {
	method, path string
	query        []header
	headers      []header
	body         string
	// length is the value of Content-Length. With "", there is no such header.
	length string
	// short reports whether the server expects more bytes than are sent.
	short bool
}

// valid returns a request of the operation that succeeds, unless an earlier request prevents it.
func (s *fixture) valid(op openapi.Operation) (r request, ok bool) {
	body, ok := s.bodies()[op.ID]
	if !ok {
		return r, false
	}
	external := *s.team.ExternalID
	if strings.HasPrefix(op.Path, "/v1/members/") {
		external = *s.member.ExternalID
	}
	path := strings.NewReplacer("{member_id}", s.member.ID, "{member_external_id}", *s.member.ExternalID, "{slug}", s.slug,
		"{external_id}", external, "{id}", s.idFor(op)).Replace(op.Path)
	r = request{method: op.Method, path: path, query: queries(s)[op.ID], body: body, headers: []header{{"Host", "portal.example.com"}}}
	if t := s.tokenFor(op); t != "" {
		r.headers = append(r.headers, header{"Authorization", "Bearer " + t})
	}
	if body != "" {
		contentType := "application/json"
		if strings.HasPrefix(op.Path, "/v1/oauth2/") {
			contentType = "application/x-www-form-urlencoded"
		}
		r.headers = append(r.headers, header{"Content-Type", contentType})
		r.length = strconv.Itoa(len(body))
	}
	return r, true
}

func (s *fixture) idFor(op openapi.Operation) string {
	switch {
	case strings.HasPrefix(op.Path, "/v1/organizations"):
		return s.org
	case strings.HasPrefix(op.Path, "/v1/organization-access-tokens"):
		return s.accessToken.ID
	case strings.HasPrefix(op.Path, "/v1/customer-portal/members"), strings.HasPrefix(op.Path, "/v1/members"):
		return s.member.ID
	case strings.HasPrefix(op.Path, "/v1/webhooks/events"):
		return s.event
	case strings.HasPrefix(op.Path, "/v1/webhooks"):
		return s.endpoint
	case strings.Contains(op.Path, "customer-sessions"):
		return s.spareSession.ID
	}
	return s.team.ID
}

func (s *fixture) tokenFor(op openapi.Operation) string {
	switch {
	case len(op.Scopes) == 0:
		return ""
	case op.ID == "customer_portal:customer-session:sign_out":
		return s.spareSession.Token
	case strings.HasPrefix(op.Path, "/v1/customer-portal/customers/me"):
		return s.personSession
	case strings.HasPrefix(op.Path, "/v1/customer-portal/"):
		return s.ownerSession
	}
	return s.token
}

// nextName numbers addresses and names that must be unique.
var nextName atomic.Int64

// bodies returns the body of each operation, "" for operations without a body.
func (s *fixture) bodies() map[string]string {
	n := nextName.Add(1)
	customer := fmt.Sprintf(`{"email":"c%d@acme.example","name":"Zoë","external_id":"x%d","type":"individual","locale":"en","tax_id":null,`+
		`"billing_address":{"line1":"1 Main St","line2":null,"postal_code":"10115","city":"Berlin","state":null,"country":"DE"},`+
		`"metadata":{"plan":"pro","seats":3,"rate":0.5,"beta":true},"owner":{"email":"o%[1]d@acme.example","name":"O","external_id":"o%[1]d"}}`, n, n)
	change := `{"name":"Ada","billing_address":{"line1":"1 Main St","postal_code":"10115","city":"Berlin","country":"DE"},"locale":"de","metadata":{"a":"b"}}`
	member := fmt.Sprintf(`{"email":"m%d@acme.example","name":"Bo","external_id":"m%[1]d","role":"member"}`, n)
	return map[string]string{
		"customer-sessions:create": `{"customer_id":"` + s.team.ID + `","member_id":"` + s.member.ID + `","return_url":"https://example.com/a?b=c#d",` +
			`"expires_in":7200,"idle_timeout":600,"scopes":["customer_portal:read"],"metadata":{"device":"kiosk"},"one_time_link":true}`,
		"customer-sessions:list": "", "customer-sessions:get": "", "customer-sessions:revoke": "", "customer-sessions:revocations": "",
		"customer-sessions:update":                       `{"expires_in":7200,"metadata":{"a":1}}`,
		"customer-sessions:revoke_all":                   `{"customer_id":"` + s.team.ID + `","member_id":"` + s.member.ID + `","reason":"lost"}`,
		"customer-sessions:inspect":                      `{"token":"` + s.spareSession.Token + `"}`,
		"customer_portal:customer-session:sign_out":      "",
		"customer_portal:customer-sessions:list":         "",
		"customer_portal:customer-sessions:revoke":       "",
		"organizations:customer-session-settings:get":    "",
		"organizations:customer-session-settings:update": `{"max_expires_in":2592000,"max_sessions":1000,"end_on_email_change":true,"end_on_role_downgrade":null,"end_on_organization_block":true}`,
		"organizations:customer-portal-settings:get":     "",
		"organizations:customer-portal-settings:update": `{"accent_color":"#3366ff","logo_url":"https://example.com/logo.svg","return_url":"https://example.com/",` +
			`"return_hosts":["example.com","*.example.org"],"one_time_links":false}`,
		"customer_portal:customer-session:introspect":             "",
		"customer_portal:customer-session:request":                `{"organization_id":"` + s.org + `","email":"` + s.person.Email + `","customer_id":"` + s.person.ID + `"}`,
		"customer_portal:customer-session:authenticate":           `{"code":"` + s.code + `","customer_id":"` + s.person.ID + `"}`,
		"customer_portal:customer-session:redeem":                 s.ticket,
		"customer_portal:customer-session:get_authenticated_user": "",
		"customer_portal:customer-session:request_proof":          "",
		"customer_portal:customer-session:confirm_proof":          `{"code":"` + s.proofCode + `"}`,
		"customers:list":                                 "",
		"customers:create":                               customer,
		"customers:export":                               "",
		"customers:get":                                  "",
		"customers:get_state":                            "",
		"customers:get_state_external":                   "",
		"customers:update":                               change,
		"customers:delete":                               "",
		"customers:get_external":                         "",
		"customers:update_external":                      change,
		"customers:delete_external":                      "",
		"members:list_members":                           "",
		"customers:members:list":                         "",
		"customers:members:list_external":                "",
		"members:create_member":                          `{"customer_id":"` + s.team.ID + `",` + member[1:],
		"members:get_member":                             "",
		"members:update_member":                          `{"name":"Bo","role":"billing_manager"}`,
		"members:delete_member":                          "",
		"members:get_member_by_external_id":              "",
		"members:update_member_by_external_id":           `{"name":"Bo","email":"` + s.member.Email + `","role":"member"}`,
		"members:delete_member_by_external_id":           "",
		"customers:members:create":                       member,
		"customers:members:create_external":              member,
		"customers:members:get":                          "",
		"customers:members:update":                       `{"name":"Bo","role":"billing_manager"}`,
		"customers:members:delete":                       "",
		"customers:members:get_external":                 "",
		"customers:members:update_external":              `{"name":"Bo","email":"` + s.member.Email + `","role":"member"}`,
		"customers:members:delete_external":              "",
		"organizations:list":                             "",
		"organizations:get":                              "",
		"customer_portal:organizations:get":              "",
		"organization_access_tokens:list":                "",
		"organization_access_tokens:create":              `{"comment":"ci","scopes":["customers:read","members:read"],"expires_in":"PT1H"}`,
		"organization_access_tokens:update":              `{"comment":"cd","scopes":["customers:read"]}`,
		"organization_access_tokens:delete":              "",
		"organization_access_tokens:rotate":              `{"overlap":"PT1H","expires_in":"PT1H"}`,
		"customer_portal:customers:get":                  "",
		"customer_portal:customers:export":               "",
		"customer_portal:customers:update":               `{"billing_name":"Ada Ltd","billing_address":{"line1":"1 Main St","city":"Paris","country":"FR"},"tax_id":null}`,
		"customer_portal:customers:request_email_update": fmt.Sprintf(`{"email":"u%d@acme.example"}`, n),
		"customer_portal:customers:check_email_update":   "",
		"customer_portal:customers:verify_email_update":  `{"token":"` + s.updateToken + `"}`,
		"customer_portal:members:list_members":           "",
		"customer_portal:members:add_member":             member,
		"customer_portal:members:update_member":          `{"name":"Cy","role":"member"}`,
		"customer_portal:members:remove_member":          "",
		"server:health":                                  "", "server:openapi": "", "server:docs": "", "server:docs_style": "",
		"customer_portal:forward_auth":            "",
		"customer_portal:forward_auth_keys":       "",
		"webhooks:list_webhook_endpoints":         "",
		"webhooks:create_webhook_endpoint":        `{"url":"https://hooks.invalid/","events":["session.created"]}`,
		"webhooks:get_webhook_endpoint":           "",
		"webhooks:update_webhook_endpoint":        `{"enabled":true}`,
		"webhooks:delete_webhook_endpoint":        "",
		"webhooks:rotate_webhook_endpoint_secret": "",
		"webhooks:reset_webhook_endpoint_secret":  "",
		"webhooks:list_webhook_deliveries":        "",
		"webhooks:redeliver_webhook_event":        "",
		"audit_log:list":                          "",
		"oauth2:metadata":                         "",
		"oauth2:openid_configuration":             "",
		"oauth2:introspect":                       "token=" + s.personSession + "&token_type_hint=access_token",
		"oauth2:revoke":                           "token=" + s.personSession + "x&client_id=acme",
		"integrations_github:secret_scanning":     `[{"token":"` + s.updateToken + `","type":"polar_customer_email_update_token","url":"https://example.com","source":"content"}]`,
	}
}

func queries(s *fixture) map[string][]header {
	return map[string][]header{
		"customers:list": {{"organization_id", s.org}, {"email", s.team.Email}, {"query", "team"}, {"active", "true"}, {"page", "1"},
			{"limit", "20"}, {"sorting", "-email"}, {"sorting", "name"}, {"metadata[plan]", "pro"}},
		"customer-sessions:list": {{"customer_id", s.team.ID}, {"external_customer_id", *s.team.ExternalID}, {"member_id", s.member.ID}, {"state", "live"},
			{"page", "1"}, {"limit", "20"}, {"sorting", "-created_at"}},
		"customer-sessions:revoke":               {{"reason", "lost"}},
		"customer_portal:customer-sessions:list": {{"page", "1"}, {"limit", "20"}},
		"customers:export":                       {{"organization_id", s.org}},
		"customers:delete":                       {{"anonymize", "true"}},
		"members:list_members":                   {{"customer_id", s.team.ID}, {"external_customer_id", *s.team.ExternalID}, {"role", "owner"}, {"page", "1"}, {"limit", "20"}, {"sorting", "created_at"}},
		"members:get_member_by_external_id":      {{"customer_id", s.team.ID}},
		"members:update_member_by_external_id":   {{"external_customer_id", *s.team.ExternalID}},
		"members:delete_member_by_external_id":   {{"customer_id", s.team.ID}},
		"organizations:list":                     {{"slug", s.slug}, {"page", "1"}, {"limit", "20"}, {"sorting", "name"}},
		"customer_portal:forward_auth":           {{"organization", s.slug}, {"scope", "customer_portal:read"}, {"login", "redirect"}, {"audience", "app.example.com"}},
		"organization_access_tokens:list": {{"organization_id", s.org}, {"page", "1"}, {"limit", "20"}, {"sorting", "-last_used_at"},
			{"sorting", "comment"}},
		"organization_access_tokens:delete": {{"end_sessions", "true"}},
		"audit_log:list": {{"actor_id", s.team.ID}, {"action", "customer.created"}, {"outcome", "succeeded"}, {"target_id", s.team.ID}, {"customer_id", s.team.ID},
			{"since", "2026-10-01T12:00:00Z"}, {"until", "2026-10-01T12:00:00.5+02:00"}, {"page", "1"}, {"limit", "20"}},
		"webhooks:list_webhook_deliveries":             {{"endpoint_id", s.endpoint}, {"state", "pending"}, {"page", "1"}, {"limit", "20"}},
		"customer_portal:customers:check_email_update": {{"token", s.updateToken}},
		"customer_portal:members:list_members":         {{"page", "1"}, {"limit", "20"}},
	}
}

// bytes returns the request as it is sent.
func (r *request) bytes() string {
	var b strings.Builder
	b.WriteString(r.method + " " + r.target() + " HTTP/1.1\r\n")
	for _, h := range r.headers {
		b.WriteString(h.name + ": " + h.value + "\r\n")
	}
	if r.length != "" {
		b.WriteString("Content-Length: " + r.length + "\r\n")
	}
	b.WriteString("\r\n" + r.body)
	return b.String()
}

func (r *request) target() string {
	var pairs []string
	for _, q := range r.query {
		pairs = append(pairs, url.QueryEscape(q.name)+"="+q.value)
	}
	if pairs == nil {
		return r.path
	}
	return r.path + "?" + strings.Join(pairs, "&")
}

// set replaces or adds a header.
func (r *request) set(name, value string) {
	r.drop(name)
	r.headers = append(r.headers, header{name, value})
}

func (r *request) drop(name string) {
	var kept []header
	for _, h := range r.headers {
		if h.name != name {
			kept = append(kept, h)
		}
	}
	r.headers = kept
}

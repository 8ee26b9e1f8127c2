package wiretest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// No value of a field leads to a 500: it is stored or refused. Server.Request checks each answer against the document, which
// has no 500.
func TestUnusualTextIsStoredOrRefused(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	team, boss, bob := teamWithMember(srv)
	session := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	manager := memberToken(srv, team, boss)
	made := 0
	for _, route := range []struct{ token, method, path, fields string }{
		{srv.Token, "POST", sessions, `customer_id external_customer_id customer_external_id member_id external_member_id return_url`},
		{srv.Token, "POST", customers, `type email name external_id billing_address tax_id locale metadata owner organization_id`},
		{srv.Token, "PATCH", customers + "external/user_1", `name billing_address tax_id locale metadata`},
		{srv.Token, "PATCH", customers + team.ID, `type name external_id locale metadata`},
		{srv.Token, "POST", customers + team.ID + "/members", `email name external_id role`},
		{srv.Token, "PATCH", customers + team.ID + "/members/" + bob, `name role`},
		{srv.Token, "POST", accessTokens, `comment scopes expires_in organization_id`},
		{session, "PATCH", portalCustomer, `billing_name billing_address tax_id default_payment_method_id`},
		{manager, "POST", portalMembers, `email name role`},
		{manager, "PATCH", portalMembers + "/" + bob, `name role`},
		{"", "POST", requestLogin, `email organization_id customer_id`},
		{"", "POST", authenticate, `code customer_id`},
		{"", "POST", emailUpdate + "verify", `token`},
	} {
		for field := range strings.FieldsSeq(route.fields) {
			for _, value := range []string{
				`null`, `true`, `-0.0`, `1e308`, `123456789012345678901234567890`, `""`, `" "`, `"a\u0000b"`, `"\ud83d\ude00"`, `"%_'\"\\"`, `[]`, `[null]`, `{}`, `{"":""}`,
				`{"country":"US","state":"\u0000"}`, `{"k":1e400}`, `"` + strings.Repeat("é", 100000) + `"`,
			} {
				made++
				email := `"email":"c` + strconv.Itoa(made) + `@example.com",`
				if field == "email" || !strings.Contains(route.fields, "email") {
					email = ""
				}
				body := `{` + email + `"scopes":["customers:read"],"comment":"","external_customer_id":"user_1","organization_id":null,"` + field + `":` + value + `}`
				var headers []string
				if route.token != "" {
					headers = []string{"Authorization", "Bearer " + route.token}
				}
				if a := srv.Request(route.method, route.path, body, headers...); a.Status >= 500 || a.Status < 200 || a.Status == 401 && route.token != "" {
					t.Errorf("%s with %s %.40s: %d %s", a.Request, field, value, a.Status, a.Body)
				}
			}
		}
	}
}

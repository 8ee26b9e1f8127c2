package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// A mail server refuses more than 64 bytes before the @, so such an address is refused, unless the server answers as Polar.
func TestLongLocalPart(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), testserver.WithoutProof())
	longest, long := strings.Repeat("a", 64)+"@example.com", strings.Repeat("é", 33)+"@example.com"
	c := srv.Create(customers, `{"email":"`+longest+`"}`)
	team := srv.Create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	session := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`).Token
	boss := srv.Owner(team.ID)
	refused := fieldError("email", "The email address is too long before the @-sign (2 characters too many).", `"`+long+`"`)
	for _, tt := range []struct{ token, method, path, body string }{
		{srv.Token, "POST", customers, `{"email":"` + long + `"}`},
		{srv.Token, "POST", customers, `{"type":"team","owner":{"email":"` + long + `"}}`},
		{srv.Token, "PATCH", customers + c.ID, `{"email":"` + long + `"}`},
		{srv.Token, "POST", customers + team.ID + "/members", `{"email":"` + long + `"}`},
		{srv.Token, "PATCH", customers + team.ID + "/members/" + boss, `{"email":"` + long + `"}`},
		{memberToken(srv, team, boss), "POST", "/v1/customer-portal/members", `{"email":"` + long + `"}`},
		{session, "POST", emailUpdate + "request", `{"email":"` + long + `"}`},
	} {
		srv.As(tt.token, tt.method, tt.path, tt.body).Exactly(t, 422, refused)
	}
	lenient := testserver.New(t, testserver.RateLimits("off"), func(o *testserver.Options) { o.Directory.LongLocalParts = true })
	lenient.As(lenient.Token, "POST", customers, `{"email":"`+long+`"}`).Is(t, 201, `"email":"`+long+`"`)
}

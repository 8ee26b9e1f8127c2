package wiretest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/login"

	"github.com/postern-go/postern/internal/testserver"
)

// twoCustomersWithOneAddress creates an individual and a team whose owner has the same address.
func twoCustomersWithOneAddress(srv *testserver.Server) (individual, team testserver.Created) {
	srv.T.Helper()
	return srv.Ada(), srv.Create(customers, `{"type":"team","name":"Team","owner":{"email":"Ada@example.com"},"email":"team@example.com"}`)
}

// expectChoice fails the test unless the answer offers the two customers.
func expectChoice(a testserver.Answer, t *testing.T, individual, team testserver.Created) {
	t.Helper()
	one, two := `{"id":"`+individual.ID+`","name":"Ada"}`, `{"id":"`+team.ID+`","name":"Team"}`
	want := `{"error":"customer_selection_required","detail":"Multiple customers found for this email. Please select one.","customers":[`
	if a.Body != want+two+","+one+"]}" {
		a.Exactly(t, 409, want+one+","+two+"]}")
	}
	if a.Status != 409 {
		t.Errorf("%s: %d", a.Request, a.Status)
	}
}

// Customers are listed only after the code is redeemed, hence only to a caller who reads the customer's mail. Polar lists them
// before.
func TestCustomerIsChosenAfterTheCode(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	individual, team := twoCustomersWithOneAddress(srv)
	code := mailedCode(srv, "ada@example.com", "")
	expectChoice(redeemCode(srv, code, ""), t, individual, team)
	expectChoice(redeemCode(srv, code, ""), t, individual, team) // the code still works
	expectCodeRefused(t, redeemCode(srv, code, unknownID))
	a := redeemCode(srv, code, team.ID)
	a.Is(t, 200)
	srv.As(fmt.Sprint(a.At("token")), "GET", user, "").Is(t, 200, `"customer_id":"`+team.ID+`"`, `"role":"owner"`)
	expectCodeRefused(t, redeemCode(srv, code, individual.ID))
	// The address of the team does not belong to its owner.
	srv.As(srv.Token, "GET", customers+team.ID, "").Is(t, 200, `"email_verified":false`)
	srv.As(srv.Token, "GET", customers+individual.ID, "").Is(t, 200, `"email_verified":false`)
	// A code that was requested for a customer works for that customer only.
	code = mailedCode(srv, "ada@example.com", individual.ID)
	expectCodeRefused(t, redeemCode(srv, code, team.ID))
	a = redeemCode(srv, code, "")
	a.Is(t, 200)
	srv.As(fmt.Sprint(a.At("token")), "GET", user, "").Is(t, 200, `"customer_id":"`+individual.ID+`"`)
	srv.As(srv.Token, "GET", customers+individual.ID, "").Is(t, 200, `"email_verified":true`)
	// A deleted customer is not offered.
	srv.As(srv.Token, "DELETE", customers+individual.ID, "").Is(t, 204)
	redeemCode(srv, mailedCode(srv, "ada@example.com", ""), "").Is(t, 200)
}

// A server can be configured to offer the choice before the code is sent, as Polar does.
func TestCustomerIsChosenBeforeTheCode(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), func(c *testserver.Options) { c.Login.Disclosure = login.BeforeProof })
	individual, team := twoCustomersWithOneAddress(srv)
	expectChoice(requestLoginCode(srv, "ADA@example.com", ""), t, individual, team)
	requestLoginCode(srv, "nobody@example.com", "").Exactly(t, 202, "null")
	requestLoginCode(srv, "team@example.com", "").Exactly(t, 202, "null") // members log in with their own addresses, not with the team's
	requestLoginCode(srv, "ada@example.com", unknownID).Exactly(t, 202, "null")
	a := redeemCode(srv, mailedCode(srv, "ada@example.com", team.ID), "")
	a.Is(t, 200, `{"token":"polar_mst_`)
	srv.As(fmt.Sprint(a.At("token")), "GET", user, "").Is(t, 200, `"customer_id":"`+team.ID+`"`)
	if !srv.Mail.Empty() {
		t.Errorf("unexpected mail: %+v", srv.Mail.Next())
	}
}

// The length of login codes can be configured.
func TestLoginCodeLength(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), func(c *testserver.Options) { c.Login.Length = 10 })
	srv.Ada()
	requestLoginCode(srv, "ada@example.com", "").Exactly(t, 202, "null")
	for line := range strings.Lines(srv.Mail.Next().Text) {
		if line = strings.TrimSpace(line); len(line) == 10 && strings.ToUpper(line) == line {
			redeemCode(srv, line, "").Is(t, 200)
			return
		}
	}
	t.Error("the mail has no code of ten characters")
}

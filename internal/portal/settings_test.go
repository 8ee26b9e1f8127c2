package portal_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// billing returns the fields of the billing form as a browser sends them.
func billing(changes ...string) []string {
	values := map[string]string{"billing_name": "Ada Lovelace"}
	for i := 0; i < len(changes); i += 2 {
		values[changes[i]] = changes[i+1]
	}
	var form []string
	for _, name := range []string{"billing_name", "billing_address.country", "billing_address.line1", "billing_address.line2", "billing_address.postal_code", "billing_address.city", "billing_address.state", "tax_id"} {
		form = append(form, name, values[name])
	}
	return form
}

type customer struct {
	Email          string            `json:"email"`
	EmailVerified  bool              `json:"email_verified"`
	BillingName    string            `json:"billing_name"`
	BillingAddress map[string]string `json:"billing_address"`
	TaxID          []string          `json:"tax_id"`
}

func (srv *server) read(id string) (c customer) {
	srv.T.Helper()
	srv.Call(srv.Token, "GET", "/v1/customers/"+id, "", &c)
	return c
}

func TestSaveBilling(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	b := srv.enter(srv.session(`"customer_id":"` + id + `"`))
	b.get("/acme/portal/settings").is(http.StatusOK, `id="billing-form"`, `value="Ada Lovelace"`)

	// Sending the form without changes does not change the customer.
	b.post("/acme/portal/settings/billing", billing()...).leads("/acme/portal/settings")
	if c := srv.read(id); c.BillingAddress != nil || c.TaxID != nil {
		t.Errorf("%+v", c)
	}
	b.post("/acme/portal/settings/billing", billing("billing_name", " Countess of Lovelace ", "billing_address.country", "US",
		"billing_address.line1", "1 Main St", "billing_address.postal_code", "10001", "billing_address.city", "New York", "billing_address.state", "NY",
		"tax_id", "12-3456789")...).leads("/acme/portal/settings")
	b.get("/acme/portal/settings").is(http.StatusOK, "Your billing details have been saved.", `value="Countess of Lovelace"`, `<option value="NY" selected>New York</option>`, `!value="US-NY"`, `<option value="US" selected>`, `value="123456789"`)
	b.get("/acme/portal/settings").is(http.StatusOK, "!have been saved")
	c := srv.read(id)
	if c.BillingName != "Countess of Lovelace" || c.BillingAddress["state"] != "US-NY" || c.BillingAddress["city"] != "New York" || c.TaxID[0] != "123456789" {
		t.Errorf("%+v", c)
	}
}

// A customer who moves from a country with a list of states can save the form without scripts, which leaves the old state in it.
func TestMoveToCountryWithoutStates(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	b := srv.enter(srv.session(`"customer_id":"` + id + `"`))
	address := func(country, state string) []string {
		return billing("billing_address.country", country, "billing_address.state", state)
	}
	b.post("/acme/portal/settings/billing", address("US", "CA")...).leads("/acme/portal/settings")
	b.get("/acme/portal/settings").is(http.StatusOK, `<option value="CA" selected>California</option>`, `<template data-states="CA">`, `<option value="ON">Ontario</option>`)
	b.post("/acme/portal/settings/billing", address("CA", "CA")...).is(http.StatusUnprocessableEntity, "Choose a state or province of that country")
	b.post("/acme/portal/settings/billing", address("GB", "CA")...).leads("/acme/portal/settings")
	if c := srv.read(id); c.BillingAddress["country"] != "GB" || c.BillingAddress["state"] != "" {
		t.Errorf("%+v", c)
	}
	b.post("/acme/portal/settings/billing", address("GB", "Kent")...).leads("/acme/portal/settings")
	b.get("/acme/portal/settings").is(http.StatusOK, `name="billing_address.state" type="text" value="Kent"`)
}

// The page refuses what the API refuses, and marks the right field.
func TestInvalidBillingIsRefused(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	b := srv.enter(srv.session(`"customer_id":"` + id + `"`))
	for _, c := range []struct {
		form  []string
		field string
		text  string
	}{
		{billing("billing_address.city", "Paris"), "country", "An address needs a country."},
		{billing("billing_address.country", "XX"), "country", "Choose a country from the list."},
		{billing("billing_address.country", "IR"), "country", "Choose a country from the list."},
		{billing("billing_address.country", "US", "billing_address.state", "Bavaria"), "state", "Choose a state or province of that country"},
		{billing("tax_id", "DE123"), "country", "A tax ID needs the country"},
		{billing("billing_address.country", "DE", "tax_id", "?"), "tax-id", "This isn’t a tax ID"},
		{billing("billing_address.country", "FR", "billing_address.line1", "a\x00b"), "line1", "characters that can’t be used"},
		{billing("billing_name", ""), "billing-name", "you can’t leave it empty"},
	} {
		b.post("/acme/portal/settings/billing", c.form...).is(http.StatusUnprocessableEntity,
			"<title>Error: Settings", `<a href="#`+c.field+`">`, `id="`+c.field+`-error"`, c.text)
	}
	if got := srv.read(id); got.BillingAddress != nil || got.TaxID != nil {
		t.Errorf("something was saved: %+v", got)
	}
	b.post("/acme/portal/settings/billing", billing("billing_address.country", "DE", "billing_address.city", "<b>Berlin")...).leads("/acme/portal/settings")
	b.get("/acme/portal/settings").is(http.StatusOK, "&lt;b&gt;Berlin", "!<b>Berlin")
	b.post("/acme/portal/settings/billing", billing()...).is(http.StatusUnprocessableEntity, "you can’t leave it empty")
}

// Members can read the billing details but not change them. A read-only session cannot change them either.
func TestBillingNeedsManagerAndWrite(t *testing.T) {
	srv := newServer(t)
	team := srv.CreateCustomer(`"type":"team","name":"Engines","email":"office@example.com","billing_address":{"country":"GB","city":"London"}`)
	members := map[string]bool{srv.member(team, "bill@example.com", "billing_manager"): true, srv.member(team, "mary@example.com", "member"): false}
	for member, may := range members {
		b := srv.enter(srv.session(`"customer_id":"` + team + `","member_id":"` + member + `"`))
		p := b.get("/acme/portal/settings").is(http.StatusOK, "!email-form")
		if may {
			p.is(http.StatusOK, `id="billing-form"`)
			b.post("/acme/portal/settings/billing", billing("billing_address.country", "GB", "billing_address.city", "Leeds")...).leads("/acme/portal/settings")
		} else {
			p.is(http.StatusOK, `!id="billing-form"`)
			b.post("/acme/portal/settings/billing", billing("billing_address.country", "GB", "billing_address.city", "York")...).is(http.StatusForbidden, "Your role doesn’t allow this.")
		}
	}
	if city := srv.read(team).BillingAddress["city"]; city != "Leeds" {
		t.Errorf("the city is %s", city)
	}
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `","scopes":["customer_portal:read"]`))
	b.get("/acme/portal/settings").is(http.StatusOK, "read-only", `!id="billing-form"`, `!id="email-form"`)
	b.post("/acme/portal/settings/billing", billing()...).is(http.StatusForbidden, "read-only")
	b.post("/acme/portal/settings/email", "email", "new@example.com").is(http.StatusForbidden, "read-only")
}

func (srv *server) emailLink() string {
	srv.T.Helper()
	text := srv.mail()
	found := linkLine.FindStringSubmatch(text)
	if found == nil {
		srv.T.Fatalf("no link in %s", text)
	}
	srv.AddSecret(found[1])
	return found[0]
}

func TestChangeEmail(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	s := srv.session(`"customer_id":"` + id + `"`)
	b := srv.enter(s)
	b.prove()
	b.post("/acme/portal/settings/email", "email", "ada@").is(http.StatusUnprocessableEntity, "Enter an email address", `href="#new-email"`, "<details id=\"change-email\" open>")
	b.post("/acme/portal/settings/email", "email", "ADA@example.com").is(http.StatusUnprocessableEntity, "This is already your email address.")
	b.post("/acme/portal/settings/email", "email", "countess@example.com").leads("/acme/portal/settings")
	b.get("/acme/portal/settings").is(http.StatusOK, "We’ve sent a confirmation link to countess@example.com. The link is valid for 30 minutes.")
	link := srv.emailLink()

	// Another browser opens the link. Opening it changes nothing.
	other := srv.browser()
	other.get(link).leads("/acme/portal/verify-email")
	other.get("/acme/portal/verify-email").is(http.StatusOK, "Confirm your email address", `id="verify-form"`)
	if srv.read(id).Email != "ada@example.com" {
		t.Error("opening the link changed the address")
	}
	other.post("/acme/portal/verify-email").leads("/acme/portal/settings")
	srv.AddSecret(other.cookie("postern_session", "/acme/portal/"))
	other.get("/acme/portal/settings").is(http.StatusOK, "Your email address has been changed.", "countess@example.com", "Confirmed")
	if c := srv.read(id); c.Email != "countess@example.com" || !c.EmailVerified {
		t.Errorf("%+v", c)
	}
	if srv.IsLive(s.Token) {
		t.Error("the old session is still live")
	}
	again := srv.browser()
	again.get(link).leads("/acme/portal/verify-email")
	again.get("/acme/portal/verify-email").is(http.StatusForbidden, "This link can’t be used")
	again.post("/acme/portal/verify-email").is(http.StatusForbidden, "This link can’t be used")
}

func TestInvalidEmailConfirmations(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	srv.CreateOrganization(testserver.NewOrganization{Slug: "other"})
	b := srv.enter(srv.session(`"customer_id":"` + id + `"`))
	srv.browser().get("/acme/portal/verify-email").is(http.StatusForbidden, "This link can’t be used")
	nonsense := srv.browser()
	nonsense.get("/acme/portal/verify-email?token=nonsense").leads("/acme/portal/verify-email")
	nonsense.get("/acme/portal/verify-email").is(http.StatusForbidden)

	b.prove()
	// Meanwhile, another customer has taken the address.
	b.post("/acme/portal/settings/email", "email", "taken@example.com").leads("/acme/portal/settings")
	taken := srv.emailLink()
	srv.CreateCustomer(`"type":"individual","email":"taken@example.com"`)
	reader := srv.browser()
	reader.get(taken).leads("/acme/portal/verify-email")
	reader.post("/acme/portal/verify-email").is(http.StatusConflict, "Another account uses this email address")

	// The portal of another organization does not confirm the address.
	b.post("/acme/portal/settings/email", "email", "new@example.com").leads("/acme/portal/settings")
	link := srv.emailLink()
	r, err := http.NewRequestWithContext(t.Context(), "POST", srv.URL+"/other/portal/verify-email", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "postern_email="+linkLine.FindStringSubmatch(link)[1])
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden || srv.read(id).Email != "ada@example.com" {
		t.Errorf("the portal of another organization answers %d", answer.StatusCode)
	}
	srv.Advance(30 * time.Minute)
	late := srv.browser()
	late.get(link).leads("/acme/portal/verify-email")
	late.get("/acme/portal/verify-email").is(http.StatusForbidden)
}

func TestEmailChangeCanBeDisabled(t *testing.T) {
	srv := newServer(t)
	strict := srv.CreateOrganization(testserver.NewOrganization{Slug: "strict", WithoutEmailChange: true})
	srv.Token = strict.AccessToken
	id := srv.ada()
	var made struct {
		Token string `json:"token"`
	}
	srv.Call(srv.Token, "POST", "/v1/customer-sessions/", `{"customer_id":"`+id+`"}`, &made)
	srv.AddSecret(made.Token)
	ask := func(method, path string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", "postern_session="+made.Token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if status := ask("GET", "/strict/portal/settings"); status != http.StatusOK {
		t.Errorf("the settings: %d", status)
	}
	if status := ask("POST", "/strict/portal/settings/email"); status != http.StatusForbidden {
		t.Errorf("POST to a disabled form: %d", status)
	}
}

// Requests for an email change are counted in a rate limit zone of their own.
func TestEmailChangesAreRateLimited(t *testing.T) {
	srv := newServer(t, testserver.RateLimits("email-update=2/m,login=off,default=off"), testserver.WithoutProof())
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	b.get("/acme/portal/settings").is(http.StatusOK) // now the limiter knows the identity of the cookie
	for range 2 {
		b.post("/acme/portal/settings/email", "email", "x@").is(http.StatusUnprocessableEntity)
	}
	b.post("/acme/portal/settings/email", "email", "x@").is(http.StatusTooManyRequests, "Too many attempts", "Acme")
	b.get("/acme/portal/settings").is(http.StatusOK)
	stranger := srv.browser()
	for range 2 {
		stranger.get("/acme/portal/verify-email").is(http.StatusForbidden)
	}
	stranger.get("/acme/portal/verify-email").is(http.StatusTooManyRequests)
}

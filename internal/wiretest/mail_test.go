package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// expectMail fails the test unless the next mail has the language and the subject.
func expectMail(srv *testserver.Server, code, subject string) testserver.Mail {
	srv.T.Helper()
	l := srv.Mail.Next()
	if l.Subject != subject || l.Language != code || !strings.Contains(l.HTML, `<html lang="`+code+`">`) {
		srv.T.Errorf("the mail %q is in %q, want %q", l.Subject, l.Language, code)
	}
	return l
}

// The mail with a login code is in the language of the customer, or else of the request. The answer is the same for all.
func TestLoginMailLanguage(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		srv := testserver.New(t, testserver.MemberModel(!withoutMembers), testserver.RateLimits("off"))
		c := srv.Ada()
		for _, step := range []struct{ locale, asked, code, subject string }{
			{`null`, "", "en", "Your sign-in code for acme"},
			{`null`, "fr-CA,fr;q=0.9,en;q=0.8", "fr", "Votre code de connexion à acme"},
			{`null`, "*", "en", "Your sign-in code for acme"},
			{`"de-AT"`, "fr", "de", "Ihr Anmeldecode für acme"},
			{`"ja"`, "", "ja", "acmeのサインインコード"},
		} {
			srv.Must(200, srv.As(srv.Token, "PATCH", customers+c.ID, `{"locale":`+step.locale+`}`))
			a := srv.Request("POST", requestLogin, `{"email":"ada@example.com","organization_id":"`+srv.OrgID+`"}`, "Accept-Language", step.asked)
			a.Exactly(t, 202, "null")
			a.HasHeaders(t, map[string]string{"Content-Language": "", "Vary": ""})
			l := expectMail(srv, step.code, step.subject)
			srv.Must(200, redeemCode(srv, l.Code(), ""))
		}
	}
}

// If several customers have the address, the mail is in the language of the customer that the request names, or else of any
// customer that has one.
func TestLoginMailLanguageOfSeveralCustomers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	individual, team := twoCustomersWithOneAddress(srv)
	srv.Must(200, srv.As(srv.Token, "PATCH", customers+team.ID, `{"locale":"es"}`))
	requestLoginCode(srv, "ada@example.com", "").Exactly(t, 202, "null")
	expectMail(srv, "es", "Su código de inicio de sesión en acme")
	requestLoginCode(srv, "ada@example.com", individual.ID).Exactly(t, 202, "null")
	expectMail(srv, "en", "Your sign-in code for acme")
}

func TestEmailChangeMailLanguage(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	srv.Prove(s)
	request := func(asked string) {
		srv.As(s, "POST", emailUpdate+"request", `{"email":"new@example.com"}`, "Accept-Language", asked).Exactly(t, 202, "null")
	}
	request("")
	expectMail(srv, "en", "Confirm your new email address")
	request("ja,en;q=0.5")
	expectMail(srv, "ja", "新しいメールアドレスをご確認ください")
	srv.Must(200, srv.As(srv.Token, "PATCH", customers+c.ID, `{"locale":"fr"}`))
	request("ja,en;q=0.5")
	expectMail(srv, "fr", "Confirmez votre nouvelle adresse e-mail")
}

// Both mails have the logo and the color of the organization.
func TestMailsLookLikeTheOrganization(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	srv.Must(200, srv.As(srv.Token, "PATCH", portalSettingsPath(srv), `{"accent_color":"#C0FFEE","logo_url":"https://cdn.example.com/logo.png"}`))
	looks := func(l testserver.Mail) {
		t.Helper()
		for _, want := range []string{`src="https://cdn.example.com/logo.png"`, `bgcolor="#c0ffee"`} {
			if !strings.Contains(l.HTML, want) {
				t.Errorf("the mail %q lacks %s", l.Subject, want)
			}
		}
	}
	requestLoginCode(srv, "ada@example.com", "").Exactly(t, 202, "null")
	looks(srv.Mail.Next())
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	srv.Prove(s)
	srv.As(s, "POST", emailUpdate+"request", `{"email":"new@example.com"}`).Exactly(t, 202, "null")
	looks(srv.Mail.Next())
}

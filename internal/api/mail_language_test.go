package api_test

import (
	"strings"
	"testing"
)

// speaks fails the test unless the next mail is in a language, as its page says and its subject shows.
func (h *house) speaks(code, subject string) letter {
	h.t.Helper()
	l := h.mail.next()
	if l.subject != subject || l.language != code || !strings.Contains(l.html, `<html lang="`+code+`">`) {
		h.t.Errorf("the mail %q is in %q, wanted %q", l.subject, l.language, code)
	}
	return l
}

// A login code is in the customer's language, or else in that of whoever asks, and the answer is the same for all.
func TestLoginMailLanguage(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		h := newHouse(t, withoutMembers, limited("off"))
		c := h.customer()
		for _, step := range []struct{ locale, asked, code, subject string }{
			{`null`, "", "en", "Access your acme purchases"},
			{`null`, "fr-CA,fr;q=0.9,en;q=0.8", "fr", "Accédez à vos achats chez acme"},
			{`null`, "*", "en", "Access your acme purchases"},
			{`"de-AT"`, "fr", "de", "Zugang zu Ihren Käufen bei acme"},
			{`"ja"`, "", "ja", "acmeのご購入内容へのアクセス"},
			{`"nothing that there is"`, "es", "es", "Acceda a sus compras en acme"},
		} {
			h.must(200, h.as(h.token, "PATCH", customers+c.ID, `{"locale":`+step.locale+`}`))
			a := h.ask("POST", requestLogin, `{"email":"ada@example.com","organization_id":"`+h.org+`"}`, "Accept-Language", step.asked)
			a.exactly(t, 202, "null")
			a.headers(t, map[string]string{"Content-Language": "", "Vary": ""})
			l := h.speaks(step.code, step.subject)
			h.must(200, h.redeem(codes.FindStringSubmatch(l.text)[1], ""))
		}
	}
}

// Of several customers with one address, the one who is named is written to in its language, and else any who has one.
func TestLoginMailLanguageOfSeveral(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	individual, team := h.twoCustomers()
	h.must(200, h.as(h.token, "PATCH", customers+team.ID, `{"locale":"es"}`))
	h.request("ada@example.com", "").exactly(t, 202, "null")
	h.speaks("es", "Acceda a sus compras en acme")
	h.request("ada@example.com", individual.ID).exactly(t, 202, "null")
	h.speaks("en", "Access your acme purchases")
}

func TestEmailChangeMailLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	request := func(asked string) {
		h.as(s, "POST", emailUpdate+"request", `{"email":"new@example.com"}`, "Accept-Language", asked).exactly(t, 202, "null")
	}
	request("")
	h.speaks("en", "Confirm your new email address")
	request("ja,en;q=0.5")
	h.speaks("ja", "新しいメールアドレスをご確認ください")
	h.must(200, h.as(h.token, "PATCH", customers+c.ID, `{"locale":"fr"}`))
	request("ja,en;q=0.5")
	h.speaks("fr", "Confirmez votre nouvelle adresse e-mail")
}

// Both mails look like the organization, as its settings are when they are written.
func TestMailsLookLikeTheOrganization(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	h.must(200, h.as(h.token, "PATCH", h.portalSettings(), `{"accent_color":"#C0FFEE","logo_url":"https://cdn.example.com/logo.png"}`))
	looks := func(l letter) {
		t.Helper()
		for _, want := range []string{`src="https://cdn.example.com/logo.png"`, `bgcolor="#c0ffee"`} {
			if !strings.Contains(l.html, want) {
				t.Errorf("the mail %q lacks %s", l.subject, want)
			}
		}
	}
	h.request("ada@example.com", "").exactly(t, 202, "null")
	looks(h.mail.next())
	s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	h.as(s, "POST", emailUpdate+"request", `{"email":"new@example.com"}`).exactly(t, 202, "null")
	looks(h.mail.next())
}

package e2e

import (
	"net/http"
	"net/url"
	"strings"
)

func (v *visitor) looksAround() {
	email, _ := v.newcomer("Ada")
	v.reads("h1", "Hello, Ada")
	v.reads("[data-test=organization]", "Acme")
	v.reads("[data-test=role]", "Owner")
	v.reads("[data-test=session]", "left")
	if v.has("[data-test=nav-team]") {
		v.t.Error("an individual has a team")
	}
	if v.script { // in the reader's own words, not in the server's UTC
		v.await("!document.querySelector('[data-test=session] time').innerText.includes('UTC')")
	} else {
		v.reads("[data-test=session] time", "UTC")
	}
	for _, page := range []string{"settings", "sessions", "overview"} {
		v.follow("[data-test=nav-" + page + "]")
		v.isAt(at(v.org, "/"+page))
		v.reads("nav [aria-current=page]", strings.ToUpper(page[:1])+page[1:])
	}
	v.follow("nav.links li:first-child a")
	v.reads("[data-test=email]", email)
}

// leadsBack follows the links out of the portal: they say nothing of where they come from.
func (v *visitor) leadsBack() {
	app := "https://" + appSite
	email := v.somebody("ada")
	customer := v.individual(v.t, v.org, "Ada", email)
	v.signedInAs(object{"customer_id": customer, "return_url": app + "/from/session?who=" + email})
	v.reads("#back", appSite)
	v.follow("#back")
	v.isAt(app + "/from/session?who=" + email)

	v.signedInAs(object{"customer_id": customer})
	v.follow("#back")
	v.isAt(app + "/account") // the organization's own

	here := app + "/reports?for=" + email
	v.open(at(v.org, "/overview?return_url="+url.QueryEscape(here)))
	v.follow("#continue")
	v.isAt(here)
	for _, x := range chromium.web.seen(appSite) {
		if strings.Contains(x.referer, portalSite) {
			v.t.Errorf("%s was asked for by %s", x.url, x.referer)
		}
	}

	v.open(at(v.org, "/overview?return_url="+url.QueryEscape("https://"+evilSite+"/"))) // no host that the organization names
	if get[bool](v.tab, "[...document.links].some(a => a.host === "+quote(evilSite)+")") {
		v.t.Errorf("the page leads to %s\n%s", evilSite, v)
	}
}

func (v *visitor) editsBilling() {
	_, p := v.newcomer("Ada")
	v.open(at(v.org, "/settings"))
	v.fill("#billing-name", "Ada, Countess of Lovelace")
	v.fill("#tax-id", "GB980780684")
	v.follow("#billing-submit")
	v.reads("#errors", "needs the country")
	if v.script {
		v.await("document.activeElement.id === 'errors'")
	}
	v.click("#errors a[href='#country']")
	v.await("location.hash === '#country'")

	v.choose("#country", "GB")
	v.fill("#line1", "12 St James's Square")
	v.fill("#postal-code", "SW1Y 4JH")
	v.fill("#city", "London")
	v.follow("#billing-submit")
	v.isAt(at(v.org, "/settings"))
	v.reads("[data-test=notice]", "saved")
	if got := get[string](v.tab, "document.getElementById('line1').value"); got != "12 St James's Square" {
		v.t.Errorf("the address is %q", got)
	}
	var me struct {
		BillingName    string `json:"billing_name"`
		BillingAddress struct{ Country, City string }
	}
	v.ask(v.t, 200, "GET", "/v1/customer-portal/customers/me", p.Token, nil, &me)
	if me.BillingName != "Ada, Countess of Lovelace" {
		v.t.Errorf("the API says %+v", me)
	}
	v.open(at(v.org, "/settings")) // it is said once
	if v.has("[data-test=notice]") {
		v.t.Error("the notice comes again")
	}
}

// changesEmail follows the link of the mail. Links are followed by programs, too: it changes nothing by itself.
func (v *visitor) changesEmail() {
	email, p := v.newcomer("Ada")
	elsewhere := v.issue(v.t, v.org, object{"customer_id": v.customerOf(p)})
	v.open(at(v.org, "/settings"))
	v.click("#change-email summary")
	v.fill("#new-email", email)
	v.follow("#email-submit")
	v.reads("#errors", "already is your email address")
	changed := v.somebody("countess")
	v.fill("#new-email", changed)
	v.follow("#email-submit")
	v.reads("[data-test=notice]", changed)

	link := ""
	for word := range strings.FieldsSeq(v.mail(v.t, changed)) {
		if strings.HasPrefix(word, at(v.org, "/verify-email?token=")) {
			link = word
		}
	}
	if link == "" {
		v.t.Fatal("the mail has no link")
	}
	reader := newTab(v.t, phone, v.script) // where the mail is read nobody is signed in
	reader.open(link)
	reader.isAt(at(v.org, "/verify-email"))
	if err := v.live(elsewhere.Token); err != nil {
		v.t.Errorf("following the link changes something: %v", err)
	}
	reader.follow("#verify-submit")
	reader.isAt(at(v.org, "/settings"))
	reader.reads("[data-test=notice]", "has been changed")
	reader.reads("[data-test=email]", changed)
	v.ended(v.t, p.Token)
	v.ended(v.t, elsewhere.Token)
	for _, address := range reader.history() {
		if strings.Contains(address, "token") {
			v.t.Errorf("the history has %s", address)
		}
	}
	if _, found := reader.cookie("postern_email"); found {
		v.t.Error("the token of the mail is kept")
	}

	late := newTab(v.t, phone, v.script)
	late.open(link)
	late.reads("h1", "This link can’t be used")
}

// customerOf is whose session it is.
func (v *visitor) customerOf(p pass) string {
	v.t.Helper()
	var session struct {
		CustomerID string `json:"customer_id"`
	}
	v.ask(v.t, http.StatusOK, "GET", "/v1/customer-sessions/"+p.ID, v.org.AccessToken, nil, &session)
	return session.CustomerID
}

// looksOnly has a session that may read and not write.
func (v *visitor) looksOnly() {
	email := v.somebody("ada")
	v.signedInAs(object{"customer_id": v.individual(v.t, v.org, "Ada", email), "scopes": []string{"customer_portal:read"}})
	v.reads("[data-test=session]", "Read-only")
	v.open(at(v.org, "/settings"))
	v.reads("main", "This session is read-only")
	if v.has("#billing-form") || v.has("#change-email") {
		v.t.Error("there is something to write")
	}
	// Whoever had the form from before is refused.
	v.posts(at(v.org, "/settings/billing"), "billing_name", "Mallory")
	v.reads("h1", "You can’t do this")
	v.follow("main a")
	v.follow(v.shown("[data-test=sign-out]", ".who button")) // which is always allowed
	v.isAt(at(v.org, "/request"))
}

// posts sends a form that the page does not have.
func (v *visitor) posts(address, name, value string) {
	v.t.Helper()
	v.turn(func() {
		get[bool](v.tab, `(() => {
			const form = document.createElement("form"), input = document.createElement("input");
			form.method = "post", form.action = `+quote(address)+`, input.name = `+quote(name)+`, input.value = `+quote(value)+`;
			form.append(input), document.body.append(form), form.submit();
			return true;
		})()`)
	})
}

func (v *visitor) choosesLanguage() {
	v.newcomer("Ada")
	v.follow("footer a[lang=de]")
	v.reads("h1", "Guten Tag, Ada")
	v.follow("[data-test=nav-settings]") // and it stays so
	if got := get[string](v.tab, "document.documentElement.lang"); got != "de" {
		v.t.Errorf("the settings are in %q", got)
	}
}

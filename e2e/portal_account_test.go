package e2e

import (
	"net/http"
	"net/url"
	"strings"
)

func (v *visitor) visitsEachPage() {
	email, _ := v.signedInCustomer("Ada")
	v.wantText("h1", "Hello, Ada")
	v.wantText("[data-test=organization]", "Acme")
	v.wantText("[data-test=role]", "Owner")
	v.wantText("[data-test=session]", "left")
	if v.has("[data-test=nav-team]") {
		v.t.Error("an individual customer has a link to a team")
	}
	if v.script { // the script shows times in the time zone of the browser
		v.await("!document.querySelector('[data-test=session] time').innerText.includes('UTC')")
	} else {
		v.wantText("[data-test=session] time", "UTC")
	}
	for _, page := range []string{"settings", "sessions", "overview"} {
		v.follow("[data-test=nav-" + page + "]")
		v.wantURL(at(v.org, "/"+page))
		v.wantText("nav [aria-current=page]", strings.ToUpper(page[:1])+page[1:])
	}
	v.follow("nav.links li:first-child a")
	v.wantText("[data-test=email]", email)
}

// followsReturnLinks follows the links that leave the portal. The browser must not send the portal's URL as referrer.
func (v *visitor) followsReturnLinks() {
	app := "https://" + appSite
	email := v.newEmail("ada")
	customer := v.createIndividual(v.t, v.org, "Ada", email)
	v.signedIn(object{"customer_id": customer, "return_url": app + "/from/session?who=" + email})
	v.wantText("#back", appSite)
	v.follow("#back")
	v.wantURL(app + "/from/session?who=" + email)

	v.signedIn(object{"customer_id": customer})
	v.follow("#back")
	v.wantURL(app + "/account") // the default of the organization

	here := app + "/reports?for=" + email
	v.open(at(v.org, "/overview?return_url="+url.QueryEscape(here)))
	v.follow("#continue")
	v.wantURL(here)
	for _, x := range chromium.web.exchangesWith(appSite) {
		if strings.Contains(x.referer, portalSite) {
			v.t.Errorf("%s has the referrer %s", x.url, x.referer)
		}
	}

	v.open(at(v.org, "/overview?return_url="+url.QueryEscape("https://"+evilSite+"/"))) // not a return host of the organization
	if get[bool](v.tab, "[...document.links].some(a => a.host === "+quote(evilSite)+")") {
		v.t.Errorf("the page has a link to %s\n%s", evilSite, v)
	}
}

func (v *visitor) editsBilling() {
	_, p := v.signedInCustomer("Ada")
	v.open(at(v.org, "/settings"))
	v.fill("#billing-name", "Ada, Countess of Lovelace")
	v.fill("#tax-id", "GB980780684")
	v.follow("#billing-submit")
	v.wantText("#errors", "needs the country")
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
	v.wantURL(at(v.org, "/settings"))
	v.wantText("[data-test=notice]", "saved")
	if got := get[string](v.tab, "document.getElementById('line1').value"); got != "12 St James's Square" {
		v.t.Errorf("address line is %q", got)
	}
	var me struct {
		BillingName    string `json:"billing_name"`
		BillingAddress struct{ Country, City string }
	}
	v.request(v.t, 200, "GET", "/v1/customer-portal/customers/me", p.Token, nil, &me)
	if me.BillingName != "Ada, Countess of Lovelace" {
		v.t.Errorf("the API returns %+v", me)
	}
	v.open(at(v.org, "/settings")) // the notice is shown only once
	if v.has("[data-test=notice]") {
		v.t.Error("the notice is shown again")
	}
}

// changesEmail follows the link in the confirmation mail. Opening the link must not change anything, because mail scanners open
// links too; only the button on the page does.
func (v *visitor) changesEmail() {
	email, p := v.signedInCustomer("Ada")
	elsewhere := v.issue(v.t, v.org, object{"customer_id": v.customerOf(p)})
	v.open(at(v.org, "/settings"))
	v.follow("#prove-email")
	v.wantURL(at(v.org, "/prove?for=email"))
	v.wantText("main", email)
	v.proves(email)
	v.wantURL(at(v.org, "/settings"))
	v.wantText("[data-test=notice]", "Confirmed.")
	v.fill("#new-email", email)
	v.follow("#email-submit")
	v.wantText("#errors", "is already your email address")
	changed := v.newEmail("countess")
	v.fill("#new-email", changed)
	v.follow("#email-submit")
	v.wantText("[data-test=notice]", changed)

	link := ""
	for word := range strings.FieldsSeq(v.mail(v.t, changed)) {
		if strings.HasPrefix(word, at(v.org, "/verify-email?token=")) {
			link = word
		}
	}
	if link == "" {
		v.t.Fatal("the mail has no link")
	}
	reader := newTab(v.t, phone, v.script) // a browser without a session
	reader.open(link)
	reader.wantURL(at(v.org, "/verify-email"))
	if err := v.live(elsewhere.Token); err != nil {
		v.t.Errorf("opening the link has ended a session: %v", err)
	}
	reader.follow("#verify-submit")
	reader.wantURL(at(v.org, "/settings"))
	reader.wantText("[data-test=notice]", "has been changed")
	reader.wantText("[data-test=email]", changed)
	v.wantEnded(v.t, p.Token)
	v.wantEnded(v.t, elsewhere.Token)
	for _, address := range reader.history() {
		if strings.Contains(address, "token") {
			v.t.Errorf("the history contains %s", address)
		}
	}
	if _, found := reader.cookie("postern_email"); found {
		v.t.Error("the cookie with the token was not deleted")
	}

	late := newTab(v.t, phone, v.script)
	late.open(link)
	late.wantText("h1", "This link can’t be used")
}

// proves asks for a code to the current address on the page "prove", and enters it after a wrong one.
func (v *visitor) proves(email string) {
	v.t.Helper()
	v.follow("#prove-send")
	v.entersCode(strings.Repeat("A", 8))
	v.wantText("#code-error", "isn’t right")
	v.entersCode(v.code(v.t, email))
}

// customerOf returns the id of the customer that holds the session.
func (v *visitor) customerOf(p issued) string {
	v.t.Helper()
	var session struct {
		CustomerID string `json:"customer_id"`
	}
	v.request(v.t, http.StatusOK, "GET", "/v1/customer-sessions/"+p.ID, v.org.AccessToken, nil, &session)
	return session.CustomerID
}

// usesReadOnlySession opens the portal with a session that cannot write.
func (v *visitor) usesReadOnlySession() {
	email := v.newEmail("ada")
	v.signedIn(object{"customer_id": v.createIndividual(v.t, v.org, "Ada", email), "scopes": []string{"customer_portal:read"}})
	v.wantText("[data-test=session]", "Read-only")
	v.open(at(v.org, "/settings"))
	v.wantText("main", "This session is read-only")
	if v.has("#billing-form") || v.has("#change-email") {
		v.t.Error("the page has a form")
	}
	// A form from an older page is refused.
	v.posts(at(v.org, "/settings/billing"), "billing_name", "Mallory")
	v.wantText("h1", "You can’t do this")
	v.follow("main a")
	v.follow(v.shown("[data-test=sign-out]", ".who button")) // every session can sign out
	v.wantURL(at(v.org, "/request"))
}

// posts submits a form that is not on the page.
func (v *visitor) posts(address, name, value string) {
	v.t.Helper()
	v.navigate(func() {
		get[bool](v.tab, `(() => {
			const form = document.createElement("form"), input = document.createElement("input");
			form.method = "post", form.action = `+quote(address)+`, input.name = `+quote(name)+`, input.value = `+quote(value)+`;
			form.append(input), document.body.append(form), form.submit();
			return true;
		})()`)
	})
}

func (v *visitor) choosesLanguage() {
	v.signedInCustomer("Ada")
	v.follow("footer a[lang=de]")
	v.wantText("h1", "Guten Tag, Ada")
	v.follow("[data-test=nav-settings]") // the language stays selected
	if got := get[string](v.tab, "document.documentElement.lang"); got != "de" {
		v.t.Errorf("language of the settings page is %q", got)
	}
}

package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

func (v *visitor) opensCustomerLink() {
	email := v.newEmail("ada")
	p := v.issue(v.t, v.solo, object{"customer_id": v.createIndividual(v.t, v.solo, "Ada", email)})
	if !strings.Contains(p.CustomerPortalURL, "?customer_session_token=polar_cst_") {
		v.t.Fatalf("the link is %s", p.CustomerPortalURL)
	}
	v.opensLink(v.solo, p, email)
}

func (v *visitor) opensMemberLink() {
	email := v.newEmail("ada")
	p := v.issue(v.t, v.org, object{"customer_id": v.createIndividual(v.t, v.org, "Ada", email)})
	// The server uses another name for the parameter; this one is of Polar's SDKs.
	p.CustomerPortalURL = at(v.org, "?member_session_token="+p.Token)
	v.opensLink(v.org, p, email)
}

func (v *visitor) opensOneTimeLink() {
	email := v.newEmail("ada")
	p := v.issue(v.t, v.org, object{"customer_id": v.createIndividual(v.t, v.org, "Ada", email), "one_time_link": true})
	if !strings.Contains(p.CustomerPortalURL, "ticket=") || strings.Contains(p.CustomerPortalURL, p.Token) {
		v.t.Fatalf("the link is %s", p.CustomerPortalURL)
	}
	preview := newTab(v.t, phone, false) // a link preview or a mail scanner, which runs no scripts, does not use up the link
	preview.open(p.CustomerPortalURL)
	preview.wantURL(at(v.org, "/continue"))
	v.opensLink(v.org, p, email)

	second := newTab(v.t, phone, v.script) // another browser with the same link
	second.open(p.CustomerPortalURL)
	second.wantURL(at(v.org, "/request"))
	second.wantText("[data-test=notice]", "expired or was used already")
	if _, found := second.cookie(sessionCookie); found {
		v.t.Error("a one-time link worked twice")
	}
}

// opensLink opens the portal link of a session and checks that the token is only in an HttpOnly cookie.
func (v *visitor) opensLink(org organization, p issued, email string) {
	v.t.Helper()
	v.open(p.CustomerPortalURL)
	if strings.Contains(p.CustomerPortalURL, "ticket=") {
		if !v.script {
			v.wantText("main", "This link signs you in as Ada ("+email+").")
			v.follow("#continue-submit")
		}
		v.await("location.pathname.endsWith('/overview') && document.readyState === 'complete'") // the script submits the form
	}
	v.wantURL(at(org, "/overview"))
	v.wantText("[data-test=email]", email)
	for _, address := range v.history() {
		if strings.Contains(address, "token") || strings.Contains(address, "ticket") {
			v.t.Errorf("the history contains %s", address)
		}
	}
	if seen := get[string](v.tab, "document.cookie"); strings.Contains(seen, "postern") {
		v.t.Errorf("document.cookie is %q", seen)
	}
	c, found := v.cookie(sessionCookie)
	if !found || c.Value != p.Token {
		v.t.Fatalf("session cookie is %+v", c)
	}
	if !c.HTTPOnly || !c.Secure || c.SameSite != network.CookieSameSiteLax || c.Path != "/"+org.Slug+"/portal" || c.Domain != portalSite {
		v.t.Errorf("session cookie is %+v", c)
	}
	if off := time.Unix(int64(c.Expires), 0).Sub(p.ExpiresAt).Abs(); off > time.Minute {
		v.t.Errorf("the cookie expires %s before or after the session", off)
	}
	v.open(at(org, "")) // the cookie is used from now on
	v.wantURL(at(org, "/overview"))
}

// opensLinkInBackground opens a one-time link in a tab that nobody sees. The script waits until the tab is visible.
func (v *visitor) opensLinkInBackground() {
	p := v.issue(v.t, v.org, object{"customer_id": v.createIndividual(v.t, v.org, "Ada", v.newEmail("ada")), "one_time_link": true})
	for _, hidden := range []string{"Object.defineProperty(Document.prototype, 'visibilityState', {configurable: true, get: () => window.seen ? 'visible' : 'hidden'})",
		"Object.defineProperty(Document.prototype, 'prerendering', {configurable: true, get: () => !window.seen})"} {
		b := newTab(v.t, desktop, true)
		call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: hidden})
		b.open(p.CustomerPortalURL)
		time.Sleep(200 * time.Millisecond) // nothing happens
		b.wantURL(at(v.org, "/continue"))
		if get[bool](b, "!!document.querySelector('form[data-sent]')") {
			v.t.Error("the form was sent")
		}
	}
	b := newTab(v.t, desktop, true)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: "Object.defineProperty(Document.prototype, 'prerendering', {configurable: true, get: () => !window.seen})"})
	b.open(p.CustomerPortalURL)
	b.navigate(func() { get[bool](b, "window.seen = true, document.dispatchEvent(new Event('prerenderingchange'))") })
	b.wantURL(at(v.org, "/overview"))
}

// opensLinksOfTwoAccounts opens links while another account is signed in. The page asks whether to change the account.
func (v *visitor) opensLinksOfTwoAccounts() {
	eve, own := v.signedInCustomer("Eve")
	email := v.newEmail("ada")
	customer := v.createIndividual(v.t, v.org, "Ada", email)
	for _, oneTime := range []bool{false, true} {
		p := v.issue(v.t, v.org, object{"customer_id": customer, "one_time_link": oneTime})
		v.open(p.CustomerPortalURL)
		v.wantURL(at(v.org, "/continue"))
		v.wantText("[data-test=switch]", "You are signed in as Eve. Continue as Ada ("+email+") instead of Eve?")
		v.follow("#continue-stay")
		v.wantText("[data-test=email]", eve)
		if got := v.token(); got != own.Token {
			v.t.Fatal("the session was exchanged without a question")
		}
		v.open(p.CustomerPortalURL)
		v.follow("#continue-submit")
		v.wantURL(at(v.org, "/overview"))
		v.wantText("[data-test=email]", email)
		v.open(own.CustomerPortalURL) // back to the first account
		v.follow("#continue-submit")
		v.wantText("[data-test=email]", eve)
	}
}

// opensEndedLink opens the link of a session that has ended, which redirects to the sign-in page with the email address filled in.
func (v *visitor) opensEndedLink() {
	email, p := v.signedInCustomer("Ada")
	if status, text, err := v.call("DELETE", "/v1/customer-sessions/"+p.ID, v.org.AccessToken, nil); err != nil || status != http.StatusOK {
		v.t.Fatalf("ending the session: %d %s %v", status, text, err)
	}
	other := newTab(v.t, desktop, v.script)
	other.open(at(v.org, "?customer_session_token="+p.Token+"&email="+url.QueryEscape(email)))
	other.wantURL(at(v.org, "/request"))
	other.wantText("[data-test=notice]", "expired or was used already")
	if got := get[string](other, "document.getElementById('email').value"); got != email {
		v.t.Errorf("email field is %q, want %q", got, email)
	}
	if _, found := other.cookie(sessionCookie); found {
		v.t.Error("an ended session was stored in a cookie")
	}
}

// usesOtherOrganizationsToken opens the portal of one organization with a session of another, which is not valid there.
func (v *visitor) usesOtherOrganizationsToken() {
	_, p := v.signedInCustomer("Ada")
	v.open(at(v.solo, "?member_session_token="+p.Token))
	v.wantURL(at(v.solo, "/request"))
	if _, found := v.cookie(sessionCookie); found {
		v.t.Error("another organization's session was stored in a cookie")
	}
	v.open(at(v.org, "/overview")) // the session is still valid for its own organization
	v.wantURL(at(v.org, "/overview"))
}

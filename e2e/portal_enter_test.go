package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
)

func (v *visitor) entersAsCustomer() {
	email := v.somebody("ada")
	p := v.issue(v.t, v.solo, object{"customer_id": v.individual(v.t, v.solo, "Ada", email)})
	if !strings.Contains(p.CustomerPortalURL, "?customer_session_token=polar_cst_") {
		v.t.Fatalf("the link is %s", p.CustomerPortalURL)
	}
	v.enters(v.solo, p, email)
}

func (v *visitor) entersAsMember() {
	email := v.somebody("ada")
	p := v.issue(v.t, v.org, object{"customer_id": v.individual(v.t, v.org, "Ada", email)})
	// The link has another name for it, and Polar's SDKs make this one.
	p.CustomerPortalURL = at(v.org, "?member_session_token="+p.Token)
	v.enters(v.org, p, email)
}

func (v *visitor) entersWithTicket() {
	email := v.somebody("ada")
	p := v.issue(v.t, v.org, object{"customer_id": v.individual(v.t, v.org, "Ada", email), "one_time_link": true})
	if !strings.Contains(p.CustomerPortalURL, "ticket=") || strings.Contains(p.CustomerPortalURL, p.Token) {
		v.t.Fatalf("the link is %s", p.CustomerPortalURL)
	}
	v.enters(v.org, p, email)

	second := newTab(v.t, phone, v.script) // somebody else who has the link
	second.open(p.CustomerPortalURL)
	second.isAt(at(v.org, "/request"))
	second.reads("[data-test=notice]", "expired or was used already")
	if _, found := second.cookie("postern_session"); found {
		v.t.Error("a ticket lets in twice")
	}
}

// enters follows the link of a session, and looks what has become of the token.
func (v *visitor) enters(org organization, p pass, email string) {
	v.t.Helper()
	v.open(p.CustomerPortalURL)
	v.isAt(at(org, "/overview"))
	v.reads("[data-test=email]", email)
	for _, address := range v.history() {
		if strings.Contains(address, "token") || strings.Contains(address, "ticket") {
			v.t.Errorf("the history has %s", address)
		}
	}
	if seen := get[string](v.tab, "document.cookie"); strings.Contains(seen, "postern") {
		v.t.Errorf("a script reads %q", seen)
	}
	c, found := v.cookie("postern_session")
	if !found || c.Value != p.Token {
		v.t.Fatalf("the session is not in its cookie: %+v", c)
	}
	if !c.HTTPOnly || !c.Secure || c.SameSite != network.CookieSameSiteLax || c.Path != "/"+org.Slug+"/portal" || c.Domain != portalSite {
		v.t.Errorf("the cookie is %+v", c)
	}
	if off := time.Unix(int64(c.Expires), 0).Sub(p.ExpiresAt).Abs(); off > time.Minute {
		v.t.Errorf("the cookie ends %s off the session", off)
	}
	v.open(at(org, "")) // and so it is known the next time
	v.isAt(at(org, "/overview"))
}

// A link that opens nothing leads to the sign-in, which knows the address.
func (v *visitor) followsDeadLink() {
	email, p := v.newcomer("Ada")
	if status, text, err := v.call("DELETE", "/v1/customer-sessions/"+p.ID, v.org.AccessToken, nil); err != nil || status != http.StatusOK {
		v.t.Fatalf("ending the session: %d %s %v", status, text, err)
	}
	other := newTab(v.t, desktop, v.script)
	other.open(at(v.org, "?customer_session_token="+p.Token+"&email="+url.QueryEscape(email)))
	other.isAt(at(v.org, "/request"))
	other.reads("[data-test=notice]", "expired or was used already")
	if got := get[string](other, "document.getElementById('email').value"); got != email {
		v.t.Errorf("the sign-in is for %q, not for %q", got, email)
	}
	if _, found := other.cookie("postern_session"); found {
		v.t.Error("a dead token is kept")
	}
}

// A session of one organization opens nothing of another's.
func (v *visitor) comesFromElsewhere() {
	_, p := v.newcomer("Ada")
	v.open(at(v.solo, "?member_session_token="+p.Token))
	v.isAt(at(v.solo, "/request"))
	if _, found := v.cookie("postern_session"); found {
		v.t.Error("another organization's token is kept")
	}
	v.open(at(v.org, "/overview")) // the one that it is for is still open
	v.isAt(at(v.org, "/overview"))
}

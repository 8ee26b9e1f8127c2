package e2e

import (
	"net/http"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// signsOut ends the session itself, and leaves nothing to go back to.
func (v *visitor) signsOut() {
	_, p := v.newcomer("Ada")
	v.open(at(v.org, "/settings"))
	v.follow(v.shown("[data-test=sign-out]", ".who button"))
	v.isAt(at(v.org, "/request"))
	v.reads("[data-test=notice]", "You’ve been signed out.")
	v.ended(v.t, p.Token)
	if _, found := v.cookie("postern_session"); found {
		v.t.Error("the cookie is kept")
	}
	entries := tell(v.tab, page.GetNavigationHistory, cdp.Empty{}).Entries
	before := entries[len(entries)-2]
	if before.URL != at(v.org, "/settings") {
		v.t.Fatalf("back is %s", before.URL)
	}
	v.turn(func() {
		tell(v.tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.ID})
	})
	v.await("location.pathname.endsWith('/portal/request')")
	if v.has("#billing-form") {
		v.t.Error("the page before comes back")
	}
}

// shown is the first of the selectors whose element can be seen.
func (v *visitor) shown(selectors ...string) string {
	v.t.Helper()
	for _, s := range selectors {
		if get[bool](v.tab, element(s)+"?.checkVisibility() === true") {
			return s
		}
	}
	v.t.Fatalf("none of %q can be seen\n%s", selectors, v)
	return ""
}

// signsOutElsewhere ends one of the other sessions, and then all of them.
func (v *visitor) signsOutElsewhere() {
	_, here := v.newcomer("Ada")
	customer := v.customerOf(here)
	var others []pass
	for range 3 {
		others = append(others, v.issue(v.t, v.org, object{"customer_id": customer}))
	}
	other := newTab(v.t, phone, v.script) // one that has been used
	other.open(others[0].CustomerPortalURL)

	v.follow("[data-test=nav-sessions]")
	if rows := get[int](v.tab, "document.querySelectorAll('[data-test=session-row]').length"); rows != 4 {
		v.t.Fatalf("%d sessions are shown\n%s", rows, v)
	}
	v.reads("[data-current]", "This device")
	v.follow("[data-test=session-row]:has(input[value='" + others[0].ID + "']) [data-test=end-session]")
	v.reads("[data-test=notice]", "That session has been signed out.")
	v.ended(v.t, others[0].Token)
	if err := v.live(others[1].Token); err != nil {
		v.t.Error(err)
	}
	other.open(at(v.org, "/settings"))
	other.isAt(at(v.org, "/request"))

	v.follow("#sign-out-others")
	v.reads("[data-test=notice]", "You’ve been signed out everywhere else.")
	v.ended(v.t, others[1].Token)
	v.ended(v.t, others[2].Token)
	if err := v.live(here.Token); err != nil {
		v.t.Error(err)
	}
	v.follow("#sign-out-here")
	v.isAt(at(v.org, "/request"))
	v.ended(v.t, here.Token)
}

// isSignedOut by the organization, in the middle of a form.
func (v *visitor) isSignedOut() {
	_, p := v.newcomer("Ada")
	v.open(at(v.org, "/settings"))
	v.fill("#billing-name", "Ada")
	v.ask(v.t, http.StatusOK, "DELETE", "/v1/customer-sessions/"+p.ID, v.org.AccessToken, nil, nil)
	v.follow("#billing-submit")
	v.isAt(at(v.org, "/request"))
	v.reads("[data-test=notice]", "nothing was saved")
	if _, found := v.cookie("postern_session"); found {
		v.t.Error("the cookie is kept")
	}
}

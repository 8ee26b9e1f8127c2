package e2e

import (
	"net/http"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// signsOut signs out and checks that the browser's back button does not show the previous page.
func (v *visitor) signsOut() {
	_, p := v.signedInCustomer("Ada")
	v.open(at(v.org, "/settings"))
	v.follow(v.shown("[data-test=sign-out]", ".who button"))
	v.wantURL(at(v.org, "/request"))
	v.wantText("[data-test=notice]", "You’ve been signed out.")
	v.wantEnded(v.t, p.Token)
	if _, found := v.cookie(sessionCookie); found {
		v.t.Error("the session cookie was not deleted")
	}
	entries := call(v.tab, page.GetNavigationHistory, cdp.Empty{}).Entries
	before := entries[len(entries)-2]
	if before.URL != at(v.org, "/settings") {
		v.t.Fatalf("previous page is %s", before.URL)
	}
	v.navigate(func() {
		call(v.tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.ID})
	})
	v.await("location.pathname.endsWith('/portal/request')")
	if v.has("#billing-form") {
		v.t.Error("the previous page is shown again")
	}
}

// shown returns the first of the selectors whose element is visible.
func (v *visitor) shown(selectors ...string) string {
	v.t.Helper()
	for _, s := range selectors {
		if get[bool](v.tab, element(s)+"?.checkVisibility() === true") {
			return s
		}
	}
	v.t.Fatalf("none of %q is visible\n%s", selectors, v)
	return ""
}

// signsOutElsewhere ends one of the other sessions, then all others, and then its own.
func (v *visitor) signsOutElsewhere() {
	_, here := v.signedInCustomer("Ada")
	customer := v.customerOf(here)
	var others []issued
	for range 3 {
		others = append(others, v.issue(v.t, v.org, object{"customer_id": customer}))
	}
	other := newTab(v.t, phone, v.script) // this session was used
	other.open(others[0].CustomerPortalURL)

	v.follow("[data-test=nav-sessions]")
	if rows := get[int](v.tab, "document.querySelectorAll('[data-test=session-row]').length"); rows != 4 {
		v.t.Fatalf("the page shows %d sessions, want 4\n%s", rows, v)
	}
	v.wantText("[data-current]", "This device")
	v.follow("[data-test=session-row]:has(input[value='" + others[0].ID + "']) [data-test=end-session]")
	v.wantText("[data-test=notice]", "That session has been signed out.")
	v.wantEnded(v.t, others[0].Token)
	if err := v.live(others[1].Token); err != nil {
		v.t.Error(err)
	}
	other.open(at(v.org, "/settings"))
	other.wantURL(at(v.org, "/request"))

	v.follow("#sign-out-others")
	v.wantText("[data-test=notice]", "You’ve been signed out everywhere else.")
	v.wantEnded(v.t, others[1].Token)
	v.wantEnded(v.t, others[2].Token)
	if err := v.live(here.Token); err != nil {
		v.t.Error(err)
	}
	v.follow("#sign-out-here")
	v.wantURL(at(v.org, "/request"))
	v.wantEnded(v.t, here.Token)
}

// isRevokedWhileEditing submits a form after the organization has revoked the session.
func (v *visitor) isRevokedWhileEditing() {
	_, p := v.signedInCustomer("Ada")
	v.open(at(v.org, "/settings"))
	v.fill("#billing-name", "Ada")
	v.request(v.t, http.StatusOK, "DELETE", "/v1/customer-sessions/"+p.ID, v.org.AccessToken, nil, nil)
	v.follow("#billing-submit")
	v.wantURL(at(v.org, "/request"))
	v.wantText("[data-test=notice]", "nothing was saved")
	if _, found := v.cookie(sessionCookie); found {
		v.t.Error("the session cookie was not deleted")
	}
}

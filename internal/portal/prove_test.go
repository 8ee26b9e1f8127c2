package portal_test

import (
	"net/http"
	"testing"
	"time"
)

// A session that the organization created cannot change the address before its holder proves who it is. A login is a proof.
func TestEmailChangeNeedsProof(t *testing.T) {
	srv := newServer(t)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	b.get("/acme/portal/settings").is(http.StatusOK, `href="/acme/portal/prove?for=email"`, `!id="email-form"`)
	b.post("/acme/portal/settings/email", "email", "new@example.com").leads("/acme/portal/prove?for=email")
	b.get("/acme/portal/prove?for=email").is(http.StatusOK, "we’ll send a code to ada@example.com", `id="prove-send"`, `!id="prove-form"`)
	if !srv.Mail.Empty() {
		t.Fatal("opening the page sent a mail")
	}
	b.post("/acme/portal/prove/send", "for", "email").leads("/acme/portal/prove?for=email&sent=1")
	b.get("/acme/portal/prove?for=email&sent=1").is(http.StatusOK, "We’ve sent a code to ada@example.com", `id="prove-form"`)
	code := srv.code()
	b.post("/acme/portal/prove", "for", "email", "code", "").is(http.StatusUnprocessableEntity, "Enter the code from the email.")
	b.post("/acme/portal/prove", "for", "email", "code", "AAAAAAAA").is(http.StatusUnprocessableEntity, "This code isn’t right or has expired.")
	b.post("/acme/portal/prove", "for", "email", "code", code).leads("/acme/portal/settings")
	b.get("/acme/portal/settings").is(http.StatusOK, "Confirmed. You can make this change", `<details id="change-email" open>`)
	b.post("/acme/portal/prove", "for", "email", "code", code).is(http.StatusUnprocessableEntity) // a code works once
	b.post("/acme/portal/settings/email", "email", "new@example.com").leads("/acme/portal/settings")
	srv.emailLink()

	srv.Advance(10 * time.Minute)
	b.get("/acme/portal/settings").is(http.StatusOK, `href="/acme/portal/prove?for=email"`)
	b.post("/acme/portal/settings/email", "email", "new@example.com").leads("/acme/portal/prove?for=email")
}

func TestLoginIsProof(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	b := srv.browser()
	b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	b.post("/acme/portal/authenticate", "code", srv.code()).leads("/acme/portal/overview")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	b.get("/acme/portal/settings").is(http.StatusOK, `id="email-form"`, `!id="prove-email"`)
}

func TestTransferNeedsProof(t *testing.T) {
	e := newEngines(t)
	transfer, prove := "/acme/portal/team/transfer?member="+e.managerID, "/acme/portal/prove?for=transfer&member="+e.managerID
	e.owner.get(transfer).leads(prove)
	e.owner.post("/acme/portal/team/transfer", "member", e.managerID).leads(prove)
	e.owner.get(prove).is(http.StatusOK, `href="/acme/portal/team" id="prove-cancel"`)
	e.owner.post("/acme/portal/prove/send", "for", "transfer", "member", e.managerID).leads("/acme/portal/prove?for=transfer&member=" + e.managerID + "&sent=1")
	e.owner.post("/acme/portal/prove", "for", "transfer", "member", e.managerID, "code", e.code()).leads(transfer)
	e.owner.get(transfer).is(http.StatusOK, "charles@example.com will become the owner", "Confirmed.")
}

// The page returns to two pages only, so that a link cannot send the customer elsewhere.
func TestProveRefusesOtherTargets(t *testing.T) {
	srv := newServer(t)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	for _, query := range []string{"", "for=", "for=https://evil.example", "for=transfer", "for=transfer&member=x"} {
		b.get("/acme/portal/prove?" + query).is(http.StatusNotFound)
	}
	b.post("/acme/portal/prove/send", "for", "elsewhere").is(http.StatusBadRequest)
	b.post("/acme/portal/prove", "for", "elsewhere", "code", "A").is(http.StatusBadRequest)
	readOnly := srv.enter(srv.session(`"customer_id":"` + srv.CreateCustomer(`"email":"eve@example.com"`) + `","scopes":["customer_portal:read"]`))
	readOnly.post("/acme/portal/prove/send", "for", "email").is(http.StatusForbidden, "read-only")
}

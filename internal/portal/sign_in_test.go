package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/login"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/testserver"
)

func TestSignInWithCode(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	b := srv.browser()
	b.get("/acme/portal").leads("/acme/portal/request")
	b.get("/acme/portal/request").is(http.StatusOK, "Sign in", `autocomplete="email"`)
	b.post("/acme/portal/request", "email", "Ada@Example.com ").leads("/acme/portal/authenticate")
	b.get("/acme/portal/authenticate").is(http.StatusOK, "If Ada@example.com belongs to an account", `autocomplete="one-time-code"`, `data-wait="30"`)
	code := srv.code()
	// Customers may type the code in lower case, and paste the sentence around them.
	typed := "Your code is " + code[:3] + "-" + code[3:] + " and can be used once"
	b.post("/acme/portal/authenticate", "code", typed).leads("/acme/portal/overview")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	b.get("/acme/portal/overview").is(http.StatusOK, "Hello, Ada Lovelace", "Owner", "60 minutes left")
	b.get("/acme/portal").leads("/acme/portal/overview")
	// The code works only once.
	srv.browser().post("/acme/portal/authenticate", "code", code).is(http.StatusUnprocessableEntity, "This code isn’t right.")
}

// People paste invisible characters along with an address.
func TestPastedAddressesAreCleaned(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	for _, pasted := range []string{"\u200bada@example.com\u200b", "\ufeffada@exa\u00admple.com", "\u00a0ada@example.com\u3000", "\u2066ada@example.com\u2069"} {
		srv.browser().post("/acme/portal/request", "email", pasted).leads("/acme/portal/authenticate")
		if m := srv.Mail.Next(); m.To != "ada@example.com" {
			t.Errorf("%q: a mail to %s", pasted, m.To)
		}
		srv.Advance(30 * time.Minute)
	}
	srv.browser().post("/acme/portal/request", "email", "ada\u200b").is(http.StatusUnprocessableEntity, "Enter an email address")
}

func TestInvalidCodesAreRefused(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	b := srv.browser()
	b.post("/acme/portal/authenticate", "code", "").is(http.StatusUnprocessableEntity, "Enter the code from the email.", "<title>Error: ")
	b.post("/acme/portal/authenticate", "code", strings.Repeat("A", 10_000)).is(http.StatusUnprocessableEntity, "Enter only the code")
	b.post("/acme/portal/authenticate", "code", "ÄÖÜ").is(http.StatusUnprocessableEntity, "Enter only the code")
	b.post("/acme/portal/authenticate", "code", "K7WQ2MXH or A2B3C4D5").is(http.StatusUnprocessableEntity, "Enter only the code")
	for _, short := range []string{"FED", "FEDCBA"} { // the second one could have been sent before a change of the length
		b.post("/acme/portal/authenticate", "code", short).is(http.StatusUnprocessableEntity, "too short. The code in the email has 8 letters and digits.")
	}
	b.post("/acme/portal/authenticate", "code", "FEDCBAAA").is(http.StatusUnprocessableEntity, "This code isn’t right.", `aria-invalid="true"`, "!FEDCBA", "!code-auto")
	b.post("/acme/portal/request", "email", "ada@example.com")
	code := srv.code()
	srv.Advance(30 * time.Minute)
	b.post("/acme/portal/authenticate", "code", code).is(http.StatusUnprocessableEntity, "This code has expired.")
}

// The page does not reveal whether an email address belongs to an account.
func TestSignInDoesNotRevealAccounts(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	known, unknown := srv.browser(), srv.browser()
	a := known.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	b := unknown.post("/acme/portal/request", "email", "bob@example.com").leads("/acme/portal/authenticate")
	if a.text != b.text {
		t.Errorf("%q and %q", a.text, b.text)
	}
	same := func(text string) string { return strings.ReplaceAll(text, "bob@", "ada@") }
	if x, y := known.get("/acme/portal/authenticate").text, unknown.get("/acme/portal/authenticate").text; x != same(y) {
		t.Errorf("%s\nand\n%s", x, y)
	}
	srv.code()
}

func TestInvalidEmailIsRefused(t *testing.T) {
	srv := newServer(t)
	for _, email := range []string{"", "ada", "ada@", "ada@localhost", `"><script>alert(1)</script>`, "ada@example.com\x00"} {
		srv.browser().post("/acme/portal/request", "email", email).is(http.StatusUnprocessableEntity, "Enter an email address", `aria-invalid="true"`, "!<script>alert")
	}
}

// If an email address belongs to several customers, the client who has the code chooses one.
func TestChooseAccountAfterCode(t *testing.T) {
	srv := newServer(t)
	first := srv.CreateCustomer(`"type":"team","name":"Analytical Engines","email":"a@example.com"`)
	second := srv.CreateCustomer(`"type":"team","name":"Difference Engines","email":"b@example.com"`)
	for _, id := range []string{first, second} {
		srv.member(id, "ada@example.com", "billing_manager")
	}
	b := srv.browser()
	b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	code := srv.code()
	b.post("/acme/portal/authenticate", "code", code).is(http.StatusOK, "Which account?", "Analytical Engines", "Difference Engines", `value="`+second+`"`, `action="/acme/portal/authenticate"`)
	b.post("/acme/portal/authenticate", "code", code, "customer", "nobody").is(http.StatusBadRequest, "didn’t arrive")
	b.post("/acme/portal/authenticate", "code", code, "customer", second).leads("/acme/portal/overview")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	b.get("/acme/portal/overview").is(http.StatusOK, "Difference Engines", "Billing manager")
}

// With BeforeProof, the client chooses the customer before the code is sent.
func TestChooseAccountBeforeCode(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.Login.Disclosure = login.BeforeProof })
	first := srv.CreateCustomer(`"type":"team","name":"Analytical Engines","email":"a@example.com"`)
	second := srv.CreateCustomer(`"type":"team","name":"Difference Engines","email":"b@example.com"`)
	for _, id := range []string{first, second} {
		srv.member(id, "ada@example.com", "member")
	}
	b := srv.browser()
	b.post("/acme/portal/request", "email", "ada@example.com").is(http.StatusOK, "Which account?", `action="/acme/portal/request"`, `name="email" value="ada@example.com"`)
	b.post("/acme/portal/request", "email", "ada@example.com", "customer", first).leads("/acme/portal/authenticate")
	b.post("/acme/portal/authenticate", "code", srv.code()).leads("/acme/portal/overview")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	b.get("/acme/portal/overview").is(http.StatusOK, "Analytical Engines")
}

// A code of one organization does not work in the portal of another one, and stays valid for its own.
func TestCodeBelongsToOneOrganization(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	srv.CreateOrganization(testserver.NewOrganization{Slug: "other"})
	b := srv.browser()
	b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	code := srv.code()
	r, err := http.NewRequestWithContext(t.Context(), "POST", srv.URL+"/other/portal/authenticate", strings.NewReader("code="+code))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnprocessableEntity || answer.Header["Set-Cookie"] != nil {
		t.Errorf("%d %v", answer.StatusCode, answer.Header["Set-Cookie"])
	}
	b.post("/acme/portal/authenticate", "code", code).leads("/acme/portal/overview")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
}

// The portal and the API count requests in the same rate limit zones.
func TestSignInIsRateLimited(t *testing.T) {
	srv := newServer(t, testserver.RateLimits("login=3/m,default=500/m"))
	srv.ada()
	b := srv.browser()
	b.post("/acme/portal/authenticate", "code", "AAAAAA").is(http.StatusUnprocessableEntity)
	srv.Call("", "POST", "/v1/customer-portal/customer-session/authenticate", `{"code":"AAAAAA"}`, nil)
	// An invented cookie does not give the client a new identity.
	stranger := srv.browser()
	stranger.headers = []string{"Cookie", "postern_session=polar_mst_invented", "Authorization", "Bearer polar_mst_invented"}
	stranger.post("/acme/portal/authenticate", "code", "BBBBBB").is(http.StatusUnprocessableEntity)
	p := b.post("/acme/portal/authenticate", "code", "CCCCCC").is(http.StatusTooManyRequests, "Too many attempts", "Please wait 15 minutes", "Acme")
	if p.header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After: %s", p.header.Get("Retry-After"))
	}
	b.post("/acme/portal/request", "email", "ada@example.com").is(http.StatusTooManyRequests)
	if status := srv.Call("", "POST", "/v1/customer-portal/customer-session/request", `{}`, nil); status != http.StatusTooManyRequests {
		t.Errorf("the API says %d", status)
	}
	b.get("/acme/portal/request").is(http.StatusOK) // a GET request is not counted as an attempt
	srv.Advance(15 * time.Minute)
	b.post("/acme/portal/authenticate", "code", "DDDDDD").is(http.StatusUnprocessableEntity)
}

func TestLongCodes(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.Login.Length = 10 })
	srv.ada()
	b := srv.browser()
	b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	b.get("/acme/portal/authenticate").is(http.StatusOK, "10 letters and digits", `data-most="32"`, `!class="cells"`)
	b.post("/acme/portal/authenticate", "code", srv.code()).leads("/acme/portal/overview")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
}

// After signing in again, the customer returns to the previous page. The sign-in page has the email address filled in.
func TestSignInAgainReturnsToPage(t *testing.T) {
	srv := newServer(t)
	s := srv.session(`"customer_id":"` + srv.ada() + `"`)
	b := srv.enter(s)
	srv.Advance(56 * time.Minute)
	b.get("/acme/portal/settings").is(http.StatusOK, "Your session ends soon.", "4 minutes left", `href="/acme/portal/request?next=settings"`)
	b.get("/acme/portal/request?next=settings").is(http.StatusOK, `value="ada@example.com"`)
	b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	b.post("/acme/portal/authenticate", "code", srv.code()).leads("/acme/portal/settings")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	b.get("/acme/portal/settings").is(http.StatusOK, `data-ends="3600"`)
	b.get("/acme/portal/request?next=//evil.example").is(http.StatusOK, "!evil.example")
}

// Opening a page extends a session with an idle timeout. Such pages do not reload themselves.
func TestPageExtendsIdleSession(t *testing.T) {
	srv := newServer(t)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `","idle_timeout":600`))
	for range 3 {
		srv.Advance(9 * time.Minute)
		b.get("/acme/portal/overview").is(http.StatusOK, "10 minutes left", `data-ends="600"`, `http-equiv="refresh" content="601"`)
	}
	srv.Advance(10 * time.Minute)
	b.get("/acme/portal/overview").leads("/acme/portal/request")
}

// The page reports once that the session has ended, and that the form was not saved.
func TestEndedSessionLeadsToSignIn(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	b := srv.enter(srv.session(`"customer_id":"` + id + `"`))
	srv.Advance(time.Hour)
	b.get("/acme/portal/settings").leads("/acme/portal/request")
	b.get("/acme/portal/request").is(http.StatusOK, "Your session has ended.", `value="ada@example.com"`)
	if b.cookie("postern_session", "/acme/portal/") != "" {
		t.Error("the cookie is still there")
	}
	s := srv.session(`"customer_id":"` + id + `"`)
	b = srv.enter(s)
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+s.ID, "", nil)
	b.post("/acme/portal/settings/billing", "billing_name", "Somebody").leads("/acme/portal/request")
	b.get("/acme/portal/request").is(http.StatusOK, "nothing was saved")
	var c struct {
		BillingName string `json:"billing_name"`
	}
	if srv.Call(srv.Token, "GET", "/v1/customers/"+id, "", &c); c.BillingName != "Ada Lovelace" {
		t.Errorf("the form was saved: %s", c.BillingName)
	}
	// A client that was never signed in is only asked to sign in, and then opens the requested page.
	b = srv.browser()
	b.get("/acme/portal/settings").leads("/acme/portal/request")
	if got := b.cookie("postern_portal", "/acme/portal/"); got != "next=settings" {
		t.Errorf("the browser remembers %q", got)
	}
}

func TestSignOutRevokesSession(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	for _, scopes := range []string{`"customer_portal:write"`, `"customer_portal:read"`} {
		s := srv.session(`"customer_id":"` + id + `","scopes":[` + scopes + `]`)
		b := srv.enter(s)
		b.post("/acme/portal/sign-out").leads("/acme/portal/request")
		b.get("/acme/portal/request").is(http.StatusOK, "You’ve been signed out.", "!ada@example.com")
		if srv.IsLive(s.Token) || b.cookie("postern_session", "/acme/portal/") != "" {
			t.Errorf("with %s the session is still live", scopes)
		}
		b.post("/acme/portal/sign-out").leads("/acme/portal/request")
		b.get("/acme/portal/sign-out").leads("/acme/portal/overview")
	}
}

func TestPageLanguage(t *testing.T) {
	srv := newServer(t)
	b := srv.browser()
	b.get("/acme/portal/request", "Accept-Language", "de-CH,de;q=0.9").is(http.StatusOK, `<html lang="de">`, "Anmelden")
	b.get("/acme/portal/request?locale=ja", "Accept-Language", "de").is(http.StatusOK, `<html lang="ja">`, "サインイン")
	b.get("/acme/portal/request", "Accept-Language", "de").is(http.StatusOK, `<html lang="ja">`)
	b.get("/acme/portal/request?locale=tlh-x", "Accept-Language", "de").is(http.StatusOK, `<html lang="ja">`)
	id := srv.CreateCustomer(`"type":"individual","email":"marie@example.com","locale":"fr-FR"`)
	b = srv.browser()
	b.get(srv.session(`"customer_id":"`+id+`"`).Link + "&locale=de").leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, `<html lang="de">`)
	b = srv.enter(srv.session(`"customer_id":"` + id + `"`))
	b.get("/acme/portal/overview", "Accept-Language", "es").is(http.StatusOK, `<html lang="fr">`, "Votre compte")
	b.get("/acme/portal/overview?locale=es").is(http.StatusOK, `<html lang="es">`)
	b.get("/acme/portal/nothing").is(http.StatusNotFound, `<html lang="es">`, "Página no encontrada")
}

// Mails are in the language of the page that requested them, unless the customer has another language.
func TestMailLanguage(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	b := srv.browser()
	b.get("/acme/portal/request?locale=de").is(http.StatusOK)
	b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	b.post("/acme/portal/authenticate", "code", srv.codeIn("Geben Sie diesen Code ein")).leads("/acme/portal/overview")
	b.post("/acme/portal/settings/email", "email", "countess@example.com").leads("/acme/portal/settings")
	if text := srv.mail(); !strings.Contains(text, "Bitte bestätigen Sie") {
		t.Errorf("the mail says %s", text)
	}
	if status := srv.Call(srv.Token, "PATCH", "/v1/customers/"+id, `{"locale":"es-MX"}`, nil); status != http.StatusOK {
		t.Fatalf("the customer has no language: %d", status)
	}
	b = srv.browser()
	b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	srv.codeIn("Introduzca este código")
}

// codeIn waits for a mail that contains a text, and returns its code.
func (srv *server) codeIn(words string) string {
	srv.T.Helper()
	m := srv.Mail.Next()
	if m.Code() == "" || !strings.Contains(m.Subject+m.Text, words) {
		srv.T.Fatalf("no code, or no %q, in %s", words, m.Text)
	}
	return srv.AddSecret(m.Code())
}

// The files of a page exist at the addresses in its HTML, and may be cached forever.
func TestAssets(t *testing.T) {
	srv := newServer(t)
	srv.ChangePortal(func(s *directory.PortalSettings) {
		s.AccentColor, s.LogoURL = "#facc15", "https://cdn.example.com/logo.svg"
	})
	b := srv.browser()
	p := b.get("/acme/portal/request").is(http.StatusOK, `<img src="https://cdn.example.com/logo.svg" alt=""`)
	if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src 'self' https://cdn.example.com;") {
		t.Errorf("the policy is %s", policy)
	}
	found := regexp.MustCompile(`(?:href|src)="(/acme/portal/assets/[^"]+)"`).FindAllStringSubmatch(p.text, -1)
	if len(found) != 5 {
		t.Fatalf("the page has the files %v", found)
	}
	for _, f := range found {
		asset := b.get(f[1]).is(http.StatusOK)
		if !strings.HasPrefix(asset.header.Get("Cache-Control"), "public, max-age=") || asset.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", f[1], asset.header)
		}
		if strings.Contains(f[1], "accent") && !strings.Contains(asset.text, "--accent:#facc15") {
			t.Errorf("the accent is %s", asset.text)
		}
	}
	b.send("POST", found[0][1], "", "Sec-Fetch-Site", "same-origin").is(http.StatusMethodNotAllowed)
	b.get("/acme/portal/assets/../../../etc/passwd").is(http.StatusNotFound)
	b.get("/acme/portal/assets/accent-GGGGGG.css").is(http.StatusNotFound)
	b.get("/acme/portal/assets/accent-FACC15.css").is(http.StatusNotFound)
}

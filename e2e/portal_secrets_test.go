package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// secretPattern matches session tokens, access tokens, tokens in mails, and one-time links.
var secretPattern = regexp.MustCompile(`polar_[a-z]+_[0-9A-Za-z]{20,}|ticket=[^&"\s]+`)

// checkSecrets fails the test if a secret appears in any request or answer of the browser, except where it must: in the URL that
// delivers it, which must redirect to a URL without it; in its cookie; and, for a login code, in the submitted form.
func (p *portalServer) checkSecrets(t *testing.T) {
	entered, checked := 0, 0
	seen := chromium.web.exchangesWith(portalSite)
	for _, x := range seen {
		checked++
		u, err := url.Parse(x.url)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if q.Has("customer_session_token") || q.Has("member_session_token") || q.Has("ticket") || q.Has("token") {
			entered++
			if x.status != 303 || strings.Contains(x.header.Get("Location"), "?") {
				t.Errorf("%s: %d, to %s", p.masked(u.Path), x.status, p.masked(x.header.Get("Location")))
			}
		} else if found := p.secretIn(x.url); found != "" {
			t.Errorf("the URL %s contains %s", p.masked(x.url), found)
		}
		if found := p.secretIn(x.referer); found != "" {
			t.Errorf("the referrer of %s contains %s", p.masked(x.url), found)
		}
		if strings.Contains(x.referer, portalSite) && u.Host != portalSite {
			t.Errorf("%s has the referrer %s", p.masked(x.url), p.masked(x.referer))
		}
		for name, values := range x.header {
			for _, value := range values {
				cookie, rest, _ := strings.Cut(value, ";")
				if name == "Set-Cookie" && (strings.HasPrefix(cookie, sessionCookie+"=") || strings.HasPrefix(cookie, "__Secure-postern_email=") || strings.HasPrefix(cookie, "__Secure-postern_link=")) {
					value = rest
				}
				if found := p.secretIn(value); found != "" {
					t.Errorf("the answer of %s contains %s in the header %s", p.masked(x.url), found, name)
				}
			}
		}
		body := x.body
		if strings.Contains(body, `id="choose-form"`) { // the form to choose an account contains the code
			body = regexp.MustCompile(`name="code" value="[^"]*"`).ReplaceAllString(body, "")
		}
		if found := p.secretIn(body); found != "" {
			t.Errorf("the page %s contains %s", p.masked(x.url), found)
		}
		if c := x.header.Get("Cache-Control"); !strings.Contains(u.Path, "/assets/") && c != "no-store" {
			t.Errorf("Cache-Control of %s is %q, want no-store", p.masked(x.url), c)
		}
	}
	if len(p.codes) == 0 || entered == 0 || checked < 100 {
		t.Fatalf("only %d codes, %d links and %d requests were checked", len(p.codes), entered, checked)
	}
	t.Logf("%d requests, %d links with a secret, %d codes", checked, entered, len(p.codes))

	for _, site := range []string{appSite, evilSite} {
		for _, x := range chromium.web.exchangesWith(site) {
			if found := p.secretIn(x.url + x.referer + x.form); found != "" {
				t.Errorf("%s received %s", site, found)
			}
		}
	}
	log := p.log.String()
	if !strings.Contains(log, "/{slug}/portal/authenticate") {
		t.Errorf("the log has no sign-in:\n%.2000s", log)
	}
	for line := range strings.Lines(log) {
		if found := p.secretIn(line); found != "" {
			t.Errorf("the log contains %s: %s", found, p.masked(line))
		}
	}
}

// secretIn returns the kind of secret that a text contains, or "".
func (p *portalServer) secretIn(text string) string {
	if secretPattern.MatchString(text) {
		return "a token"
	}
	for _, code := range p.codes {
		if strings.Contains(text, code) {
			return "a code"
		}
	}
	return ""
}

func (p *portalServer) masked(text string) string { return secretPattern.ReplaceAllString(text, "…") }

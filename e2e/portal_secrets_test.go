package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// secretPattern is every token that there is: of sessions, links, mails and
// organizations. They have what Polar's have in front, and a ticket has a name.
var secretPattern = regexp.MustCompile(`polar_[a-z]+_[0-9A-Za-z]{20,}|ticket=[^&"\s]+`)

// keptSecrets fails if anything that the browser and the server have told each other holds a
// secret where it does not belong. Where it does: in the address by which it comes, which is
// answered with a redirect to one without; in the cookie for it; and a code, in the form that it
// is sent with.
func (p *premises) keptSecrets(t *testing.T) {
	entered, checked := 0, 0
	seen := chromium.web.seen(portalSite)
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
			t.Errorf("the address %s holds %s", p.masked(x.url), found)
		}
		if strings.Contains(x.referer, portalSite) {
			t.Errorf("%s was asked for by %s", p.masked(x.url), p.masked(x.referer))
		}
		for name, values := range x.header {
			for _, value := range values {
				cookie, rest, _ := strings.Cut(value, ";")
				if name == "Set-Cookie" && (strings.HasPrefix(cookie, "postern_session=") || strings.HasPrefix(cookie, "postern_email=")) {
					value = rest
				}
				if found := p.secretIn(value); found != "" {
					t.Errorf("%s answers with %s in %s", p.masked(x.url), found, name)
				}
			}
		}
		body := x.body
		if strings.Contains(body, `id="choose-form"`) { // the choice is sent with the code that it is made by
			body = regexp.MustCompile(`name="code" value="[^"]*"`).ReplaceAllString(body, "")
		}
		if found := p.secretIn(body); found != "" {
			t.Errorf("the page of %s holds %s", p.masked(x.url), found)
		}
		if c := x.header.Get("Cache-Control"); !strings.Contains(u.Path, "/assets/") && c != "no-store" {
			t.Errorf("%s may be kept: %q", p.masked(x.url), c)
		}
	}
	if len(p.codes) == 0 || entered == 0 || checked < 100 {
		t.Fatalf("only %d codes, %d links and %d exchanges were looked at", len(p.codes), entered, checked)
	}
	t.Logf("%d exchanges, %d links with a secret, %d codes", checked, entered, len(p.codes))

	for _, site := range []string{appSite, evilSite} {
		for _, x := range chromium.web.seen(site) {
			if found := p.secretIn(x.url + x.referer + x.form); found != "" {
				t.Errorf("%s was told %s", site, found)
			}
		}
	}
	log := p.log.String()
	if !strings.Contains(log, "/{slug}/portal/authenticate") {
		t.Errorf("the log tells of no sign-in:\n%.2000s", log)
	}
	for line := range strings.Lines(log) {
		if found := p.secretIn(line); found != "" {
			t.Errorf("the log holds %s: %s", found, p.masked(line))
		}
	}
}

// secretIn is the kind of secret that a text holds; "" for none.
func (p *premises) secretIn(text string) string {
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

func (p *premises) masked(text string) string { return secretPattern.ReplaceAllString(text, "…") }

package portal_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// browser is somebody who looks at pages: it keeps cookies, and says of a form where it came from.
type browser struct {
	*server
	client http.Client
	// headers are sent with every request, in pairs.
	headers []string
}

func (srv *server) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		srv.T.Fatal(err)
	}
	return &browser{server: srv, client: http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// enter is a browser that has followed the link of a session.
func (srv *server) enter(s session) *browser {
	srv.T.Helper()
	b := srv.browser()
	b.get(s.Link).leads("/acme/portal/overview")
	return b
}

// page is what came back.
type page struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	text   string
}

func (b *browser) get(path string, headers ...string) page {
	b.T.Helper()
	return b.send("GET", path, "", headers...)
}

// post sends a form, whose fields come in pairs.
func (b *browser) post(path string, fields ...string) page {
	b.T.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.send("POST", path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

// send asks for a page. Whatever comes back is protected, and has no token in it, save in the cookie of the session.
func (b *browser) send(method, path, body string, headers ...string) page {
	b.T.Helper()
	r, err := http.NewRequestWithContext(b.T.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		b.T.Fatal(err)
	}
	headers = append(headers, b.headers...)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.T.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	asked := method + " " + strings.SplitN(path, "?", 2)[0]
	p := page{b.T, asked, answer.StatusCode, answer.Header, string(text)}
	b.CheckNoSecrets(asked+": the page", hideCode(p.text))
	b.CheckNoSecrets(asked+": the address", p.header.Get("Location"))
	for _, c := range answer.Cookies() {
		if c.Name != "postern_session" && c.Name != "postern_email" {
			b.CheckNoSecrets(asked+": the cookie "+c.Name, c.Value)
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Path, "/acme/portal") {
			b.T.Errorf("%s: the cookie %s is not guarded: %v", asked, c.Name, c)
		}
	}
	p.protected()
	return p
}

// hideCode leaves out the one place where a code may be: the form that asks which account it shall open.
func hideCode(text string) string {
	before, after, found := strings.Cut(text, `<input type="hidden" name="code" value="`)
	if !found {
		return text
	}
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

// protected looks at the headers that every answer of the portal has.
func (p page) protected() {
	p.t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"X-Robots-Tag": "noindex, nofollow", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := p.header.Get(name); got != want && !strings.Contains(p.asked, "/assets/") {
			p.t.Errorf("%s (%d): %s is %q, want %q", p.asked, p.status, name, got, want)
		}
	}
	policy := p.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) && !strings.Contains(p.asked, "/assets/") {
			p.t.Errorf("%s (%d): the policy %q does not say %s", p.asked, p.status, policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || p.header.Get("Polar-Version") != "" {
		p.t.Errorf("%s (%d): %v", p.asked, p.status, p.header)
	}
}

// is checks the status, and what the page says; what begins with ! it must not say.
func (p page) is(status int, texts ...string) page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: %d to %q, want %d: %s", p.asked, p.status, p.header.Get("Location"), status, p.text)
	}
	for _, text := range texts {
		if forbidden, not := strings.CutPrefix(text, "!"); not == strings.Contains(p.text, forbidden) {
			if not || !strings.Contains(p.text, text) {
				p.t.Errorf("%s: wanted %q: %s", p.asked, text, p.text)
			}
		}
	}
	return p
}

// leads checks where the browser is sent.
func (p page) leads(to string) page {
	p.t.Helper()
	if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != to {
		p.t.Fatalf("%s: %d to %q, want 303 to %q: %s", p.asked, p.status, got, to, p.text)
	}
	return p
}

// cookie is one that the browser sends to a path; "" without it.
func (b *browser) cookie(name, path string) string {
	b.T.Helper()
	u, err := url.Parse(b.URL + path)
	if err != nil {
		b.T.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

package portal_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// browser stores cookies and sends forms with the headers of a same-origin request.
type browser struct {
	*server
	client http.Client
	// headers are pairs of name and value, sent with every request.
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

// enter returns a browser that has followed the link of a session.
func (srv *server) enter(s session) *browser {
	srv.T.Helper()
	b := srv.browser()
	b.get(s.Link).leads("/acme/portal/overview")
	return b
}

// page is the answer to a request.
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

// post sends a form. Fields are pairs of name and value.
func (b *browser) post(path string, fields ...string) page {
	b.T.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.send("POST", path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

// send requests a page. Every answer must have the security headers, and only the session cookie may contain a token.
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
		if name := strings.TrimPrefix(c.Name, "__Secure-"); name != "postern_session" && name != "postern_email" && name != "postern_link" {
			b.CheckNoSecrets(asked+": the cookie "+c.Name, c.Value)
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Path, "/acme/portal") {
			b.T.Errorf("%s: the cookie %s is not guarded: %v", asked, c.Name, c)
		}
	}
	p.protected()
	return p
}

// hideCode removes the only place where a page may contain a code: the hidden field of the form that asks which account to open.
func hideCode(text string) string {
	before, after, found := strings.Cut(text, `<input type="hidden" name="code" value="`)
	if !found {
		return text
	}
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

// protected checks the security headers that every answer of the portal has.
func (p page) protected() {
	p.t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
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

// is fails the test unless the page has the status and contains the texts. It must not contain texts that begin with an
// exclamation mark.
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

// leads fails the test unless the answer redirects to a path.
func (p page) leads(to string) page {
	p.t.Helper()
	if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != to {
		p.t.Fatalf("%s: %d to %q, want 303 to %q: %s", p.asked, p.status, got, to, p.text)
	}
	return p
}

// cookie returns the cookie that the browser sends to a path, or "".
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

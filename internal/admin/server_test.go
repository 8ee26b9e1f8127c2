package admin_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// server is a test server with the admin pages. Tests fail if a token appears in the log, or on a page other than the one that
// shows it once.
type server struct{ *testserver.Server }

// newServer starts a server without rate limits, unless an option sets some. Its clock starts in the middle of a minute.
func newServer(t *testing.T, options ...testserver.Option) *server {
	t.Helper()
	admin := func(o *testserver.Options) { o.Admin = true }
	return &server{testserver.New(t, append([]testserver.Option{testserver.Pages(time.Date(2026, 10, 1, 12, 0, 30, 0, time.UTC)), admin}, options...)...)}
}

func (srv *server) ada() string {
	srv.T.Helper()
	return srv.CreateCustomer(`"type":"individual","email":"ada@example.com","name":"Ada Lovelace","external_id":"user_1"`)
}

// session creates a session of a customer.
func (srv *server) session(customer string) testserver.Created {
	srv.T.Helper()
	return srv.CustomerSession(testserver.Created{ID: customer})
}

// browser stores cookies by name and path. It does not follow redirects.
type browser struct {
	srv     *server
	cookies map[[2]string]string
}

func (srv *server) browser() *browser { return &browser{srv, map[[2]string]string{}} }

// operator returns a browser that has signed in with an access token.
func (srv *server) operator(token string) *browser {
	srv.T.Helper()
	b := srv.browser()
	b.post("/admin/sign-in", url.Values{"token": {token}}).leads("/admin")
	return b
}

type page struct {
	srv    *server
	asked  string
	status int
	header http.Header
	text   string
}

func (b *browser) get(path string) page { return b.send("GET", path, nil) }

func (b *browser) post(path string, form url.Values, headers ...string) page {
	return b.send("POST", path, form, append([]string{"Sec-Fetch-Site", "same-origin"}, headers...)...)
}

// send requests a page, which must not contain a secret. Headers are pairs of name and value.
func (b *browser) send(method, path string, form url.Values, headers ...string) page {
	b.srv.T.Helper()
	p := b.revealing(method, path, form, headers...)
	b.srv.CheckNoSecrets(p.asked, p.text)
	return p
}

// revealing is like send, for a page that shows a secret.
func (b *browser) revealing(method, path string, form url.Values, headers ...string) page {
	t := b.srv.T
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, b.srv.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for cookie, value := range b.cookies {
		if strings.HasPrefix(r.URL.Path, cookie[1]) {
			r.AddCookie(&http.Cookie{Name: cookie[0], Value: value})
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		if key := [2]string{c.Name, c.Path}; c.MaxAge < 0 {
			delete(b.cookies, key)
		} else {
			b.cookies[key] = c.Value
		}
	}
	p := page{b.srv, method + " " + path, answer.StatusCode, answer.Header, string(text)}
	p.srv.CheckNoSecrets(p.asked+", where it leads", p.header.Get("Location"))
	return p
}

// is fails the test unless the page has the status and contains the texts.
func (p page) is(status int, texts ...string) page {
	p.srv.T.Helper()
	if p.status != status {
		p.srv.T.Fatalf("%s: %d, wanted %d: %s", p.asked, p.status, status, p.text)
	}
	for _, text := range texts {
		if !strings.Contains(p.text, text) {
			p.srv.T.Errorf("%s has no %q: %s", p.asked, text, p.text)
		}
	}
	return p
}

// without fails the test if the page contains one of the texts.
func (p page) without(texts ...string) page {
	p.srv.T.Helper()
	for _, text := range texts {
		if strings.Contains(p.text, text) {
			p.srv.T.Errorf("%s has %q", p.asked, text)
		}
	}
	return p
}

// leads fails the test unless the answer redirects to a path.
func (p page) leads(to string) page {
	p.srv.T.Helper()
	if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != to {
		p.srv.T.Fatalf("%s: %d to %q, wanted %q: %s", p.asked, p.status, got, to, p.text)
	}
	return p
}

// value returns the value of the input with an ID.
func (p page) value(id string) string {
	p.srv.T.Helper()
	found := regexp.MustCompile(`<input id="` + id + `"[^>]* value="([^"]*)"`).FindStringSubmatch(p.text)
	if found == nil {
		p.srv.T.Fatalf("%s has no input %s: %s", p.asked, id, p.text)
	}
	return strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(found[1])
}

// number returns the text of the element with a data-test attribute.
func (p page) number(test string) string {
	p.srv.T.Helper()
	found := regexp.MustCompile(`data-test="` + test + `">([^<]*)<`).FindStringSubmatch(p.text)
	if found == nil {
		p.srv.T.Fatalf("%s has no %s: %s", p.asked, test, p.text)
	}
	return found[1]
}

// link returns the address of the link with a text.
func (p page) link(text string) string {
	p.srv.T.Helper()
	found := regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*>` + text + `</a>`).FindStringSubmatch(p.text)
	if found == nil {
		p.srv.T.Fatalf("%s has no link %s: %s", p.asked, text, p.text)
	}
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

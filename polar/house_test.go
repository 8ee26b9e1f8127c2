package polar_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/polar"
)

// house is a real server for the client, with an organization, and what the server has mailed.
type house struct {
	t     *testing.T
	url   string
	org   postern.Organization
	mails mails
	// asked are the requests that its clients sent, as "GET /v1/customers/?page=1".
	asked *asked
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, mails: make(mails, 100), asked: &asked{}}
	config := postern.Config{
		DataDir: t.TempDir(), Mail: postern.Mail{Terminal: h.mails}, RateLimits: postern.RateLimitsOff(),
		Webhooks: postern.Webhooks{AllowHTTP: true, AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	}
	if err := postern.Init(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	p, err := postern.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p.Handler())
	t.Cleanup(func() {
		p.Drain() // of streams, which would keep the server from closing
		server.Close()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	h.url = server.URL
	if h.org, err = p.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "acme", Name: "Acme"}); err != nil {
		t.Fatal(err)
	}
	return h
}

// client has the organization's access token, unless the options say otherwise.
func (h *house) client(opts ...polar.Option) *polar.Client {
	h.t.Helper()
	return clientOf(h.t, h.url, append([]polar.Option{
		polar.WithHTTPClient(&http.Client{Transport: h.asked}), polar.WithAccessToken(h.org.AccessToken),
	}, opts...)...)
}

// asked is a transport that notes what is asked.
type asked struct {
	mu  sync.Mutex
	all []string
}

func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.all = append(a.all, r.Method+" "+r.URL.RequestURI())
	a.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

// mails is the terminal that mails are shown on, each in one piece.
type mails chan string

func (m mails) Write(b []byte) (int, error) {
	m <- string(b)
	return len(b), nil
}

var (
	loginCode  = regexp.MustCompile(`(?m)^\s*([A-Z0-9]{6})\s*$`)
	emailToken = regexp.MustCompile(`token=(\w+)`)
)

// patience bounds what a test waits for; it is long because a busy machine is no failure.
const patience = 20 * time.Second

// mailed waits for the next mail, which is to somebody and has what is looked for.
func (h *house) mailed(to string, what *regexp.Regexp) string {
	h.t.Helper()
	select {
	case mail := <-h.mails:
		found := what.FindStringSubmatch(mail)
		if found == nil || !strings.Contains(mail, "To:      "+to) {
			h.t.Fatalf("this should be to %s, and have %v:\n%s", to, what, mail)
		}
		return found[1]
	case <-time.After(patience):
		h.t.Fatal("no mail has come")
		return ""
	}
}

// must is a value that came without an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

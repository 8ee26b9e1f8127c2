package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

const browserAccepts = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func TestEntrance(t *testing.T) {
	srv := newServer(t)
	b := srv.browser()
	b.get("/", "Accept", browserAccepts).is(http.StatusOK, "Welcome", `href="/docs"`, "/-/portal/assets/", "!Acme", "!acme")
	b.get("/", "Accept", browserAccepts, "Accept-Language", "de").is(http.StatusOK, "Willkommen", `href="/?locale=fr"`)
	b.get("/?locale=fr", "Accept", browserAccepts).is(http.StatusOK, "Bienvenue")
	b.get("/acme", "Accept", browserAccepts).leads("/acme/portal")
	b.get("/acme/", "Accept", browserAccepts).leads("/acme/portal")
	b.get("/nobody", "Accept", browserAccepts).leads("/nobody/portal") // which says that there is no such portal

	style := b.get("/", "Accept", browserAccepts).text
	_, style, _ = strings.Cut(style, `<link rel="stylesheet" href="`)
	style, _, _ = strings.Cut(style, `"`)
	b.get(style).is(http.StatusOK, ".card")
}

// Clients of the API get the answers of a path that the API does not have, and so do all clients with --strict-polar.
func TestEntranceIsForBrowsersOnly(t *testing.T) {
	ask := func(srv *server, method, path, accept string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", accept)
		answer, err := srv.browser().client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode, answer.Header.Get("Content-Type")
	}
	srv := newServer(t)
	strict := newServer(t, func(o *testserver.Options) { o.StrictPolar = true })
	for _, path := range []string{"/", "/acme"} {
		for _, accept := range []string{"", "*/*", "application/json", "application/json, text/html", "text/plain"} {
			if status, media := ask(srv, "GET", path, accept); status != http.StatusNotFound || media != "application/json" {
				t.Errorf("%s as %q: %d %s", path, accept, status, media)
			}
		}
		if status, media := ask(strict, "GET", path, browserAccepts); status != http.StatusNotFound || media != "application/json" {
			t.Errorf("%s with strict mode: %d %s", path, status, media)
		}
		if status, _ := ask(srv, "POST", path, browserAccepts); status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, status)
		}
	}
	for _, path := range []string{"/docs", "/admin", "/robots.txt", "/acme/other", "/-"} {
		if status, _ := ask(srv, "GET", path, browserAccepts); status == http.StatusSeeOther {
			t.Errorf("%s redirects", path)
		}
	}
}

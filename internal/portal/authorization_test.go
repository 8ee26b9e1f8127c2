package portal_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/portal"
)

// authorization has a row for every page and every form of the portal: what each caller gets, in the order of callers.
//
//	p  the page, or the form takes effect or is refused for its fields
//	s  the page to sign in
//	f  403: the role or the session does not allow it
//	n  404: the team of the caller has no such member
var authorization = map[string]string{
	"GET ":                   "sspppp",
	"GET .postern/callback":  "ffffff", // without an application's host
	"GET .postern/sign-in":   "ffffff",
	"GET .postern/sign-out":  "ffffff",
	"GET return":             "sspppp",
	"POST .postern/sign-out": "ffffff",
	"GET authenticate":       "pppppp",
	"GET continue":           "pppppp",
	"GET overview":           "sspppp",
	"GET prove":              "ssfnnn",
	"GET request":            "pppppp",
	"GET sessions":           "sspppp",
	"GET settings":           "sspppp",
	"GET team":               "sspppp",
	"GET team/remove":        "ssffnn",
	"GET team/transfer":      "ssffnn",
	"GET verify-email":       "ffffff",
	"POST authenticate":      "pppppp",
	"POST continue":          "pppppp",
	"POST prove":             "ssfppp",
	"POST prove/send":        "ssfppp",
	"POST request":           "pppppp",
	"POST sessions":          "ssfppp",
	"POST sessions/others":   "ssfppp",
	"POST settings/billing":  "ssffpp",
	"POST settings/email":    "ssffff",
	"POST sign-out":          "ssssss",
	"POST switch":            "ssfppp",
	"POST team/add":          "ssffpp",
	"POST team/change":       "ssffpp",
	"POST team/remove":       "ssffpp",
	"POST team/transfer":     "ssffpp",
	"POST verify-email":      "ffffff",
}

// callers are the callers of the rows. A session of another organization is none at this portal.
var callers = []string{"nobody", "another organization's owner", "a read-only owner", "a member", "a billing manager", "an owner"}

// TestAuthorizationMatrix opens every page and sends every form as every caller. It fails for a route without a row.
func TestAuthorizationMatrix(t *testing.T) {
	if want, got := slices.Sorted(maps.Keys(authorization)), portal.Routes(); !slices.Equal(want, got) {
		t.Fatalf("the portal has the routes\n%q\nthe table has\n%q", got, want)
	}
	for route, want := range authorization {
		t.Run(strings.ReplaceAll(route, "/", " "), func(t *testing.T) {
			e := newEngines(t)
			other := e.Neighbor("bolt")
			stranger := &server{other}
			theirs := stranger.CreateCustomer(`"type":"team","email":"t@bolt.example","owner":{"email":"o@bolt.example"}`)
			outside := e.browser()
			token := stranger.Create("/v1/customer-sessions/", `{"customer_id":"`+theirs+`","member_id":"`+stranger.Owner(theirs)+`"}`).Token
			readOnly := e.enter(e.session(`"customer_id":"` + e.team + `","member_id":"` + e.ownerID + `","scopes":["customer_portal:read"]`))
			var got strings.Builder
			for _, b := range []*browser{e.browser(), outside, readOnly, e.plain, e.manager, e.owner} {
				var headers []string
				if b == outside {
					headers = []string{"Cookie", "postern_session=" + token}
				}
				method, path, _ := strings.Cut(route, " ")
				p := b.send(method, "/acme/portal/"+path, "member="+e.managerID, append(headers, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")...)
				got.WriteString(authorized(t, p))
			}
			if got.String() != want {
				t.Errorf("%s answers %q with %s, want %s", route, callers, got.String(), want)
			}
			if !e.IsLive(e.ownerSession.Token) && !strings.Contains(route, "sign-out") {
				t.Errorf("%s ended the owner's session", route)
			}
		})
	}
}

func authorized(t *testing.T, p page) string {
	to := p.header.Get("Location")
	switch {
	case p.status == http.StatusSeeOther && strings.Contains(to, "/acme/portal/request"):
		return "s"
	case p.status == http.StatusForbidden:
		return "f"
	case p.status == http.StatusNotFound:
		return "n"
	case p.status < 500:
		return "p"
	}
	t.Errorf("%s: %d %s", p.asked, p.status, p.text)
	return "?"
}

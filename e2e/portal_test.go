package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The host names in the browser: the server, the application of the organization, and an attacker's site.
const (
	portalSite  = "portal.example.com"
	limitedSite = "limited.example.com"
	brokenSite  = "broken.example.com"
	appSite     = "app.example.com"
	evilSite    = "evil.example.net"
)

// sessionCookie is the name of the portal's session cookie on https.
const sessionCookie = "__Secure-postern_session"

// portalServer is a server with three organizations that the browser can reach.
type portalServer struct {
	*server
	mailbox *mailbox
	// org issues sessions to members, solo to customers. closed is blocked.
	org, solo, closed organization
	emails            atomic.Int64

	mu sync.Mutex
	// codes are all login codes that were sent.
	codes []string
}

// visitor is a customer with a browser tab.
type visitor struct {
	*portalServer
	*tab
	t      *testing.T
	script bool
}

// modes are the two ways in which every flow runs.
var modes = []struct {
	name   string
	screen screen
	script bool
}{
	{"script on a desktop", desktop, true},
	{"no script on a phone", phone, false},
}

// TestPortal runs everything that customers can do in the portal, in a browser. Then it checks that no secret has appeared where it
// must not.
func TestPortal(t *testing.T) {
	t.Parallel()
	p := newPortalServer(t)
	t.Run("flows", func(t *testing.T) {
		for name, flow := range map[string]func(v *visitor){
			"open the link of a customer":       (*visitor).opensCustomerLink,
			"open the link of a member":         (*visitor).opensMemberLink,
			"open a one-time link":              (*visitor).opensOneTimeLink,
			"open the link of an ended session": (*visitor).opensEndedLink,
			"open a link in the background":     (*visitor).opensLinkInBackground,
			"open links of two accounts":        (*visitor).opensLinksOfTwoAccounts,
			"sign in":                           (*visitor).signsIn,
			"sign in by keyboard":               (*visitor).signsInByKeyboard,
			"sign in after mistakes":            (*visitor).signsInAfterMistakes,
			"paste a code":                      (*visitor).pastesCode,
			"type a code with an input method":  (*visitor).composesCode,
			"request another code":              (*visitor).requestsAnotherCode,
			"choose between accounts":           (*visitor).choosesAccount,
			"return after sign-in":              (*visitor).returnsAfterSignIn,
			"visit each page":                   (*visitor).visitsEachPage,
			"follow return links":               (*visitor).followsReturnLinks,
			"edit billing details":              (*visitor).editsBilling,
			"change the email address":          (*visitor).changesEmail,
			"manage a team":                     (*visitor).managesTeam,
			"transfer a team":                   (*visitor).transfersTeam,
			"see a team":                        (*visitor).seesTeam,
			"sign out":                          (*visitor).signsOut,
			"sign out elsewhere":                (*visitor).signsOutElsewhere,
			"use a read-only session":           (*visitor).usesReadOnlySession,
			"open unknown pages":                (*visitor).opensUnknownPages,
			"exceed the rate limit":             (*visitor).exceedsRateLimit,
			"come during an outage":             (*visitor).comesDuringOutage,
			"submit forged forms":               (*visitor).submitsForgedForms,
			"be framed":                         (*visitor).isFramed,
			"choose a language":                 (*visitor).choosesLanguage,
			"be revoked while editing":          (*visitor).isRevokedWhileEditing,
			"use another organization's token":  (*visitor).usesOtherOrganizationsToken,
		} {
			for _, mode := range modes {
				t.Run(name+", "+mode.name, func(t *testing.T) {
					t.Parallel()
					flow(&visitor{p, newTab(t, mode.screen, mode.script), t, mode.script})
				})
			}
		}
	})
	t.Run("secrets", func(t *testing.T) { p.checkSecrets(t) })
}

func newPortalServer(t *testing.T) *portalServer {
	t.Helper()
	chromium.start(t)
	c := directoryConfig(t.TempDir())
	p := &portalServer{mailbox: newMailbox(t)}
	p.org = initialize(t, c, "--name", "Acme")
	p.solo = initialize(t, c, "--organization", "solo", "--no-member-model")
	p.closed = initialize(t, c, "--organization", "closed", "--name", "Closed")
	c.run(t, "organization", "settings", "--organization", "acme", "--accent-color", "#0b6b4b", "--return-url", "https://"+appSite+"/account", "--return-host", appSite)
	c.run(t, "organization", "block", "--organization", "closed")
	p.server = serve(t, c, append(p.mailbox.flags(), "--log-level", "debug", "--trusted-proxies", "127.0.0.1")...)
	chromium.web.addSite(t, portalSite, proxyTo(p.server))
	chromium.web.addSite(t, appSite, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<!doctype html><title>The application</title><h1>The application</h1>")
	}))
	chromium.web.addSite(t, evilSite, evilHandler())

	limited := directoryConfig(t.TempDir())
	initialize(t, limited)
	chromium.web.addSite(t, limitedSite, proxyTo(serve(t, limited, "--rate-limits", "login=4/m", "--trusted-proxies", "127.0.0.1")))
	chromium.web.addSite(t, brokenSite, proxyTo(newBroken(t)))
	return p
}

// run runs a command of the program. No server may have the data directory open.
func (c config) run(t *testing.T, args ...string) {
	t.Helper()
	if out, err := c.command(t.Context(), append(args, c.flags...)...).CombinedOutput(); err != nil {
		t.Fatalf("postern %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// at returns the URL of a page of the organization's portal.
func at(org organization, page string) string {
	return publicURL + "/" + org.Slug + "/portal" + page
}

// newEmail returns a new email address.
func (p *portalServer) newEmail(name string) string {
	return fmt.Sprintf("%s-%d@example.com", name, p.emails.Add(1))
}

// request sends a request to the API, checks the status, and decodes the answer.
func (p *portalServer) request(t *testing.T, status int, method, path, token string, body, answer any) {
	t.Helper()
	got, text, err := p.call(method, path, token, body)
	if err != nil || got != status {
		t.Fatalf("%s %s: %d %s %v, want %d", method, path, got, text, err, status)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatalf("%s %s: %s: %v", method, path, text, err)
	}
}

type object = map[string]any

// createIndividual creates an individual customer and returns its id.
func (p *portalServer) createIndividual(t *testing.T, org organization, name, email string) string {
	t.Helper()
	var created struct{ ID string }
	p.request(t, 201, "POST", "/v1/customers/", org.AccessToken, object{"email": email, "name": name}, &created)
	return created.ID
}

// team is a team customer with an owner, a billing manager and a member.
type team struct{ customer, owner, manager, member string }

func (p *portalServer) createTeam(t *testing.T, account string) team {
	t.Helper()
	c := team{owner: p.newEmail("owner"), manager: p.newEmail("manager"), member: p.newEmail("member")}
	var created struct{ ID string }
	p.request(t, 201, "POST", "/v1/customers/", p.org.AccessToken, object{
		"type": "team", "name": account, "owner": object{"email": c.owner, "name": "Olga Owner"},
	}, &created)
	c.customer = created.ID
	p.addMember(t, c.customer, c.manager, "Max Manager", "billing_manager")
	p.addMember(t, c.customer, c.member, "Mia Member", "member")
	return c
}

func (p *portalServer) addMember(t *testing.T, customer, email, name, role string) {
	t.Helper()
	p.request(t, 201, "POST", "/v1/customers/"+customer+"/members", p.org.AccessToken, object{"email": email, "name": name, "role": role}, nil)
}

// issued is a new session.
type issued struct {
	Token, ID         string
	CustomerPortalURL string    `json:"customer_portal_url"`
	ExpiresAt         time.Time `json:"expires_at"`
}

// issue creates a session with the organization's access token. what is the body of the request.
func (p *portalServer) issue(t *testing.T, org organization, what object) (created issued) {
	t.Helper()
	p.request(t, 201, "POST", "/v1/customer-sessions/", org.AccessToken, what, &created)
	return created
}

// issueToMember creates a session for the member of a team with that email address.
func (p *portalServer) issueToMember(t *testing.T, c team, email string) issued {
	t.Helper()
	var members struct{ Items []struct{ ID, Email string } }
	p.request(t, 200, "GET", "/v1/members/?customer_id="+c.customer, p.org.AccessToken, nil, &members)
	for _, m := range members.Items {
		if m.Email == email {
			return p.issue(t, p.org, object{"customer_id": c.customer, "member_id": m.ID})
		}
	}
	t.Fatalf("%s is not in the team", email)
	return issued{}
}

// wantEnded fails the test unless the token is no longer valid.
func (p *portalServer) wantEnded(t *testing.T, token string) {
	t.Helper()
	if err := p.dead(token); err != nil {
		t.Error(err)
	}
}

// mail returns the text of the next mail to an address.
func (p *portalServer) mail(t *testing.T, address string) string {
	t.Helper()
	select {
	case text := <-p.mailbox.to(address):
		return text
	case <-time.After(patience):
		t.Fatalf("no mail to %s was received", address)
		return ""
	}
}

var codePattern = regexp.MustCompile(`(?m)^ +([0-9A-Z]{6,32})\r?$`)

// code returns the login code in the next mail to an address.
func (p *portalServer) code(t *testing.T, address string) string {
	t.Helper()
	text := p.mail(t, address)
	m := codePattern.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no code in %q", text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes = append(p.codes, m[1])
	return m[1]
}

// token returns the session token in the browser's cookie.
func (v *visitor) token() string {
	v.t.Helper()
	c, found := v.cookie(sessionCookie)
	if !found {
		v.t.Fatalf("the browser has no session\n%s", v)
	}
	return c.Value
}

// signedIn creates a session and opens the portal with it.
func (v *visitor) signedIn(what object) issued {
	v.t.Helper()
	p := v.issue(v.t, v.org, what)
	v.open(p.CustomerPortalURL)
	v.wantURL(at(v.org, "/overview"))
	return p
}

// signedInCustomer creates an individual customer and opens the portal with a session.
func (v *visitor) signedInCustomer(name string) (email string, p issued) {
	v.t.Helper()
	email = v.newEmail(strings.ToLower(name))
	return email, v.signedIn(object{"customer_id": v.createIndividual(v.t, v.org, name, email)})
}

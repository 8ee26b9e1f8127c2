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

// The sites of these tests: the server, the application of the organization, and
// somebody who means harm.
const (
	portalSite  = "portal.example.com"
	limitedSite = "limited.example.com"
	brokenSite  = "broken.example.com"
	appSite     = "app.example.com"
	evilSite    = "evil.example.net"
)

// premises are a server with its portals, where the browser finds it.
type premises struct {
	*server
	mailbox *mailbox
	// org gives sessions to members and solo to customers; closed is blocked.
	org, solo, closed organization
	people            atomic.Int64

	mu sync.Mutex
	// codes are all that were sent.
	codes []string
}

// visitor is somebody with a window, who visits the premises.
type visitor struct {
	*premises
	*tab
	t      *testing.T
	script bool
}

// ways are how the portal is visited: every flow goes either way.
var ways = []struct {
	name   string
	screen screen
	script bool
}{
	{"script on a desktop", desktop, true},
	{"no script on a phone", phone, false},
}

// Everything that customers do in the portal, in a browser; and then, that nothing of what
// the browser and the server have told each other held a secret where it does not belong.
func TestPortal(t *testing.T) {
	t.Parallel()
	p := newPremises(t)
	t.Run("flows", func(t *testing.T) {
		for name, flow := range map[string]func(v *visitor){
			"enter with a customer's token":    (*visitor).entersAsCustomer,
			"enter with a member's token":      (*visitor).entersAsMember,
			"enter with a ticket":              (*visitor).entersWithTicket,
			"follow a dead link":               (*visitor).followsDeadLink,
			"sign in":                          (*visitor).signsIn,
			"sign in by keyboard":              (*visitor).signsInByKeyboard,
			"sign in after mistakes":           (*visitor).signsInAfterMistakes,
			"paste a code":                     (*visitor).pastesCode,
			"ask for another code":             (*visitor).asksForAnotherCode,
			"choose between accounts":          (*visitor).choosesAccount,
			"come back to where one was":       (*visitor).comesBack,
			"look around":                      (*visitor).looksAround,
			"lead back":                        (*visitor).leadsBack,
			"edit billing details":             (*visitor).editsBilling,
			"change the email address":         (*visitor).changesEmail,
			"manage a team":                    (*visitor).managesTeam,
			"transfer a team":                  (*visitor).transfersTeam,
			"see a team":                       (*visitor).seesTeam,
			"sign out":                         (*visitor).signsOut,
			"sign out elsewhere":               (*visitor).signsOutElsewhere,
			"look with a read-only session":    (*visitor).looksOnly,
			"get lost":                         (*visitor).getsLost,
			"ask too often":                    (*visitor).asksTooOften,
			"come while the database is away":  (*visitor).comesAtABadTime,
			"send forms from another's site":   (*visitor).isForged,
			"be framed":                        (*visitor).isFramed,
			"choose a language":                (*visitor).choosesLanguage,
			"be signed out by somebody else":   (*visitor).isSignedOut,
			"come with another's organization": (*visitor).comesFromElsewhere,
		} {
			for _, way := range ways {
				t.Run(name+", "+way.name, func(t *testing.T) {
					t.Parallel()
					flow(&visitor{p, newTab(t, way.screen, way.script), t, way.script})
				})
			}
		}
	})
	t.Run("secrets", func(t *testing.T) { p.keptSecrets(t) })
}

func newPremises(t *testing.T) *premises {
	t.Helper()
	chromium.start(t)
	h := directoryHome(t.TempDir())
	p := &premises{mailbox: newMailbox(t)}
	p.org = initialize(t, h, "--name", "Acme")
	p.solo = initialize(t, h, "--organization", "solo", "--no-member-model")
	p.closed = initialize(t, h, "--organization", "closed", "--name", "Closed")
	h.do(t, "organization", "settings", "--organization", "acme", "--accent-color", "#0b6b4b", "--return-url", "https://"+appSite+"/account", "--return-host", appSite)
	h.do(t, "organization", "block", "--organization", "closed")
	p.server = serve(t, h, append(p.mailbox.flags(), "--log-level", "debug", "--trusted-proxies", "127.0.0.1")...)
	chromium.web.put(t, portalSite, inFrontOf(p.server))
	chromium.web.put(t, appSite, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<!doctype html><title>The application</title><h1>The application</h1>")
	}))
	chromium.web.put(t, evilSite, evil())

	limited := directoryHome(t.TempDir())
	initialize(t, limited)
	chromium.web.put(t, limitedSite, inFrontOf(serve(t, limited, "--rate-limits", "login=4/m", "--trusted-proxies", "127.0.0.1")))
	chromium.web.put(t, brokenSite, inFrontOf(newBroken(t)))
	return p
}

// do is a command of the program on a home that no server has open.
func (h home) do(t *testing.T, args ...string) {
	t.Helper()
	if out, err := h.postern(t.Context(), append(args, h.flags...)...).CombinedOutput(); err != nil {
		t.Fatalf("postern %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// at is the address of a page of the organization's portal.
func at(org organization, page string) string {
	return publicURL + "/" + org.Slug + "/portal" + page
}

// somebody is an address that nobody else has.
func (p *premises) somebody(name string) string {
	return fmt.Sprintf("%s-%d@example.com", name, p.people.Add(1))
}

// ask wants the API to answer with the status, and reads what it says.
func (p *premises) ask(t *testing.T, status int, method, path, token string, body, answer any) {
	t.Helper()
	got, text, err := p.call(method, path, token, body)
	if err != nil || got != status {
		t.Fatalf("%s %s: %d %s %v, wanted %d", method, path, got, text, err, status)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatalf("%s %s: %s: %v", method, path, text, err)
	}
}

type object = map[string]any

// individual makes a customer and returns its id.
func (p *premises) individual(t *testing.T, org organization, name, email string) string {
	t.Helper()
	var made struct{ ID string }
	p.ask(t, 201, "POST", "/v1/customers/", org.AccessToken, object{"email": email, "name": name}, &made)
	return made.ID
}

// crew is a team: a customer with an owner, a billing manager and a member.
type crew struct{ customer, owner, manager, member string }

func (p *premises) newCrew(t *testing.T, account string) crew {
	t.Helper()
	c := crew{owner: p.somebody("owner"), manager: p.somebody("manager"), member: p.somebody("member")}
	var made struct{ ID string }
	p.ask(t, 201, "POST", "/v1/customers/", p.org.AccessToken, object{
		"type": "team", "name": account, "owner": object{"email": c.owner, "name": "Olga Owner"},
	}, &made)
	c.customer = made.ID
	p.join(t, c.customer, c.manager, "Max Manager", "billing_manager")
	p.join(t, c.customer, c.member, "Mia Member", "member")
	return c
}

func (p *premises) join(t *testing.T, customer, email, name, role string) {
	t.Helper()
	p.ask(t, 201, "POST", "/v1/customers/"+customer+"/members", p.org.AccessToken, object{"email": email, "name": name, "role": role}, nil)
}

// pass is a session: its token, and the link that opens the portal with it.
type pass struct {
	Token, ID         string
	CustomerPortalURL string    `json:"customer_portal_url"`
	ExpiresAt         time.Time `json:"expires_at"`
}

// issue makes a session, as the organization's own server does. what is for a customer, and may be more.
func (p *premises) issue(t *testing.T, org organization, what object) (made pass) {
	t.Helper()
	p.ask(t, 201, "POST", "/v1/customer-sessions/", org.AccessToken, what, &made)
	return made
}

// issueTo is issue for a member of a crew.
func (p *premises) issueTo(t *testing.T, c crew, email string) pass {
	t.Helper()
	var members struct{ Items []struct{ ID, Email string } }
	p.ask(t, 200, "GET", "/v1/members/?customer_id="+c.customer, p.org.AccessToken, nil, &members)
	for _, m := range members.Items {
		if m.Email == email {
			return p.issue(t, p.org, object{"customer_id": c.customer, "member_id": m.ID})
		}
	}
	t.Fatalf("%s is not in the team", email)
	return pass{}
}

// ended fails unless the API says of the token that it opens nothing.
func (p *premises) ended(t *testing.T, token string) {
	t.Helper()
	if err := p.dead(token); err != nil {
		t.Error(err)
	}
}

// mail is the next mail to an address.
func (p *premises) mail(t *testing.T, address string) string {
	t.Helper()
	select {
	case text := <-p.mailbox.to(address):
		return text
	case <-time.After(patience):
		t.Fatalf("no mail has come to %s", address)
		return ""
	}
}

var codePattern = regexp.MustCompile(`(?m)^ +([0-9A-Z]{6})\r?$`)

// code is what the next mail to an address says.
func (p *premises) code(t *testing.T, address string) string {
	t.Helper()
	text := p.mail(t, address)
	m := codePattern.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no code is in %q", text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes = append(p.codes, m[1])
	return m[1]
}

// token is the one that the browser has.
func (v *visitor) token() string {
	v.t.Helper()
	c, found := v.cookie("postern_session")
	if !found {
		v.t.Fatalf("no session is in the browser\n%s", v)
	}
	return c.Value
}

// signedInAs enters with a session of its own, and returns it.
func (v *visitor) signedInAs(what object) pass {
	v.t.Helper()
	p := v.issue(v.t, v.org, what)
	v.open(p.CustomerPortalURL)
	v.isAt(at(v.org, "/overview"))
	return p
}

// newcomer is a new individual who has entered.
func (v *visitor) newcomer(name string) (email string, p pass) {
	v.t.Helper()
	email = v.somebody(strings.ToLower(name))
	return email, v.signedInAs(object{"customer_id": v.individual(v.t, v.org, name, email)})
}

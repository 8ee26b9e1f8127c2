package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mailroom keeps every letter that has come, by whom it came to.
type mailroom struct {
	mu      sync.Mutex
	come    *sync.Cond
	letters map[string]letter
	secrets []string
}

var updateTokens = regexp.MustCompile(`polar_cev_[0-9A-Za-z]{43}`)

func newMailroom(t *testing.T, box *postbox) *mailroom {
	m := &mailroom{letters: map[string]letter{}}
	m.come = sync.NewCond(&m.mu)
	go func() {
		for {
			select {
			case <-t.Context().Done():
				return
			case l := <-box.come:
				m.mu.Lock()
				m.letters[l.to] = l
				m.secrets = append(m.secrets, secretOf(l))
				m.come.Broadcast()
				m.mu.Unlock()
			}
		}
	}()
	return m
}

// secretOf is the code or the token that a letter brings.
func secretOf(l letter) string {
	if found := codes.FindStringSubmatch(l.text); found != nil {
		return found[1]
	}
	return updateTokens.FindString(l.text)
}

// secret waits for a letter to the address.
func (m *mailroom) secret(to string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		if l, ok := m.letters[to]; ok {
			return secretOf(l)
		}
		m.come.Wait()
	}
}

// all are the secrets that have come.
func (m *mailroom) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.secrets)
}

// any is one of the secrets that have come; "" before there is one.
func (m *mailroom) any(n int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.secrets) == 0 {
		return ""
	}
	return m.secrets[n%len(m.secrets)]
}

// scene is an organization, and some of whom and what it has: what valid requests are about.
type scene struct {
	org, slug, token string
	accessToken      made
	team, person     made
	member           made
	spare            made   // a session of the team's owner, to be ended
	hook, event      string // an endpoint for webhooks, and an event that was for it
	owner, single    string // sessions: of the team's owner, and of the person
	code, update     string // what two letters brought
}

// newScene makes new customers with names that n tells from all others.
func newScene(h *house, mails *mailroom, org, slug, token string, n int) scene {
	s := scene{org: org, slug: slug, token: token}
	create := func(path, format string, args ...any) (m made) {
		a := h.as(token, "POST", path, fmt.Sprintf(format, args...))
		if a.status/100 != 2 || a.body != "null" && json.Unmarshal([]byte(a.body), &m) != nil {
			h.t.Fatalf("POST %s: %d %s", path, a.status, a.body)
		}
		return m
	}
	address := func(name string) string { return fmt.Sprintf("%s-%d@%s.example", name, n, slug) }
	s.accessToken = h.accessTokenOf(token, "customers:read")
	s.hook = h.hook(token)
	s.team = create(customers, `{"type":"team","email":%q,"name":"Team %d","external_id":"%s-team-%d","metadata":{"plan":"pro","seats":3}}`, address("team"), n, slug, n)
	s.member = create(customers+s.team.ID+"/members", `{"email":%q,"name":"M","external_id":"%s-member-%d","role":"billing_manager"}`, address("member"), slug, n)
	s.person = create(customers, `{"email":%q,"name":"Person %d","external_id":"%s-person-%d"}`, address("person"), n, slug, n)
	s.single = create(sessions, `{"customer_id":%q}`, s.person.ID).Token
	boss := h.ownerFor(token, s.team.ID)
	s.owner = create(sessions, `{"customer_id":%q,"member_id":%q}`, s.team.ID, boss).Token
	s.spare = create(sessions, `{"customer_id":%q,"member_id":%q}`, s.team.ID, boss)
	s.event, _ = h.as(token, "GET", "/v1/webhooks/deliveries?limit=1&endpoint_id="+s.hook, "").at("items", 0, "webhook_event", "id").(string)
	create("/v1/customer-portal/customer-session/request", `{"organization_id":%q,"email":%q}`, org, address("person"))
	if a := h.as(s.single, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"`+address("new")+`"}`); a.status != 202 {
		h.t.Fatalf("an email update: %d %s", a.status, a.body)
	}
	s.code, s.update = mails.secret(address("person")), mails.secret(address("new"))
	return s
}

// hook is the id of the organization's endpoint for webhooks, which nobody listens at.
func (h *house) hook(token string) string {
	h.t.Helper()
	const endpoints = "/v1/webhooks/endpoints"
	if id, ok := h.as(token, "GET", endpoints, "").at("items", 0, "id").(string); ok {
		return id
	}
	id, _ := h.as(token, "POST", endpoints, `{"url":"https://hooks.invalid/","events":["session.created"]}`).at("id").(string)
	return id
}

// accessTokenOf makes one that expires in a day.
func (h *house) accessTokenOf(token string, scopes ...string) made {
	h.t.Helper()
	var m struct {
		Record made `json:"organization_access_token"`
		Token  string
	}
	list, _ := json.Marshal(scopes) // strings always marshal
	a := h.as(token, "POST", "/v1/organization-access-tokens/", `{"comment":"","expires_in":"P1D","scopes":`+string(list)+`}`)
	if err := json.Unmarshal([]byte(a.body), &m); err != nil || a.status != 201 {
		h.t.Fatalf("an access token: %d %s", a.status, a.body)
	}
	m.Record.Token = m.Token
	return m.Record
}

// owner is the id of a customer's; "" where customers have no members.
func (h *house) owner(customer string) string { return h.ownerFor(h.token, customer) }

func (h *house) ownerFor(token, customer string) string {
	h.t.Helper()
	owners := h.as(token, "GET", "/v1/members/?role=owner&customer_id="+customer, "")
	var list struct{ Items []made }
	if err := json.Unmarshal([]byte(owners.body), &list); err != nil || len(list.Items) > 1 {
		h.t.Fatalf("the owners of a customer: %s", owners.body)
	}
	if len(list.Items) == 0 {
		return ""
	}
	return list.Items[0].ID
}

// tokens are all that the scene's callers have in their hands.
func (s *scene) tokens() []string {
	return []string{s.token, s.accessToken.Token, s.owner, s.single, s.spare.Token, s.update}
}

// known are the texts that nobody but the scene's organization may read. Its own id is public, with its slug.
func (s *scene) known() []string {
	all := append(s.tokens(), s.code, s.accessToken.ID, s.team.ID, s.member.ID, s.person.ID, s.spare.ID, s.hook, s.event)
	return append(all, s.team.Email, s.member.Email, s.person.Email)
}

// snapshot is everything that the scene's callers can read.
func (s *scene) snapshot(h *house) string {
	var b strings.Builder
	read := func(token, path string) {
		a := h.as(token, "GET", path, "")
		fmt.Fprintf(&b, "%s %d %s\n", path, a.status, a.body)
	}
	for _, path := range []string{
		customers + "?limit=100", customers + s.team.ID, customers + s.person.ID, "/v1/members/?limit=100",
		customers + s.team.ID + "/members/" + s.member.ID, "/v1/organizations/", "/v1/organizations/" + s.org,
		"/v1/organization-access-tokens/?limit=100", sessions + s.spare.ID, "/v1/organizations/" + s.org + "/customer-session-settings", "/v1/organizations/" + s.org + "/customer-portal-settings",
	} {
		read(s.token, path)
	}
	for _, token := range []string{s.owner, s.single} {
		for _, path := range []string{introspect, user, "/v1/customer-portal/customers/me", "/v1/customer-portal/members"} {
			read(token, path)
		}
	}
	read(s.owner, "/v1/customer-portal/organizations/"+s.slug)
	a := h.ask("GET", "/v1/customer-portal/customers/me/email-update/check?token="+s.update, "")
	fmt.Fprintf(&b, "the update %d\n", a.status)
	return b.String()
}

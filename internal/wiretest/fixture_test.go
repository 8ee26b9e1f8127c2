package wiretest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// mailroom keeps every letter that has come, by whom it came to.
type mailIndex struct {
	mu      sync.Mutex
	arrived *sync.Cond
	mails   map[string]testserver.Mail
	secrets []string
}

func newMailIndex(t *testing.T, box *testserver.Mailbox) *mailIndex {
	m := &mailIndex{mails: map[string]testserver.Mail{}}
	m.arrived = sync.NewCond(&m.mu)
	go func() {
		for {
			select {
			case <-t.Context().Done():
				return
			case l := <-box.C:
				m.mu.Lock()
				m.mails[l.To] = l
				m.secrets = append(m.secrets, mailSecret(l))
				m.arrived.Broadcast()
				m.mu.Unlock()
			}
		}
	}()
	return m
}

// secretOf is the code or the token that a letter brings.
func mailSecret(l testserver.Mail) string {
	if code := l.Code(); code != "" {
		return code
	}
	return l.EmailUpdateToken()
}

// secret waits for a letter to the address.
func (m *mailIndex) secret(to string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		if l, ok := m.mails[to]; ok {
			return mailSecret(l)
		}
		m.arrived.Wait()
	}
}

// all are the secrets that have come.
func (m *mailIndex) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.secrets)
}

// any is one of the secrets that have come; "" before there is one.
func (m *mailIndex) any(n int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.secrets) == 0 {
		return ""
	}
	return m.secrets[n%len(m.secrets)]
}

// scene is an organization, and some of whom and what it has: what valid requests are about.
type fixture struct {
	org, slug, token            string
	accessToken                 testserver.Created
	team, person                testserver.Created
	member                      testserver.Created
	spareSession                testserver.Created // a session of the team's owner, to be ended
	endpoint, event             string             // an endpoint for webhooks, and an event that was for it
	ownerSession, personSession string             // sessions: of the team's owner, and of the person
	code, updateToken           string             // what two letters brought
}

// newScene makes new customers with names that n tells from all others.
func newFixture(srv *testserver.Server, mails *mailIndex, org, slug, token string, n int) fixture {
	s := fixture{org: org, slug: slug, token: token}
	create := func(path, format string, args ...any) (m testserver.Created) {
		a := srv.As(token, "POST", path, fmt.Sprintf(format, args...))
		if a.Status/100 != 2 || a.Body != "null" && json.Unmarshal([]byte(a.Body), &m) != nil {
			srv.T.Fatalf("POST %s: %d %s", path, a.Status, a.Body)
		}
		return m
	}
	address := func(name string) string { return fmt.Sprintf("%s-%d@%s.example", name, n, slug) }
	s.accessToken = srv.AccessTokenAs(token, "customers:read")
	s.endpoint = webhookEndpointID(srv, token)
	s.team = create(customers, `{"type":"team","email":%q,"name":"Team %d","external_id":"%s-team-%d","metadata":{"plan":"pro","seats":3}}`, address("team"), n, slug, n)
	s.member = create(customers+s.team.ID+"/members", `{"email":%q,"name":"M","external_id":"%s-member-%d","role":"billing_manager"}`, address("member"), slug, n)
	s.person = create(customers, `{"email":%q,"name":"Person %d","external_id":"%s-person-%d"}`, address("person"), n, slug, n)
	s.personSession = create(sessions, `{"customer_id":%q}`, s.person.ID).Token
	boss := srv.OwnerAs(token, s.team.ID)
	s.ownerSession = create(sessions, `{"customer_id":%q,"member_id":%q}`, s.team.ID, boss).Token
	s.spareSession = create(sessions, `{"customer_id":%q,"member_id":%q}`, s.team.ID, boss)
	s.event, _ = srv.As(token, "GET", "/v1/webhooks/deliveries?limit=1&endpoint_id="+s.endpoint, "").At("items", 0, "webhook_event", "id").(string)
	create("/v1/customer-portal/customer-session/request", `{"organization_id":%q,"email":%q}`, org, address("person"))
	if a := srv.As(s.personSession, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"`+address("new")+`"}`); a.Status != 202 {
		srv.T.Fatalf("an email update: %d %s", a.Status, a.Body)
	}
	s.code, s.updateToken = mails.secret(address("person")), mails.secret(address("new"))
	return s
}

// hook is the id of the organization's endpoint for webhooks, which nobody listens at.
func webhookEndpointID(srv *testserver.Server, token string) string {
	srv.T.Helper()
	const endpoints = "/v1/webhooks/endpoints"
	if id, ok := srv.As(token, "GET", endpoints, "").At("items", 0, "id").(string); ok {
		return id
	}
	id, _ := srv.As(token, "POST", endpoints, `{"url":"https://hooks.invalid/","events":["session.created"]}`).At("id").(string)
	return id
}

// tokens are all that the scene's callers have in their hands.
func (s *fixture) tokens() []string {
	return []string{s.token, s.accessToken.Token, s.ownerSession, s.personSession, s.spareSession.Token, s.updateToken}
}

// known are the texts that nobody but the scene's organization may read. Its own id is public, with its slug.
func (s *fixture) private() []string {
	all := append(s.tokens(), s.code, s.accessToken.ID, s.team.ID, s.member.ID, s.person.ID, s.spareSession.ID, s.endpoint, s.event)
	return append(all, s.team.Email, s.member.Email, s.person.Email)
}

// snapshot is everything that the scene's callers can read.
func (s *fixture) snapshot(srv *testserver.Server) string {
	var b strings.Builder
	read := func(token, path string) {
		a := srv.As(token, "GET", path, "")
		fmt.Fprintf(&b, "%s %d %s\n", path, a.Status, a.Body)
	}
	for _, path := range []string{
		customers + "?limit=100", customers + s.team.ID, customers + s.person.ID, "/v1/members/?limit=100",
		customers + s.team.ID + "/members/" + s.member.ID, "/v1/organizations/", "/v1/organizations/" + s.org,
		"/v1/organization-access-tokens/?limit=100", sessions + s.spareSession.ID, "/v1/organizations/" + s.org + "/customer-session-settings", "/v1/organizations/" + s.org + "/customer-portal-settings",
	} {
		read(s.token, path)
	}
	for _, token := range []string{s.ownerSession, s.personSession} {
		for _, path := range []string{introspect, user, "/v1/customer-portal/customers/me", "/v1/customer-portal/members"} {
			read(token, path)
		}
	}
	read(s.ownerSession, "/v1/customer-portal/organizations/"+s.slug)
	a := srv.Request("GET", "/v1/customer-portal/customers/me/email-update/check?token="+s.updateToken, "")
	fmt.Fprintf(&b, "the update %d\n", a.Status)
	return b.String()
}

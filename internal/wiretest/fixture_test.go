package wiretest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// mailIndex stores the newest mail to each address, and the secrets in all mails.
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

// mailSecret returns the login code or the token of an email update in a mail.
func mailSecret(l testserver.Mail) string {
	if code := l.Code(); code != "" {
		return code
	}
	return l.EmailUpdateToken()
}

// secret waits for a mail to the address and returns its secret.
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

// take is like secret, and forgets the mail, so that the next call waits for another one.
func (m *mailIndex) take(to string) string {
	secret := m.secret(to)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.mails, to)
	return secret
}

// all returns the secrets in all mails.
func (m *mailIndex) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.secrets)
}

// any returns one of the secrets, selected by n. It returns "" before the first mail.
func (m *mailIndex) any(n int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.secrets) == 0 {
		return ""
	}
	return m.secrets[n%len(m.secrets)]
}

// fixture is an organization with the objects that valid requests need.
type fixture struct {
	org, slug, token            string
	accessToken                 testserver.Created
	team, person                testserver.Created
	member                      testserver.Created
	spareSession                testserver.Created // another session of the team's owner, which requests may end
	endpoint, event             string             // IDs of a webhook endpoint and of an event for it
	ownerSession, personSession string             // tokens of sessions of the team's owner and of the person
	code, updateToken           string             // the secrets of two mails to the person
	proofCode                   string             // the code with which the team's owner can prove who it is
	ticket                      string             // the body of a request that exchanges a ticket of the sign-in page
	ticketSession               string             // the token that the ticket gives
}

// signInTicket signs in at the portal for the application app.example.com, with a session of the portal. It returns the body of the
// request that exchanges the ticket.
func signInTicket(srv *testserver.Server, org, slug, token, session string) string {
	const callback, verifier = "https://app.example.com/.postern/callback", "0123456789ABCDEFGHIJKLMNOP"
	srv.Must(200, srv.As(token, "PATCH", "/v1/organizations/"+org+"/customer-portal-settings", `{"application_hosts":["app.example.com"]}`))
	sum := sha256.Sum256([]byte(verifier + ".a"))
	state := base64.RawURLEncoding.EncodeToString(sum[:]) + ".a"
	a := srv.Request("GET", "/"+slug+"/portal/request?"+url.Values{"return_url": {callback}, "state": {state}}.Encode(), "", "Cookie", "__Secure-postern_session="+session)
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || to.Query().Get("state") != state {
		srv.T.Fatalf("the sign-in page: %d to %s", a.Status, a.Header.Get("Location"))
	}
	return fmt.Sprintf(`{"ticket":%q,"state":%q,"verifier":%q,"return_url":%q}`, to.Query().Get("ticket"), state, verifier, callback)
}

const proof = "/v1/customer-portal/customer-session/proof/"

// newFixture creates customers whose names contain n, so that they are unique.
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
	s.accessToken = srv.AccessTokenAs(token, "organization_access_tokens:write")
	s.endpoint = webhookEndpointID(srv, token)
	s.team = create(customers, `{"type":"team","email":%q,"name":"Team %d","external_id":"%s-team-%d","metadata":{"plan":"pro","seats":3}}`, address("team"), n, slug, n)
	s.member = create(customers+s.team.ID+"/members", `{"email":%q,"name":"M","external_id":"%s-member-%d","role":"billing_manager"}`, address("member"), slug, n)
	s.person = create(customers, `{"email":%q,"name":"Person %d","external_id":"%s-person-%d"}`, address("person"), n, slug, n)
	s.personSession = create(sessions, `{"customer_id":%q}`, s.person.ID).Token
	boss := srv.OwnerAs(token, s.team.ID)
	s.ownerSession = create(sessions, `{"customer_id":%q,"member_id":%q}`, s.team.ID, boss).Token
	s.spareSession = create(sessions, `{"customer_id":%q,"member_id":%q}`, s.team.ID, boss)
	s.event, _ = srv.As(token, "GET", "/v1/webhooks/deliveries?limit=1&endpoint_id="+s.endpoint, "").At("items", 0, "webhook_event", "id").(string)
	requestProof := func(session, to string) string {
		if a := srv.As(session, "POST", proof+"request", ""); a.Status != 202 {
			srv.T.Fatalf("a proof: %d %s", a.Status, a.Body)
		}
		return mails.take(to)
	}
	code := requestProof(s.personSession, address("person")) // an email update needs a fresh proof
	if a := srv.As(s.personSession, "POST", proof+"confirm", `{"code":"`+code+`"}`); a.Status != 200 {
		srv.T.Fatalf("a proof: %d %s", a.Status, a.Body)
	}
	s.ticketSession = create(sessions, `{"customer_id":%q}`, s.person.ID).Token
	s.ticket = signInTicket(srv, org, slug, token, s.ticketSession)
	s.proofCode = requestProof(s.ownerSession, address("team"))
	create("/v1/customer-portal/customer-session/request", `{"organization_id":%q,"email":%q}`, org, address("person"))
	if a := srv.As(s.personSession, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"`+address("new")+`"}`); a.Status != 202 {
		srv.T.Fatalf("an email update: %d %s", a.Status, a.Body)
	}
	s.code, s.updateToken = mails.secret(address("person")), mails.secret(address("new"))
	return s
}

// webhookEndpointID returns the ID of the organization's webhook endpoint, which never answers. It creates the endpoint if there
// is none.
func webhookEndpointID(srv *testserver.Server, token string) string {
	srv.T.Helper()
	const endpoints = "/v1/webhooks/endpoints"
	if id, ok := srv.As(token, "GET", endpoints, "").At("items", 0, "id").(string); ok {
		return id
	}
	id, _ := srv.As(token, "POST", endpoints, `{"url":"https://hooks.invalid/","events":["session.created"]}`).At("id").(string)
	return id
}

// tokens returns the tokens of the fixture's callers.
func (s *fixture) tokens() []string {
	return []string{s.token, s.accessToken.Token, s.ownerSession, s.personSession, s.spareSession.Token, s.updateToken, s.ticketSession}
}

// private returns texts that only the fixture's organization may read. The organization's own ID and slug are public.
func (s *fixture) private() []string {
	all := append(slices.DeleteFunc(s.tokens(), func(t string) bool { return t == s.ticketSession }), s.code, s.accessToken.ID, s.team.ID, s.member.ID, s.person.ID, s.spareSession.ID, s.endpoint, s.event)
	return append(all, s.team.Email, s.member.Email, s.person.Email)
}

// snapshot returns everything that the fixture's callers can read.
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

package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// The old address gets a notice after every change of an address, and the former owner after a change of the owner, no matter who
// made the change.
func TestNoticesOfChangedAccounts(t *testing.T) {
	t.Parallel()
	const changed, owner = "The email address of your acme account was changed", "Your acme account has another owner"
	for name, tt := range map[string]struct {
		change func(srv *testserver.Server, team testserver.Created, member string)
		want   []string // recipients and subjects
	}{
		"a customer confirms another address": {func(srv *testserver.Server, _ testserver.Created, _ string) {
			token := requestEmailUpdate(srv, srv.CustomerSession(srv.Ada()).Token, "new@example.com")
			verifyEmailUpdate(srv, token).Is(t, 200)
		}, []string{"ada@example.com " + changed}},
		"the organization changes the address of a customer": {func(srv *testserver.Server, _ testserver.Created, _ string) {
			srv.Must(200, srv.As(srv.Token, "PATCH", customers+srv.Ada().ID, `{"email":"new@example.com"}`))
		}, []string{"ada@example.com " + changed}},
		"the organization changes the address of a member": {func(srv *testserver.Server, team testserver.Created, member string) {
			srv.Must(200, srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+member, `{"email":"new@example.com"}`))
		}, []string{"meg@example.com " + changed}},
		"the owner transfers the ownership": {func(srv *testserver.Server, team testserver.Created, member string) {
			session := srv.MemberSession(team, testserver.Created{ID: srv.Owner(team.ID)}, "").Token
			srv.Prove(session)
			srv.Must(200, srv.As(session, "PATCH", portalMembers+"/"+member, `{"role":"owner"}`))
		}, []string{"boss@example.com " + owner}},
		"the organization changes the owner": {func(srv *testserver.Server, team testserver.Created, member string) {
			srv.Must(200, srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+member, `{"role":"owner"}`))
		}, []string{"boss@example.com " + owner}},
		"changes that endanger nobody": {func(srv *testserver.Server, team testserver.Created, member string) {
			ada := srv.Ada()
			path := customers + team.ID + "/members/" + member
			srv.Must(200, srv.As(srv.Token, "PATCH", customers+ada.ID, `{"name":"Ada L.","email":"ADA@example.com"}`))
			srv.Must(200, srv.As(srv.Token, "PATCH", customers+ada.ID, `{"name":"Ada"}`))
			srv.Must(200, srv.As(srv.Token, "PATCH", path, `{"name":"Meg","role":"member"}`))
			srv.As(srv.Token, "PATCH", path, `{"email":"boss@example.com"}`).Is(t, 422)
			srv.Must(204, srv.As(srv.Token, "DELETE", path, ""))
			srv.Must(204, srv.As(srv.Token, "DELETE", customers+ada.ID+"?anonymize=true", ""))
		}, nil},
	} {
		srv := testserver.New(t, testserver.RateLimits("off"))
		team := srv.Create(customers, `{"type":"team","name":"Team","owner":{"email":"boss@example.com"}}`)
		member := srv.Create(customers+team.ID+"/members", `{"email":"meg@example.com","role":"billing_manager"}`).ID
		tt.change(srv, team, member)
		if err := srv.Postern.AwaitMail(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for !srv.Mail.Empty() {
			m := srv.Mail.Next()
			got = append(got, m.To+" "+m.Subject)
			if strings.Contains(m.Text+m.HTML, "new@example.com") {
				t.Errorf("%s: the notice reveals the new address: %s", name, m.Text)
			}
			if link := strings.Contains(m.Text, "https://portal.example.com/acme/portal/sessions"); link != strings.Contains(m.Subject, "owner") {
				t.Errorf("%s: a link to the sessions: %v", name, link)
			}
		}
		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: the mails are %q, want %q", name, got, tt.want)
		}
	}
}

// The language of a notice is the customer's.
func TestNoticeLanguage(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Create(customers, `{"email":"ada@example.com","locale":"fr"}`)
	srv.Must(200, srv.As(srv.Token, "PATCH", customers+c.ID, `{"email":"new@example.com"}`))
	expectMail(srv, "fr", "L’adresse e-mail de votre compte acme a été modifiée")
}

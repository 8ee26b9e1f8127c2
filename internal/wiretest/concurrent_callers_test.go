package wiretest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// stressTest runs many callers at once that change the same few customers.
type stressTest struct {
	*testserver.Server
	mails *mailIndex

	mu       sync.Mutex
	sessions []testserver.Created
	answers  map[string]int // number of answers by kind of request and status
}

// After many concurrent callers, customers, members and sessions are consistent: for example, each customer has one owner.
func TestInvariantsHoldUnderConcurrentCallers(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"), testserver.WithoutProof())
	st := &stressTest{Server: srv, mails: newMailIndex(t, srv.Mail), answers: map[string]int{}}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(worker)))
			for range requestsPerCaller {
				st.step(random)
			}
		})
	}
	wg.Wait()
	t.Logf("answers: %v", st.answers)
	st.checkInvariants()
	if requestsPerCaller < 400 {
		return
	}
	for _, good := range []string{
		"create 201", "create 422", "change 200", "delete 204", "add 201", "member 200", "remove 204", "session 201", "introspect 200", "introspect 401",
		"portal add 201", "portal transfer 200", "code 202", "update 202",
	} {
		if st.answers[good] == 0 {
			t.Errorf("no request was answered with: %s", good)
		}
	}
}

// step sends one random request, or two that belong together.
func (st *stressTest) step(r *rand.Rand) {
	external := fmt.Sprintf("storm-%d", r.IntN(6))
	email := fmt.Sprintf(`"%s%d@example.com"`, randomCase(r), r.IntN(10))
	path := customers + "external/" + external
	switch r.IntN(14) {
	case 0, 1:
		kind := []string{"individual", "team", "team"}[r.IntN(3)]
		st.do("create", "POST", customers, `{"type":"`+kind+`","external_id":"`+external+`","email":`+email+`,"name":"S"}`)
	case 2:
		st.do("change", "PATCH", path, `{"email":`+email+`}`)
	case 3:
		st.do("change", "PATCH", path, `{"name":"T","metadata":{"n":1}}`)
	case 4:
		if r.IntN(6) == 0 {
			st.do("delete", "DELETE", path, "")
		}
	case 5:
		st.do("add", "POST", path+"/members", fmt.Sprintf(`{"email":%s,"external_id":"m%d"}`, email, r.IntN(4)))
	case 6: // a transfer of ownership, or a lower role
		st.do("member", "PATCH", fmt.Sprintf("%s/members/m%d", path, r.IntN(4)), `{"role":"`+[]string{"owner", "member"}[r.IntN(2)]+`"}`)
	case 7:
		st.do("remove", "DELETE", fmt.Sprintf("%s/members/m%d", path, r.IntN(4)), "")
	case 8, 9:
		body := `{"external_customer_id":"` + external + `"}`
		if r.IntN(2) == 0 {
			body = fmt.Sprintf(`{"external_customer_id":%q,"external_member_id":%q}`, external, []string{external, "m0", "m1"}[r.IntN(3)])
		}
		if a := st.do("session", "POST", sessions, body); a.Status == http.StatusCreated {
			st.addSession(a)
		}
	case 10:
		st.do("code", "POST", requestLogin, `{"organization_id":"`+st.OrgID+`","email":`+email+`}`)
	case 11:
		st.useMailSecret(st.mails.any(r.IntN(1000)))
	default:
		if s, ok := st.recentSession(r); ok {
			st.usePortal(s, email, r)
		}
	}
}

func randomCase(r *rand.Rand) string { return []string{"a", "A"}[r.IntN(2)] }

// usePortal sends a random request with a session.
func (st *stressTest) usePortal(s testserver.Created, email string, r *rand.Rand) {
	switch r.IntN(5) {
	case 0, 1:
		st.doAs("introspect", s.Token, "GET", introspect, "")
		st.doAs("user", s.Token, "GET", user, "")
	case 2:
		st.doAs("portal add", s.Token, "POST", portalMembers, `{"email":`+email+`}`)
	case 3:
		st.doAs("update", s.Token, "POST", emailUpdate+"request", `{"email":`+email+`}`)
	case 4:
		a := st.doAs("portal list", s.Token, "GET", portalMembers, "")
		var list struct{ Items []testserver.Created }
		if a.Status == 200 && json.Unmarshal([]byte(a.Body), &list) == nil && len(list.Items) > 0 {
			st.doAs("portal transfer", s.Token, "PATCH", portalMembers+"/"+list.Items[r.IntN(len(list.Items))].ID, `{"role":"owner"}`)
		}
	}
}

// useMailSecret redeems a login code or confirms an email update.
func (st *stressTest) useMailSecret(secret string) {
	if strings.HasPrefix(secret, "polar_cev_") {
		if a := st.doAs("verify", "", "POST", emailUpdate+"verify", `{"token":"`+secret+`"}`); a.Status == 200 {
			st.addSession(a)
		}
	} else if secret != "" {
		if a := st.doAs("login", "", "POST", authenticate, `{"code":"`+secret+`"}`); a.Status == 200 {
			st.addSession(a)
		}
	}
}

func (st *stressTest) do(what, method, path, body string) testserver.Answer {
	return st.doAs(what, st.Token, method, path, body)
}

func (st *stressTest) doAs(what, token, method, path, body string) testserver.Answer {
	var headers []string
	if token != "" {
		headers = []string{"Authorization", "Bearer " + token}
	}
	a := st.Request(method, path, body, headers...)
	st.mu.Lock()
	defer st.mu.Unlock()
	st.answers[fmt.Sprintf("%s %d", what, a.Status)]++
	if a.Status >= 500 {
		st.T.Errorf("%s: %s %s %s: %d %s", what, method, path, body, a.Status, a.Body)
	}
	return a
}

func (st *stressTest) addSession(a testserver.Answer) {
	var s testserver.Created
	if err := json.Unmarshal([]byte(a.Body), &s); err != nil {
		st.T.Error(err)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.sessions = append(st.sessions, s)
}

func (st *stressTest) recentSession(r *rand.Rand) (testserver.Created, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.sessions) == 0 {
		return testserver.Created{}, false
	}
	return st.sessions[max(0, len(st.sessions)-1-r.IntN(12))], true
}

// listEntry is a customer or a member in a list.
type listEntry struct {
	ID, Type, Email, Role string
	ExternalID            *string `json:"external_id"`
	CustomerID            string  `json:"customer_id"`
}

// list reads all pages of a list and checks that they have as many items as the first page announces.
func (st *stressTest) list(path string) (all []listEntry) {
	st.T.Helper()
	for page := 1; ; page++ {
		var list struct {
			Items      []listEntry
			Pagination struct {
				TotalCount int `json:"total_count"`
				MaxPage    int `json:"max_page"`
			}
		}
		a := st.As(st.Token, "GET", fmt.Sprintf("%slimit=2&page=%d", path, page), "")
		if err := json.Unmarshal([]byte(a.Body), &list); err != nil {
			st.T.Fatal(err)
		}
		if all = append(all, list.Items...); page < list.Pagination.MaxPage {
			continue
		}
		if len(all) != list.Pagination.TotalCount {
			st.T.Errorf("%s has %d entries, and says %d", path, len(all), list.Pagination.TotalCount)
		}
		return all
	}
}

func (st *stressTest) checkInvariants() {
	st.T.Helper()
	live := st.list(customers + "?")
	emails, names, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}
	total := 0
	for _, c := range live {
		if email := strings.ToLower(c.Email); emails[email] {
			st.T.Errorf("%s is there twice", email)
		} else {
			emails[email] = true
		}
		if names[*c.ExternalID] || ids[c.ID] {
			st.T.Errorf("%s is there twice", *c.ExternalID)
		}
		names[*c.ExternalID], ids[c.ID] = true, true
		total += st.checkOneOwner(c)
	}
	if n := len(st.list("/v1/members/?")); n != total {
		st.T.Errorf("%d members in all, and %d of customers that there are", n, total)
	}
	if n := len(st.list("/v1/members/?role=owner&")); n != len(live) {
		st.T.Errorf("%d owners of %d customers", n, len(live))
	}
	for _, s := range st.sessions {
		st.checkHolder(s, live)
	}
}

func (st *stressTest) checkOneOwner(c listEntry) int {
	st.T.Helper()
	members := st.list("/v1/members/?customer_id=" + c.ID + "&")
	owners, seen := 0, map[string]bool{}
	for _, m := range members {
		if m.Role == "owner" {
			owners++
		}
		if email := strings.ToLower(m.Email); seen[email] {
			st.T.Errorf("%s has two members %s", c.ID, email)
		} else {
			seen[email] = true
		}
	}
	if owners != 1 || c.Type == "individual" && len(members) != 1 {
		st.T.Errorf("a customer (%s) with %d owners and %d members", c.Type, owners, len(members))
	}
	return len(members)
}

// checkHolder checks that the holder of a live session exists.
func (st *stressTest) checkHolder(s testserver.Created, live []listEntry) {
	st.T.Helper()
	if a := st.As(s.Token, "GET", introspect, ""); a.Status != 200 {
		return
	}
	var holder struct {
		CustomerID string  `json:"customer_id"`
		MemberID   *string `json:"member_id"`
	}
	a := st.As(s.Token, "GET", user, "")
	if err := json.Unmarshal([]byte(a.Body), &holder); err != nil || a.Status != 200 {
		st.T.Errorf("a live session's holder: %d %s", a.Status, a.Body)
	}
	if !slices.ContainsFunc(live, func(c listEntry) bool { return c.ID == holder.CustomerID }) || s.CustomerID != "" && s.CustomerID != holder.CustomerID {
		st.T.Errorf("a live session of a deleted or another customer: %s", a.Body)
	}
	if holder.MemberID == nil {
		return
	}
	if a := st.As(st.Token, "GET", customers+holder.CustomerID+"/members/"+*holder.MemberID, ""); a.Status != 200 {
		st.T.Errorf("a live session of a deleted member: %d %s", a.Status, a.Body)
	}
}

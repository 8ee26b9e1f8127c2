package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// storm is many callers who do what they may, all at once and to the same few customers.
type storm struct {
	*house
	mails *mailroom

	mu       sync.Mutex
	sessions []made
	done     map[string]int // answers by what was asked and the status
}

// Whatever many callers do at once, what must hold of customers, members and sessions holds when they are done.
func TestStorm(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	st := &storm{house: h, mails: newMailroom(t, h.mail), done: map[string]int{}}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(worker)))
			for range gusts {
				st.play(random)
			}
		})
	}
	wg.Wait()
	t.Logf("answers: %v", st.done)
	st.mustHold()
	if gusts < 400 {
		return
	}
	for _, good := range []string{
		"create 201", "create 422", "change 200", "delete 204", "add 201", "member 200", "remove 204", "session 201", "introspect 200", "introspect 401",
		"portal add 201", "portal transfer 200", "code 202", "update 202",
	} {
		if st.done[good] == 0 {
			t.Errorf("never once: %s", good)
		}
	}
}

// play does one thing, or two that belong together.
func (st *storm) play(r *rand.Rand) {
	external := fmt.Sprintf("storm-%d", r.IntN(6))
	email := fmt.Sprintf(`"%s%d@example.com"`, pickCase(r), r.IntN(10))
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
	case 6: // a transfer, or the end of one
		st.do("member", "PATCH", fmt.Sprintf("%s/members/m%d", path, r.IntN(4)), `{"role":"`+[]string{"owner", "member"}[r.IntN(2)]+`"}`)
	case 7:
		st.do("remove", "DELETE", fmt.Sprintf("%s/members/m%d", path, r.IntN(4)), "")
	case 8, 9:
		body := `{"external_customer_id":"` + external + `"}`
		if r.IntN(2) == 0 {
			body = fmt.Sprintf(`{"external_customer_id":%q,"external_member_id":%q}`, external, []string{external, "m0", "m1"}[r.IntN(3)])
		}
		if a := st.do("session", "POST", sessions, body); a.status == http.StatusCreated {
			st.keep(a)
		}
	case 10:
		st.do("code", "POST", requestCode, `{"organization_id":"`+st.org+`","email":`+email+`}`)
	case 11:
		st.open(st.mails.any(r.IntN(1000)))
	default:
		if s, ok := st.session(r); ok {
			st.visit(s, email, r)
		}
	}
}

func pickCase(r *rand.Rand) string { return []string{"a", "A"}[r.IntN(2)] }

// visit is somebody with a session in the portal.
func (st *storm) visit(s made, email string, r *rand.Rand) {
	switch r.IntN(5) {
	case 0, 1:
		st.doAs("introspect", s.Token, "GET", introspect, "")
		st.doAs("user", s.Token, "GET", user, "")
	case 2:
		st.doAs("portal add", s.Token, "POST", teammates, `{"email":`+email+`}`)
	case 3:
		st.doAs("update", s.Token, "POST", emailUpdate+"request", `{"email":`+email+`}`)
	case 4:
		a := st.doAs("portal list", s.Token, "GET", teammates, "")
		var list struct{ Items []made }
		if a.status == 200 && json.Unmarshal([]byte(a.body), &list) == nil && len(list.Items) > 0 {
			st.doAs("portal transfer", s.Token, "PATCH", teammates+"/"+list.Items[r.IntN(len(list.Items))].ID, `{"role":"owner"}`)
		}
	}
}

// open uses what has come in a letter.
func (st *storm) open(secret string) {
	if strings.HasPrefix(secret, "polar_cev_") {
		if a := st.doAs("verify", "", "POST", emailUpdate+"verify", `{"token":"`+secret+`"}`); a.status == 200 {
			st.keep(a)
		}
	} else if secret != "" {
		if a := st.doAs("login", "", "POST", authenticate, `{"code":"`+secret+`"}`); a.status == 200 {
			st.keep(a)
		}
	}
}

func (st *storm) do(what, method, path, body string) answer {
	return st.doAs(what, st.token, method, path, body)
}

func (st *storm) doAs(what, token, method, path, body string) answer {
	var headers []string
	if token != "" {
		headers = []string{"Authorization", "Bearer " + token}
	}
	a := st.ask(method, path, body, headers...)
	st.mu.Lock()
	defer st.mu.Unlock()
	st.done[fmt.Sprintf("%s %d", what, a.status)]++
	if a.status >= 500 {
		st.t.Errorf("%s: %s %s %s: %d %s", what, method, path, body, a.status, a.body)
	}
	return a
}

func (st *storm) keep(a answer) {
	var s made
	if err := json.Unmarshal([]byte(a.body), &s); err != nil {
		st.t.Error(err)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.sessions = append(st.sessions, s)
}

func (st *storm) session(r *rand.Rand) (made, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.sessions) == 0 {
		return made{}, false
	}
	return st.sessions[max(0, len(st.sessions)-1-r.IntN(12))], true
}

// entry is a customer or a member in a list.
type entry struct {
	ID, Type, Email, Role string
	ExternalID            *string `json:"external_id"`
	CustomerID            string  `json:"customer_id"`
}

// list reads all pages of a list, and sees to it that they are what the first one announces.
func (st *storm) list(path string) (all []entry) {
	st.t.Helper()
	for page := 1; ; page++ {
		var list struct {
			Items      []entry
			Pagination struct {
				TotalCount int `json:"total_count"`
				MaxPage    int `json:"max_page"`
			}
		}
		a := st.as(st.token, "GET", fmt.Sprintf("%slimit=2&page=%d", path, page), "")
		if err := json.Unmarshal([]byte(a.body), &list); err != nil {
			st.t.Fatal(err)
		}
		if all = append(all, list.Items...); page < list.Pagination.MaxPage {
			continue
		}
		if len(all) != list.Pagination.TotalCount {
			st.t.Errorf("%s has %d entries, and says %d", path, len(all), list.Pagination.TotalCount)
		}
		return all
	}
}

func (st *storm) mustHold() {
	st.t.Helper()
	live := st.list(customers + "?")
	emails, names, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}
	total := 0
	for _, c := range live {
		if email := strings.ToLower(c.Email); emails[email] {
			st.t.Errorf("%s is there twice", email)
		} else {
			emails[email] = true
		}
		if names[*c.ExternalID] || ids[c.ID] {
			st.t.Errorf("%s is there twice", *c.ExternalID)
		}
		names[*c.ExternalID], ids[c.ID] = true, true
		total += st.mustHaveOneOwner(c)
	}
	if n := len(st.list("/v1/members/?")); n != total {
		st.t.Errorf("%d members in all, and %d of customers that there are", n, total)
	}
	if n := len(st.list("/v1/members/?role=owner&")); n != len(live) {
		st.t.Errorf("%d owners of %d customers", n, len(live))
	}
	for _, s := range st.sessions {
		st.mustHaveHolder(s, live)
	}
}

func (st *storm) mustHaveOneOwner(c entry) int {
	st.t.Helper()
	members := st.list("/v1/members/?customer_id=" + c.ID + "&")
	owners, seen := 0, map[string]bool{}
	for _, m := range members {
		if m.Role == "owner" {
			owners++
		}
		if email := strings.ToLower(m.Email); seen[email] {
			st.t.Errorf("%s has two members %s", c.ID, email)
		} else {
			seen[email] = true
		}
	}
	if owners != 1 || c.Type == "individual" && len(members) != 1 {
		st.t.Errorf("a customer (%s) with %d owners and %d members", c.Type, owners, len(members))
	}
	return len(members)
}

// mustHaveHolder sees to it that a session that is live is somebody's who is there.
func (st *storm) mustHaveHolder(s made, live []entry) {
	st.t.Helper()
	if a := st.as(s.Token, "GET", introspect, ""); a.status != 200 {
		return
	}
	var holder struct {
		CustomerID string  `json:"customer_id"`
		MemberID   *string `json:"member_id"`
	}
	a := st.as(s.Token, "GET", user, "")
	if err := json.Unmarshal([]byte(a.body), &holder); err != nil || a.status != 200 {
		st.t.Errorf("a live session's holder: %d %s", a.status, a.body)
	}
	if !slices.ContainsFunc(live, func(c entry) bool { return c.ID == holder.CustomerID }) || s.CustomerID != "" && s.CustomerID != holder.CustomerID {
		st.t.Errorf("a live session of a customer who is gone, or another's: %s", a.body)
	}
	if holder.MemberID == nil {
		return
	}
	if a := st.as(st.token, "GET", customers+holder.CustomerID+"/members/"+*holder.MemberID, ""); a.status != 200 {
		st.t.Errorf("a live session of a member who is gone: %d %s", a.status, a.body)
	}
}

package api_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	me          = "/v1/customer-portal/customers/me"
	emailUpdate = me + "/email-update/"
	requestCode = "/v1/customer-portal/customer-session/request"
	teammates   = "/v1/customer-portal/members"
)

// Who has come in with a stolen session can ask for another email address. Once the session is ended, that must be in vain.
func TestAPendingEmailUpdateEndsWithTheSessions(t *testing.T) {
	for name, evict := range map[string]func(h *house, s scene, mails *mailroom) answer{
		"the organization changes the address": func(h *house, s scene, mails *mailroom) answer {
			return h.as(h.token, "PATCH", customers+s.person.ID, `{"email":"safe@example.com"}`)
		},
		"the owner's address is changed": func(h *house, s scene, mails *mailroom) answer {
			return h.as(h.token, "PATCH", customers+s.person.ID+"/members/"+h.owner(s.person.ID), `{"email":"safe@example.com"}`)
		},
		"the customer is deleted": func(h *house, s scene, mails *mailroom) answer {
			return h.as(h.token, "DELETE", customers+s.person.ID, "")
		},
		"the customer becomes a team": func(h *house, s scene, mails *mailroom) answer {
			return h.as(h.token, "PATCH", customers+s.person.ID, `{"type":"team"}`)
		},
		"another update is confirmed first": func(h *house, s scene, mails *mailroom) answer {
			if a := h.as(s.single, "POST", emailUpdate+"request", `{"email":"second@example.com"}`); a.status != 202 {
				return a
			}
			return h.ask("POST", emailUpdate+"verify", `{"token":"`+mails.secret("second@example.com")+`"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, false, limited("off"))
			mails := newMailroom(t, h.mail)
			s := newScene(h, mails, h.org, "acme", h.token, 0)
			if a := h.ask("GET", emailUpdate+"check?token="+s.update, ""); a.status != 204 {
				t.Fatalf("before: %d %s", a.status, a.body)
			}
			if a := evict(h, s, mails); a.status/100 != 2 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if a := h.ask("POST", emailUpdate+"verify", `{"token":"`+s.update+`"}`); a.status != http.StatusUnauthorized {
				t.Errorf("the update is confirmed all the same: %d %s", a.status, a.body)
			}
		})
	}
}

// What can be used once is used once, however many try at the same time.
func TestReplays(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	s := newScene(h, newMailroom(t, h.mail), h.org, "acme", h.token, 0)
	for _, use := range [][2]string{ // a code is for an address, which the other changes
		{authenticate, `{"code":"` + s.code + `"}`}, {emailUpdate + "verify", `{"token":"` + s.update + `"}`},
	} {
		path, body := use[0], use[1]
		var wg sync.WaitGroup
		var good atomic.Int64
		for range 20 {
			wg.Go(func() {
				switch a := h.ask("POST", path, body); a.status {
				case http.StatusOK:
					good.Add(1)
				case http.StatusUnauthorized:
				default:
					t.Errorf("%s: %d %s", path, a.status, a.body)
				}
			})
		}
		wg.Wait()
		if n := good.Load(); n != 1 {
			t.Errorf("%s went well %d times, wanted once", path, n)
		}
		if a := h.ask("POST", path, body); a.status != http.StatusUnauthorized {
			t.Errorf("%s later: %d", path, a.status)
		}
	}
}

package testserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-go/postern/polar"
)

// Created holds the fields of a created object that tests need. The object is a customer, a member, a session or an access
// token.
type Created struct {
	ID, Token         string
	CustomerPortalURL string  `json:"customer_portal_url"`
	CustomerID        string  `json:"customer_id"`
	ReturnURL         *string `json:"return_url"`
	Email, State      string
	ExternalID        *string `json:"external_id"`
	CreatedAt         string  `json:"created_at"`
	ExpiresAt         string  `json:"expires_at"`
}

// Create posts a body as the organization and returns the created object. If the object has a token, the log must not contain
// it.
func (s *Server) Create(path, body string) (c Created) {
	s.T.Helper()
	s.decode(http.StatusCreated, s.As(s.Token, "POST", path, body), &c)
	if c.Token != "" {
		s.AddSecret(c.Token)
	}
	return c
}

// decode fails the test and stops it unless the answer has the status and a body that fits v.
func (s *Server) decode(status int, a Answer, v any) {
	s.T.Helper()
	s.Must(status, a)
	if err := json.Unmarshal([]byte(a.Body), v); err != nil {
		s.T.Fatalf("%s: %v", a.Request, err)
	}
}

// Ada creates the individual customer Ada, with the address ada@example.com and the external ID user_1.
func (s *Server) Ada() Created {
	s.T.Helper()
	return s.Create("/v1/customers/", `{"email":"ada@example.com","name":"Ada","external_id":"user_1"}`)
}

// CustomerSession creates a session of a customer. fields is JSON that is appended to the fields of the body; it starts with a
// comma.
func (s *Server) CustomerSession(customer Created, fields ...string) Created {
	s.T.Helper()
	return s.Create("/v1/customer-sessions/", `{"customer_id":"`+customer.ID+`"`+strings.Join(fields, "")+`}`)
}

// MemberSession creates a session of a member of a customer. fields is JSON that is appended to the fields of the body; it
// starts with a comma.
func (s *Server) MemberSession(customer, member Created, fields string) Created {
	s.T.Helper()
	return s.Create("/v1/customer-sessions/", fmt.Sprintf(`{"customer_id":%q,"member_id":%q%s}`, customer.ID, member.ID, fields))
}

// TeamWithSessions creates a team with an owner and a billing manager, and a session for each of the two.
func (s *Server) TeamWithSessions() (team, owner, manager, ownerSession, managerSession Created) {
	s.T.Helper()
	team = s.Create("/v1/customers/", `{"type":"team","name":"Team","external_id":"team","owner":{"email":"boss@example.com","external_id":"boss"}}`)
	manager = s.Create("/v1/customers/"+team.ID+"/members", `{"email":"bo@example.com","external_id":"bo","role":"billing_manager"}`)
	owner = Created{ID: s.Owner(team.ID)}
	return team, owner, manager, s.MemberSession(team, owner, ""), s.MemberSession(team, manager, "")
}

// Owner returns the ID of the member who owns the customer. It returns "" if the organization has no members.
func (s *Server) Owner(customer string) string { return s.OwnerAs(s.Token, customer) }

// OwnerAs is like [Server.Owner], with the access token of another organization.
func (s *Server) OwnerAs(token, customer string) string {
	s.T.Helper()
	var list struct{ Items []Created }
	s.decode(http.StatusOK, s.As(token, "GET", "/v1/members/?role=owner&customer_id="+customer, ""), &list)
	switch len(list.Items) {
	case 0:
		return ""
	case 1:
		return list.Items[0].ID
	}
	s.T.Fatalf("the customer has several owners: %v", list.Items)
	return ""
}

// AccessToken creates an access token of the organization, with the scopes.
func (s *Server) AccessToken(scopes ...string) Created { return s.AccessTokenAs(s.Token, scopes...) }

// AccessTokenAs is like [Server.AccessToken], but uses the given access token to create the new one.
func (s *Server) AccessTokenAs(token string, scopes ...string) Created {
	s.T.Helper()
	list, err := json.Marshal(scopes)
	if err != nil {
		s.T.Fatal(err)
	}
	var body struct {
		Record Created `json:"organization_access_token"`
		Token  string
	}
	s.decode(http.StatusCreated, s.As(token, "POST", "/v1/organization-access-tokens/", `{"comment":"test","scopes":`+string(list)+`}`), &body)
	body.Record.Token = s.AddSecret(body.Token)
	return body.Record
}

// IsLive reports whether a token opens a session.
func (s *Server) IsLive(token string) bool {
	s.T.Helper()
	return s.As(token, "GET", "/v1/customer-portal/customer-session/introspect", "").Status == http.StatusOK
}

// SessionInfo returns a session as the organization sees it.
func (s *Server) SessionInfo(id string) (info polar.CustomerSessionInfo) {
	s.T.Helper()
	s.decode(http.StatusOK, s.As(s.Token, "GET", "/v1/customer-sessions/"+id, ""), &info)
	return info
}

// OrNull returns the text that s points to, or "null" if s is nil.
func OrNull[T ~string](s *T) string {
	if s == nil {
		return "null"
	}
	return string(*s)
}

// Call sends a request with a bearer token and returns the status. If v is not nil, the request must succeed, and Call decodes
// the answer's body into v.
func (s *Server) Call(token, method, path, body string, v any) int {
	s.T.Helper()
	a := s.As(token, method, path, body)
	if v != nil {
		if err := json.Unmarshal([]byte(a.Body), v); err != nil || a.Status >= 300 {
			s.T.Fatalf("%s: %d %s: %v", a.Request, a.Status, a.Body, err)
		}
	}
	return a.Status
}

// CreateCustomer creates a customer from the fields of a JSON object and returns its ID.
func (s *Server) CreateCustomer(fields string) string {
	s.T.Helper()
	return s.Create("/v1/customers/", "{"+fields+"}").ID
}

// Prove proves that the holder of a session reads the emails to its address, so that the session may change the address and the
// owner for 10 minutes. It reads the next mail.
func (s *Server) Prove(session string) {
	s.T.Helper()
	s.Must(http.StatusAccepted, s.As(session, "POST", "/v1/customer-portal/customer-session/proof/request", ""))
	s.Must(http.StatusOK, s.As(session, "POST", "/v1/customer-portal/customer-session/proof/confirm", `{"code":"`+s.Mail.Code()+`"}`))
}

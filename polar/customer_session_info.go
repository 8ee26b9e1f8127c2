package polar

import (
	"errors"
	"time"
)

// CustomerSessionInfo is a session as its issuer sees it at any time (Postern: GET /v1/customer-sessions/{id}). It has no
// token: that was shown once, when the session was made.
type CustomerSessionInfo struct {
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	ID         string     `json:"id"`
	// State is "live", "expired" or "revoked". Expect states that are not listed here.
	State string `json:"state"`
	// ExpiresAt is in UTC. The session is live strictly before, unless it ends earlier.
	ExpiresAt time.Time `json:"expires_at"`
	// IdleTimeout is in seconds: a session that is not used for so long expires. Nil lets it be.
	IdleTimeout *int `json:"idle_timeout"`
	// Scopes are what the session may do; to write is also to read.
	Scopes     []Scope `json:"scopes"`
	CustomerID string  `json:"customer_id"`
	// MemberID is nil for a session that the customer holds itself.
	MemberID  *string `json:"member_id"`
	ReturnURL *string `json:"return_url"`
	// Metadata is the issuer's own.
	Metadata Metadata `json:"metadata"`
	// CreatedBy is the id of the access token that made the session; nil for one whose holder has logged in.
	CreatedBy        *string `json:"created_by"`
	CreatedIP        *string `json:"created_ip"`
	CreatedUserAgent *string `json:"created_user_agent"`
	// LastSeenAt is exact to a minute; nil for a session that was never used.
	LastSeenAt        *time.Time `json:"last_seen_at"`
	LastSeenIP        *string    `json:"last_seen_ip"`
	LastSeenUserAgent *string    `json:"last_seen_user_agent"`
	// EndedAt and EndReason tell of a session that was ended before its time.
	EndedAt   *time.Time `json:"ended_at"`
	EndReason *string    `json:"end_reason"`
}

func (s *CustomerSessionInfo) check() error {
	s.ExpiresAt = s.ExpiresAt.UTC()
	return requireText("id", s.ID)
}

// CustomerPortalSession is one of the sessions of whoever holds one (Postern: GET /v1/customer-portal/customer-sessions).
type CustomerPortalSession struct {
	CreatedAt time.Time `json:"created_at"`
	ID        string    `json:"id"`
	// Current is whether it is the session that asks.
	Current           bool       `json:"current"`
	ExpiresAt         time.Time  `json:"expires_at"`
	CreatedIP         *string    `json:"created_ip"`
	CreatedUserAgent  *string    `json:"created_user_agent"`
	LastSeenAt        *time.Time `json:"last_seen_at"`
	LastSeenIP        *string    `json:"last_seen_ip"`
	LastSeenUserAgent *string    `json:"last_seen_user_agent"`
}

func (s *CustomerPortalSession) check() error { return requireText("id", s.ID) }

// CustomerSessionInspection says how a token is doing, to the organization that issued it (Postern: POST
// /v1/customer-sessions/inspect).
type CustomerSessionInspection struct {
	// Status is "live", "expired", "revoked", "customer_deleted", "member_deleted", "secret_retired", "malformed" or "unknown",
	// which is also what any other organization's is. Expect more.
	Status string `json:"status"`
	// Detail is Status in words.
	Detail string `json:"detail"`
	// CustomerSession is nil for a token that opens nothing of this organization.
	CustomerSession *CustomerSessionInfo `json:"customer_session"`
}

func (i *CustomerSessionInspection) check() error { return requireText("status", i.Status) }

// CustomerSessionRevocation is an entry of the revocation log (Postern: GET /v1/customer-sessions/revocations). A nil id
// stands for all: without CustomerSessionID, all sessions of the member; without MemberID, all of the customer; without
// CustomerID, all of the organization.
type CustomerSessionRevocation struct {
	CustomerID        *string   `json:"customer_id"`
	MemberID          *string   `json:"member_id"`
	CustomerSessionID *string   `json:"customer_session_id"`
	Reason            string    `json:"reason"`
	RevokedAt         time.Time `json:"revoked_at"`
}

// CustomerSessionSettings say what an organization's sessions may be, and what ends them (Postern: GET
// /v1/organizations/{id}/customer-session-settings).
type CustomerSessionSettings struct {
	// MaxExpiresIn is in seconds: the longest that an issuer may ask for.
	MaxExpiresIn int `json:"max_expires_in"`
	// MaxSessions is how many live sessions a customer may have; the oldest ones end for newer ones. 0 is no limit.
	MaxSessions            int  `json:"max_sessions"`
	EndOnEmailChange       bool `json:"end_on_email_change"`
	EndOnRoleDowngrade     bool `json:"end_on_role_downgrade"`
	EndOnOrganizationBlock bool `json:"end_on_organization_block"`
}

func (s *CustomerSessionSettings) check() error {
	if s.MaxExpiresIn == 0 {
		return errors.New("max_expires_in is missing or zero")
	}
	return nil
}

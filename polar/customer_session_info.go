package polar

import (
	"encoding/json"
	"errors"
	"time"
)

// CustomerSessionInfo is a session without its token.
//
// Route: GET /v1/customer-sessions/{id} (Postern only).
type CustomerSessionInfo struct {
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	ID         SessionID  `json:"id"`
	// State is [SessionLive], [SessionExpired] or [SessionRevoked]. The server may return other states.
	State SessionState `json:"state"`
	// ExpiresAt is the end of the session in UTC, unless the session is revoked before.
	ExpiresAt time.Time `json:"expires_at"`
	// IdleTimeout is the time after which an unused session expires, in whole seconds; nil means no idle timeout.
	IdleTimeout *time.Duration `json:"idle_timeout"`
	// Scopes are the rights of the session. The right to write includes the right to read.
	Scopes     []Scope    `json:"scopes"`
	CustomerID CustomerID `json:"customer_id"`
	// MemberID is nil if the session belongs to the customer and not to one of its members.
	MemberID  *MemberID `json:"member_id"`
	ReturnURL *string   `json:"return_url"`
	// Metadata holds the organization's own values.
	Metadata Metadata `json:"metadata"`
	// CreatedBy is the ID of the access token that created the session; nil if the holder logged in.
	CreatedBy        *AccessTokenID `json:"created_by"`
	CreatedIP        *string        `json:"created_ip"`
	CreatedUserAgent *string        `json:"created_user_agent"`
	// LastSeenAt is the time of the last use, exact to one minute; nil if the session has not been used.
	LastSeenAt        *time.Time `json:"last_seen_at"`
	LastSeenIP        *string    `json:"last_seen_ip"`
	LastSeenUserAgent *string    `json:"last_seen_user_agent"`
	// EndedAt and EndReason are set if the session was ended before it expired.
	EndedAt   *time.Time `json:"ended_at"`
	EndReason *Reason    `json:"end_reason"`
	// Impersonated reports whether an operator uses the session to look at the customer's portal. CreatedBy is then the operator's
	// access token. Such a session cannot be changed.
	Impersonated bool `json:"impersonated"`
}

// MarshalJSON encodes the session as the server does, with IdleTimeout in seconds.
func (s CustomerSessionInfo) MarshalJSON() ([]byte, error) {
	type fields CustomerSessionInfo
	return json.Marshal(struct {
		fields
		IdleTimeout *wholeSeconds `json:"idle_timeout"`
	}{fields(s), (*wholeSeconds)(s.IdleTimeout)})
}

// UnmarshalJSON decodes a session of the server.
func (s *CustomerSessionInfo) UnmarshalJSON(b []byte) error {
	type fields CustomerSessionInfo
	v := struct {
		*fields
		IdleTimeout *wholeSeconds `json:"idle_timeout"`
	}{fields: (*fields)(s)}
	err := json.Unmarshal(b, &v)
	s.IdleTimeout = (*time.Duration)(v.IdleTimeout)
	return err
}

func (s *CustomerSessionInfo) check() error {
	s.ExpiresAt = s.ExpiresAt.UTC()
	return requireText("id", s.ID)
}

// CustomerPortalSession is a session as shown to its holder in a list of sessions. The addresses and user agents of a server of the
// organization, which has created the session, are nil.
//
// Route: GET /v1/customer-portal/customer-sessions (Postern only).
type CustomerPortalSession struct {
	CreatedAt time.Time `json:"created_at"`
	ID        SessionID `json:"id"`
	// Current reports whether this session's token made the request.
	Current           bool       `json:"current"`
	ExpiresAt         time.Time  `json:"expires_at"`
	CreatedIP         *string    `json:"created_ip"`
	CreatedUserAgent  *string    `json:"created_user_agent"`
	LastSeenAt        *time.Time `json:"last_seen_at"`
	LastSeenIP        *string    `json:"last_seen_ip"`
	LastSeenUserAgent *string    `json:"last_seen_user_agent"`
	// Impersonated reports whether an operator of the organization uses the session to look at the portal. The addresses and user
	// agents are then nil.
	Impersonated bool `json:"impersonated"`
}

func (s *CustomerPortalSession) check() error { return requireText("id", s.ID) }

// CustomerSessionInspection explains why a token works or does not work.
//
// Route: POST /v1/customer-sessions/inspect (Postern only).
type CustomerSessionInspection struct {
	// Status is [TokenLive] or the reason why the token does not work. The tokens of other organizations are
	// [TokenUnknown]. The server may return values that are not listed here.
	Status TokenStatus `json:"status"`
	// Detail explains Status in a sentence.
	Detail string `json:"detail"`
	// CustomerSession is nil if the token does not belong to a session of this organization.
	CustomerSession *CustomerSessionInfo `json:"customer_session"`
}

func (i *CustomerSessionInspection) check() error { return requireText("status", i.Status) }

// CustomerSessionRevocation is an entry of the revocation log. If CustomerSessionID is nil, all sessions of the member
// were revoked; if MemberID is also nil, all sessions of the customer; if CustomerID is also nil, all sessions of the
// organization.
//
// Route: GET /v1/customer-sessions/revocations (Postern only).
type CustomerSessionRevocation struct {
	CustomerID        *CustomerID `json:"customer_id"`
	MemberID          *MemberID   `json:"member_id"`
	CustomerSessionID *SessionID  `json:"customer_session_id"`
	Reason            Reason      `json:"reason"`
	RevokedAt         time.Time   `json:"revoked_at"`
}

// CustomerSessionSettings are an organization's limits for sessions and the changes that end sessions.
//
// Route: GET /v1/organizations/{id}/customer-session-settings (Postern only).
type CustomerSessionSettings struct {
	// MaxExpiresIn is the longest lifetime of a session, in whole seconds.
	MaxExpiresIn time.Duration `json:"max_expires_in"`
	// MaxSessions is the number of live sessions that a customer may have. A new session beyond it ends the oldest.
	// Zero means no limit.
	MaxSessions            int  `json:"max_sessions"`
	EndOnEmailChange       bool `json:"end_on_email_change"`
	EndOnRoleDowngrade     bool `json:"end_on_role_downgrade"`
	EndOnOrganizationBlock bool `json:"end_on_organization_block"`
}

// MarshalJSON encodes the settings as the server does, with MaxExpiresIn in seconds.
func (s CustomerSessionSettings) MarshalJSON() ([]byte, error) {
	type fields CustomerSessionSettings
	return json.Marshal(struct {
		fields
		MaxExpiresIn wholeSeconds `json:"max_expires_in"`
	}{fields(s), wholeSeconds(s.MaxExpiresIn)})
}

// UnmarshalJSON decodes the settings of the server.
func (s *CustomerSessionSettings) UnmarshalJSON(b []byte) error {
	type fields CustomerSessionSettings
	v := struct {
		*fields
		MaxExpiresIn wholeSeconds `json:"max_expires_in"`
	}{fields: (*fields)(s)}
	err := json.Unmarshal(b, &v)
	s.MaxExpiresIn = time.Duration(v.MaxExpiresIn)
	return err
}

func (s *CustomerSessionSettings) check() error {
	if s.MaxExpiresIn == 0 {
		return errors.New("max_expires_in is missing or zero")
	}
	return nil
}

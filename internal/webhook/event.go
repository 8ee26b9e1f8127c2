package webhook

import (
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// Kind is the type of an event, as it appears in the body.
type Kind string

// The kinds of events.
const (
	SessionCreated Kind = "session.created"
	// SessionFirstUsed is emitted within [session.FlushEvery] after the first use of a session. It is not emitted if the
	// session ends before that.
	SessionFirstUsed Kind = "session.first_used"
	// SessionRevoked is emitted for each session that ends before it expires, even if many sessions end at once.
	SessionRevoked Kind = "session.revoked"
	SessionExpired Kind = "session.expired"
	// LoginFailed is emitted when a login code is refused, if the code or the caller's token identifies the organization. A
	// code that was never issued identifies no organization.
	LoginFailed Kind = "login.failed"
)

// Kinds returns all kinds of events.
func Kinds() []Kind {
	return []Kind{SessionCreated, SessionFirstUsed, SessionRevoked, SessionExpired, LoginFailed}
}

// Event is an event of an organization.
type Event struct {
	ID           token.ID
	Organization token.Key
	Kind         Kind
	// Subject is the key of the session, or the event's own key if the event concerns no session. Events with the same subject are
	// delivered in order.
	Subject token.Key
	// At is the time of the event: UTC, in whole microseconds.
	At time.Time
	// Body is the JSON body of the request, with type, timestamp and data.
	Body []byte
}

// SessionEvent returns an event about a session. The body describes the session as in e, without its token.
func SessionEvent(kind Kind, e session.Entry, at time.Time) Event {
	return Event{
		ID: token.NewID(at), Organization: e.Organization, Kind: kind, Subject: e.ID.Key(), At: at,
		Body: wirejson.Append(nil, polar.WebhookSessionPayload{Type: polar.EventType(kind), Timestamp: at, Data: SessionInfo(e, at)}),
	}
}

// LoginFailure describes a failed login.
type LoginFailure struct {
	Organization token.Key
	// Reason is a stable identifier such as "expired_code".
	Reason string
	// Email is the address to which the code was sent, or "" if the code was never issued.
	Email string
	// Customer is the customer whom the caller or the code identifies, or the zero id.
	Customer token.ID
	Client   session.Client
}

// LoginFailedEvent returns the event of a failed login.
func LoginFailedEvent(f LoginFailure, at time.Time) Event {
	id := token.NewID(at)
	return Event{
		ID: id, Organization: f.Organization, Kind: LoginFailed, Subject: id.Key(), At: at,
		Body: wirejson.Append(nil, polar.WebhookLoginFailedPayload{Type: polar.EventType(LoginFailed), Timestamp: at, Data: polar.WebhookLoginFailedData{
			Reason: polar.LoginFailure(f.Reason), Email: wirejson.OrNull(f.Email), CustomerID: (*polar.CustomerID)(f.Customer.StringOrNil()), IP: wirejson.OrNull(f.Client.IP), UserAgent: wirejson.OrNull(f.Client.UserAgent),
		}}),
	}
}

// SessionInfo returns a session in the form in which the API and events show it to its organization.
func SessionInfo(e session.Entry, now time.Time) polar.CustomerSessionInfo {
	info := polar.CustomerSessionInfo{
		CreatedAt: e.CreatedAt, ModifiedAt: e.ModifiedAt, ID: polar.SessionID(e.ID.String()), State: polar.SessionState(e.State(now)), ExpiresAt: e.ExpiresAt,
		Scopes: []polar.Scope{polar.ScopeCustomerPortalWrite}, CustomerID: polar.CustomerID(e.CustomerID.String()), MemberID: (*polar.MemberID)(e.MemberID.StringOrNil()),
		ReturnURL: wirejson.OrNull(e.ReturnURL), Metadata: polar.Metadata(e.Metadata), CreatedBy: (*polar.AccessTokenID)(e.CreatorID.StringOrNil()),
		CreatedIP: wirejson.OrNull(e.CreatedBy.IP), CreatedUserAgent: wirejson.OrNull(e.CreatedBy.UserAgent),
		LastSeenAt: wirejson.OrNull(e.LastUsedAt), LastSeenIP: wirejson.OrNull(e.LastUsedBy.IP), LastSeenUserAgent: wirejson.OrNull(e.LastUsedBy.UserAgent),
		EndedAt: e.EndedAt, IdleTimeout: wirejson.OrNull(e.IdleTimeout), EndReason: wirejson.OrNull(polar.Reason(e.EndReason)), Impersonated: e.Impersonated,
	}
	if e.ReadOnly {
		info.Scopes = []polar.Scope{polar.ScopeCustomerPortalRead}
	}
	return info
}

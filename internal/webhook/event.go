package webhook

import (
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// Kind is the type of an event on the wire.
type Kind string

// The kinds of events.
const (
	SessionCreated Kind = "session.created"
	// SessionFirstUsed is told within [session.FlushEvery] of the first use, and not of a session that was ended before that.
	SessionFirstUsed Kind = "session.first_used"
	// SessionRevoked tells of an end before its time: of each session, also when all of a holder are ended at once.
	SessionRevoked Kind = "session.revoked"
	SessionExpired Kind = "session.expired"
	// LoginFailed tells of a login code that was refused, where the code or the caller says whose customer it was about: of
	// a code that was merely guessed, nobody knows.
	LoginFailed Kind = "login.failed"
)

// Kinds returns every kind of event.
func Kinds() []Kind {
	return []Kind{SessionCreated, SessionFirstUsed, SessionRevoked, SessionExpired, LoginFailed}
}

// Event is something that has happened.
type Event struct {
	ID           token.ID
	Organization token.Key
	Kind         Kind
	// Subject is the key of the session; of an event without one, its own. Events with the same subject keep their order.
	Subject token.Key
	// At is when it happened: UTC, in whole microseconds.
	At time.Time
	// Body is what is sent: type, timestamp and data.
	Body []byte
}

// SessionEvent is an event of a session, which is described as it is then. It holds no token.
func SessionEvent(kind Kind, e session.Entry, at time.Time) Event {
	return Event{
		ID: token.NewID(at), Organization: e.Organization, Kind: kind, Subject: e.ID.Key(), At: at,
		Body: wirejson.Append(nil, polar.WebhookSessionPayload{Type: string(kind), Timestamp: at, Data: SessionInfo(e, at)}),
	}
}

// LoginFailure says how somebody could not log in.
type LoginFailure struct {
	Organization token.Key
	// Reason is a stable word such as "expired_code".
	Reason string
	// Email is where the code was sent; "" for a code that never was.
	Email string
	// Customer is whom the caller or the code named; zero for nobody.
	Customer token.ID
	Client   session.Client
}

// LoginFailedEvent is the event of a login that has failed.
func LoginFailedEvent(f LoginFailure, at time.Time) Event {
	id := token.NewID(at)
	return Event{
		ID: id, Organization: f.Organization, Kind: LoginFailed, Subject: id.Key(), At: at,
		Body: wirejson.Append(nil, polar.WebhookLoginFailedPayload{Type: string(LoginFailed), Timestamp: at, Data: polar.WebhookLoginFailedData{
			Reason: f.Reason, Email: wirejson.OrNull(f.Email), CustomerID: f.Customer.StringOrNil(), IP: wirejson.OrNull(f.Client.IP), UserAgent: wirejson.OrNull(f.Client.UserAgent),
		}}),
	}
}

// SessionInfo is a session as its issuer reads it, in the API and in events.
func SessionInfo(e session.Entry, now time.Time) polar.CustomerSessionInfo {
	info := polar.CustomerSessionInfo{
		CreatedAt: e.CreatedAt, ModifiedAt: e.ModifiedAt, ID: e.ID.String(), State: string(e.State(now)), ExpiresAt: e.ExpiresAt,
		Scopes: []polar.Scope{polar.ScopeCustomerPortalWrite}, CustomerID: e.CustomerID.String(), MemberID: e.MemberID.StringOrNil(),
		ReturnURL: wirejson.OrNull(e.ReturnURL), Metadata: polar.Metadata(e.Metadata), CreatedBy: e.CreatorID.StringOrNil(),
		CreatedIP: wirejson.OrNull(e.CreatedBy.IP), CreatedUserAgent: wirejson.OrNull(e.CreatedBy.UserAgent),
		LastSeenAt: wirejson.OrNull(e.LastUsedAt), LastSeenIP: wirejson.OrNull(e.LastUsedBy.IP), LastSeenUserAgent: wirejson.OrNull(e.LastUsedBy.UserAgent),
		EndedAt: e.EndedAt, EndReason: wirejson.OrNull(string(e.EndReason)),
	}
	if e.ReadOnly {
		info.Scopes = []polar.Scope{polar.ScopeCustomerPortalRead}
	}
	if e.IdleTimeout > 0 {
		seconds := int(e.IdleTimeout / time.Second)
		info.IdleTimeout = &seconds
	}
	return info
}

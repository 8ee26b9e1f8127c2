package api

import (
	"cmp"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/webhook"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// wireSessionInfo converts a session for its issuer.
func (a *api) wireSessionInfo(e session.Entry) polar.CustomerSessionInfo {
	return webhook.SessionInfo(e, a.Now())
}

// wireOwnSession converts a session for its holder.
func (c *call) wireOwnSession(e session.Entry) polar.CustomerPortalSession {
	created, used := e.ClientsForHolder()
	return polar.CustomerPortalSession{
		CreatedAt: e.CreatedAt, ID: polar.SessionID(e.ID.String()), Current: e.ID == c.subject.session.ID, ExpiresAt: e.ExpiresAt,
		CreatedIP: wirejson.OrNull(created.IP), CreatedUserAgent: wirejson.OrNull(created.UserAgent),
		LastSeenAt: wirejson.OrNull(e.LastUsedAt), LastSeenIP: wirejson.OrNull(used.IP), LastSeenUserAgent: wirejson.OrNull(used.UserAgent),
		Impersonated: e.Impersonated,
	}
}

var inspectionTexts = map[string]string{
	"live":      "The session is live.",
	"expired":   "The session has expired.",
	"revoked":   "The session was ended before its time.",
	"malformed": "This is not a token: its prefix, length or checksum is wrong. It may have been truncated.",
	"unknown":   "No session of this organization has this token, and none had it recently.",
}

func (a *api) wireInspection(status string, s session.Inspection) polar.CustomerSessionInspection {
	w := polar.CustomerSessionInspection{Status: polar.TokenStatus(status), Detail: cmp.Or(session.Reason(status).Inspection(), inspectionTexts[status])}
	if s.Known {
		info := a.wireSessionInfo(s.Entry)
		w.CustomerSession = &info
	}
	return w
}

func wireRevocation(r session.NamedRevocation) polar.CustomerSessionRevocation {
	return polar.CustomerSessionRevocation{
		CustomerID: (*polar.CustomerID)(r.CustomerID.StringOrNil()), MemberID: (*polar.MemberID)(r.MemberID.StringOrNil()),
		CustomerSessionID: (*polar.SessionID)(r.SessionID.StringOrNil()), Reason: polar.Reason(r.Reason), RevokedAt: r.At,
	}
}

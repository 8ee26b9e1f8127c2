package api

import (
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// listAuditLog handles GET /v1/audit-log/.
func (a *api) listAuditLog(c *call) error {
	in, err := body.ReadAuditLogList(c.query())
	if err != nil {
		return err
	}
	q := audit.Query{
		Organization: c.subject.organization.ID.Key(), Actor: (*token.ID)(in.ActorID), Target: (*token.ID)(in.TargetID), Customer: (*token.ID)(in.CustomerID),
		Action: audit.Action(orEmpty(in.Action)), Outcome: audit.Outcome(orEmpty(in.Outcome)), Since: timeOrZero(in.Since), Until: timeOrZero(in.Until),
		Page: in.Page, Limit: in.Limit, After: after(in.Paging),
	}
	if in.After != nil {
		q.Page = 1
	}
	list, total, err := a.Audit.List(c.Context(), q)
	if err != nil {
		return err
	}
	return answerList(c, list, total, in.Paging, wireAuditLogEntry)
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func wireAuditLogEntry(e audit.Entry) polar.AuditLogEntry {
	return polar.AuditLogEntry{
		CreatedAt: e.CreatedAt, ID: polar.AuditLogEntryID(e.ID.String()), Hash: wirejson.OrNull(e.Hash),
		OrganizationID: polar.OrganizationID(e.Organization.String()), Action: polar.AuditAction(e.Action), Outcome: polar.AuditOutcome(e.Outcome),
		Actor: polar.AuditLogActor{
			Type: polar.AuditActorType(e.Actor.Kind), ID: e.ActorID.StringOrNil(), SessionID: (*polar.SessionID)(e.Actor.Session.StringOrNil()), Name: wirejson.OrNull(e.Actor.Name),
		},
		Target:     polar.AuditLogTarget{Type: polar.AuditTargetType(e.Target.Kind), ID: e.Target.ID.StringOrNil()},
		CustomerID: (*polar.CustomerID)(e.Customer.StringOrNil()), MemberID: (*polar.MemberID)(e.Member.StringOrNil()),
		IPAddress: wirejson.OrNull(e.Actor.IP), UserAgent: wirejson.OrNull(e.Actor.UserAgent), Details: wireAuditLogDetails(e.Details),
	}
}

// wireAuditLogDetails converts stored details. Details that cannot be parsed count as truncated: only a change of the database
// behind Postern's back can cause that, which postern audit verify reports.
func wireAuditLogDetails(text string) polar.AuditLogDetails {
	d, err := audit.ReadDetails(text)
	w := polar.AuditLogDetails{
		Changed: d.Changed, PreviousRole: (*polar.MemberRole)(wirejson.OrNull(d.From)), Role: (*polar.MemberRole)(wirejson.OrNull(d.Role)),
		Reason: wirejson.OrNull(d.Reason), SessionsEnded: d.SessionsEnded, Anonymized: d.Anonymized, Omitted: d.Omitted, Truncated: d.Truncated || err != nil,
	}
	if w.Changed == nil {
		w.Changed = []string{}
	}
	w.Scopes = []polar.Scope{}
	for _, scope := range d.Scopes {
		w.Scopes = append(w.Scopes, polar.Scope(scope))
	}
	return w
}

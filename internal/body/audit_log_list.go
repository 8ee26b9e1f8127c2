package body

import (
	"time"

	"github.com/postern-go/postern/internal/audit"
)

// AuditLogList is the query of GET /v1/audit-log/. A nil filter was not given.
type AuditLogList struct {
	Paging
	ActorID, TargetID, CustomerID *[16]byte
	Action, Outcome               *string
	Since, Until                  *time.Time
}

// ReadAuditLogList reads the query of the audit log.
func ReadAuditLogList(values Query) (AuditLogList, error) {
	q := openQuery(values)
	in := AuditLogList{Paging: q.paging(), ActorID: q.oneUUID("actor_id")}
	actions := make([]string, len(audit.Actions))
	for i, row := range audit.Actions {
		actions[i] = string(row.Action)
	}
	in.Action = q.choice("action", actions...)
	in.Outcome = q.choice("outcome", string(audit.Succeeded), string(audit.Refused))
	in.TargetID, in.CustomerID = q.oneUUID("target_id"), q.oneUUID("customer_id")
	in.Since, in.Until = q.instant("since"), q.instant("until")
	return result(in, q.object)
}

// instant reads a time in the format of RFC 3339. It returns nil if the parameter was not given or is invalid.
func (q query) instant(name string) *time.Time {
	q.describe(name, false, Schema{Type: "string", Format: "date-time", Nullable: true})
	v, ok := q.last(name)
	if !ok {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, v.text)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		q.refuse(v, "datetime_parsing", "Input should be a valid datetime, such as 2026-10-01T12:00:00Z", nil, name)
		return nil
	}
	return &t
}

package polar

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// AuditLogService reads the audit log. The operations need an access token with [ScopeAuditLogRead].
type AuditLogService struct{ core *Core }

// AuditLogEntry is an entry of the audit log: who changed what, in whose account, when, from where, and with which
// outcome. It holds no secret, and no personal data except IP addresses, user agents and user names of the command
// line.
//
// Route: GET /v1/audit-log/ (Postern only).
type AuditLogEntry struct {
	CreatedAt time.Time       `json:"created_at"`
	ID        AuditLogEntryID `json:"id"`
	// Hash is the hash of this entry and all entries before it, in hexadecimal. It is nil until the entry is chained, which takes
	// about a second. Only the operator of the server can verify it, because the chain has the entries of all organizations.
	Hash           *string        `json:"hash"`
	OrganizationID OrganizationID `json:"organization_id"`
	// Action is what happened, such as [AuditAccessTokenRevoked].
	Action  AuditAction    `json:"action"`
	Outcome AuditOutcome   `json:"outcome"`
	Actor   AuditLogActor  `json:"actor"`
	Target  AuditLogTarget `json:"target"`
	// CustomerID and MemberID identify the customer and the member whose account or session was changed. They are nil
	// if there is none.
	CustomerID *CustomerID `json:"customer_id"`
	MemberID   *MemberID   `json:"member_id"`
	// IPAddress and UserAgent describe the actor's client. They are nil if there is none.
	IPAddress *string         `json:"ip_address"`
	UserAgent *string         `json:"user_agent"`
	Details   AuditLogDetails `json:"details"`
}

func (e *AuditLogEntry) check() error { return requireText("id", e.ID) }

// AuditLogActor is who caused a change.
type AuditLogActor struct {
	Type AuditActorType `json:"type"`
	// ID is the ID of the access token, also for operators, or of the customer or member. It is nil for other types.
	ID *string `json:"id"`
	// SessionID is the session that the actor used. It is nil if the actor used none.
	SessionID *SessionID `json:"session_id"`
	// Name is the user of the operating system on the command line, and otherwise nil.
	Name *string `json:"name"`
}

// AuditLogTarget is what was changed.
type AuditLogTarget struct {
	Type AuditTargetType `json:"type"`
	// ID is nil if the object has no ID.
	ID *string `json:"id"`
}

// AuditLogDetails describe a change further. Values that do not apply are nil, false, 0 or an empty list.
type AuditLogDetails struct {
	// Changed lists the fields that changed, without their values.
	Changed []string `json:"changed"`
	// Scopes are the scopes of an access token after the change.
	Scopes []Scope `json:"scopes"`
	// PreviousRole and Role are the roles of a member before and after the change.
	PreviousRole *MemberRole `json:"previous_role"`
	Role         *MemberRole `json:"role"`
	// Reason is why sessions ended or why an attempt was refused. It is "custom" for a reason that a caller has written.
	Reason *string `json:"reason"`
	// SessionsEnded is true if the change also ended sessions.
	SessionsEnded bool `json:"sessions_ended"`
	// Anonymized is true if personal data was erased.
	Anonymized bool `json:"anonymized"`
	// Omitted is the number of refused attempts before this entry that have no entry of their own.
	Omitted int `json:"omitted"`
	// Truncated is true if the lists were too long to be stored completely.
	Truncated bool `json:"truncated"`
}

// AuditLogListParams filters the audit log. The zero value selects all entries of the organization.
type AuditLogListParams struct {
	// ActorID selects the changes of an access token, customer or member. An empty ActorID selects all.
	ActorID string
	// Action and Outcome select the entries with this action or outcome. An empty value selects all.
	Action  AuditAction
	Outcome AuditOutcome
	// TargetID selects the changes of an object, and CustomerID those of a customer's account. An empty ID selects all.
	TargetID   string
	CustomerID CustomerID
	// Since and Until select the entries from Since, and before Until. The zero time is no limit.
	Since, Until time.Time
	Page         Page
}

func (p AuditLogListParams) call() call {
	f := filters{}
	f.addText("actor_id", p.ActorID)
	f.addText("action", string(p.Action))
	f.addText("outcome", string(p.Outcome))
	f.addText("target_id", p.TargetID)
	f.addText("customer_id", string(p.CustomerID))
	f.addTime("since", p.Since)
	f.addTime("until", p.Until)
	return call{op: &listAuditLog, query: url.Values(f)}
}

var listAuditLog = operation{
	name: "list audit log", method: http.MethodGet, path: "/v1/audit-log/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
}

// List iterates over the entries of the organization, newest first.
//
// Route: GET /v1/audit-log/ (Postern only).
func (s AuditLogService) List(ctx context.Context, params AuditLogListParams, opts ...Option) iter.Seq2[*AuditLogEntry, error] {
	return iterate[AuditLogEntry](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage returns one page of the list that [AuditLogService.List] iterates over.
func (s AuditLogService) ListPage(ctx context.Context, params AuditLogListParams, opts ...Option) (*List[AuditLogEntry], error) {
	return fetchPage[AuditLogEntry](ctx, s.core, params.call(), params.Page, opts)
}

// Package audit describes the audit log: who changed what, in whose account, when, from where, and with which
// outcome.
//
// The store writes an entry in the transaction of the change, so an entry exists if and only if the change was committed. The
// code that receives a request sets the actor, and the store reads it:
//
//	ctx = audit.WithActor(ctx, audit.Actor{Kind: audit.AccessToken, Key: t.ID.Key(), IP: ip, UserAgent: agent})
//	err := dir.RevokeAccessToken(ctx, org, id) // the store records access_token.revoked with this actor
//
// A [Service] does the rest: it chains the committed entries by hashes, verifies the chain, lists entries, and deletes the
// entries that are older than the retention.
//
//	log := audit.New(store, time.Now, audit.Options{Retention: audit.DefaultRetention})
//	report, err := log.Verify(ctx)
//
// An entry holds ids, names of fields, reasons and roles. It never holds a value of a field, such as an email address, and never
// a secret.
package audit

import (
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Event is what the store records in the transaction of a change. The store adds the id, the actor of the context and the time.
type Event struct {
	Action Action
	// Outcome is [Succeeded] if it is "".
	Outcome Outcome
	// Organization is the key of the organization that the change concerns, or 0 if it concerns the whole server.
	Organization token.Key
	// Target is what was changed.
	Target Target
	// Customer and Member are the keys of the customer and of the member whose account or session was changed, or 0.
	Customer, Member token.Key
	Details          Details
	// Actor replaces the actor of the context, unless its Kind is "".
	Actor Actor
}

// Entry is an entry of the audit log. An ID is zero if it does not apply.
type Entry struct {
	ID token.ID
	// Seq is the position in the chain, from 1, and Hash the hash of the entry and all entries before it, in hexadecimal. They
	// are 0 and "" until the entry is chained, which takes about a second.
	Seq  int64
	Hash string
	// Organization is zero if the entry concerns the whole server.
	Organization token.ID
	// CreatedAt is in UTC, in whole microseconds.
	CreatedAt time.Time
	Action    Action
	Outcome   Outcome
	// Actor is who caused the change. ActorID is its id. It is zero for actors without an id.
	Actor            Actor
	ActorID          token.ID
	Target           Target
	Customer, Member token.ID
	// Details is a JSON object. See [Details].
	Details string
}

// Outcome is whether an attempt succeeded.
type Outcome string

// The outcomes.
const (
	Succeeded Outcome = "succeeded"
	Refused   Outcome = "refused"
)

// Outcomes lists all outcomes.
var Outcomes = []Outcome{Succeeded, Refused}

// Target is the object of a change. ID is zero if the target has no id in the API.
type Target struct {
	Kind TargetKind
	ID   token.ID
}

// TargetKind is the type of a target.
type TargetKind string

// The types of targets.
const (
	OnServer          TargetKind = "server"
	OnOrganization    TargetKind = "organization"
	OnAccessToken     TargetKind = "access_token"
	OnOperatorSession TargetKind = "operator_session"
	OnEndpoint        TargetKind = "webhook_endpoint"
	OnEvent           TargetKind = "webhook_event"
	OnCustomer        TargetKind = "customer"
	OnMember          TargetKind = "member"
	OnSession         TargetKind = "session"
)

// TargetKinds lists all types of targets.
var TargetKinds = []TargetKind{OnServer, OnOrganization, OnAccessToken, OnOperatorSession, OnEndpoint, OnEvent, OnCustomer, OnMember,
	OnSession}

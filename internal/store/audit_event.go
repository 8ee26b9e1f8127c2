package store

import (
	"context"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// The functions of this file compare an object before and after a change, and return the events of the change. They return nothing
// if only fields changed that are not audited, such as times and counters.

func accessTokenEvent(action audit.Action, t directory.AccessToken, d audit.Details) audit.Event {
	return audit.Event{
		Action: action, Organization: t.Organization.Key(), Target: audit.Target{Kind: audit.OnAccessToken, ID: t.ID}, Details: d,
	}
}

// tokenSetEvents returns the events of a change of an organization's access tokens. target is the token that the change is about,
// or the zero ID.
func tokenSetEvents(org token.Key, target token.ID, was []directory.AccessToken, now directory.TokenSet) (events []audit.Event) {
	for i, t := range now.Tokens {
		add := func(action audit.Action, d audit.Details) { events = append(events, accessTokenEvent(action, t, d)) }
		if i >= len(was) {
			add(audit.AccessTokenCreated, audit.Details{Scopes: scopeNames(t.Scopes)})
			continue
		}
		changed := audit.ChangedFields(was[i], t, "ModifiedAt", "LastUsedAt", "RevokedAt")
		switch {
		case now.Rotated && t.ID == target:
			add(audit.AccessTokenRotated, audit.Details{})
		case was[i].RevokedAt == nil && t.RevokedAt != nil:
			add(audit.AccessTokenRevoked, audit.Details{Reason: reasonName(now.EndReason)})
		case changed != nil:
			add(audit.AccessTokenUpdated, audit.Details{Changed: changed, Scopes: scopeNames(t.Scopes)})
		}
	}
	if len(now.Ending) > 0 {
		events = append(events, audit.Event{
			Action: audit.AccessTokenSessionsEnded, Organization: org, Target: audit.Target{Kind: audit.OnAccessToken, ID: target},
			Details: audit.Details{Reason: reasonName(now.EndReason), AccessTokens: len(now.Ending)},
		})
	}
	return events
}

func organizationEvents(was, now directory.Organization, ended *directory.SessionEnd) (events []audit.Event) {
	add := func(action audit.Action, d audit.Details) {
		events = append(events, audit.Event{
			Action: action, Organization: now.ID.Key(), Target: audit.Target{Kind: audit.OnOrganization, ID: now.ID}, Details: d,
		})
	}
	changed := audit.ChangedFields(was, now, "Policy", "Portal", "Generation", "PendingGeneration", "BlockedAt", "Webhooks")
	changed = append(changed, audit.ChangedFields(was.Policy, now.Policy)...)
	if changed = append(changed, audit.ChangedFields(was.Portal, now.Portal)...); len(changed) > 0 {
		add(audit.OrganizationUpdated, audit.Details{Changed: changed})
	}
	switch {
	case was.BlockedAt == nil && now.BlockedAt != nil:
		add(audit.OrganizationBlocked, audit.Details{SessionsEnded: ended != nil})
	case was.BlockedAt != nil && now.BlockedAt == nil:
		add(audit.OrganizationUnblocked, audit.Details{})
	case ended != nil:
		add(audit.OrganizationSessionsEnded, audit.Details{Reason: reasonName(ended.Reason)})
	}
	return events
}

func endpointEvent(action audit.Action, e webhook.Endpoint, d audit.Details) audit.Event {
	return audit.Event{
		Action: action, Organization: e.Organization.Key(), Target: audit.Target{Kind: audit.OnEndpoint, ID: e.ID}, Details: d,
	}
}

func endpointEvents(was, now webhook.Endpoint) (events []audit.Event) {
	if changed := audit.ChangedFields(was, now, "Secret", "OldSecret", "OldUntil", "FailingAt", "ModifiedAt"); changed != nil {
		events = append(events, endpointEvent(audit.EndpointUpdated, now, audit.Details{Changed: changed}))
	}
	if was.Secret != now.Secret {
		events = append(events, endpointEvent(audit.EndpointSecretRotated, now, audit.Details{}))
	}
	return events
}

func customerEvent(action audit.Action, c directory.Customer, d audit.Details) audit.Event {
	return audit.Event{
		Action: action, Organization: c.Organization.Key(), Target: audit.Target{Kind: audit.OnCustomer, ID: c.ID}, Customer: c.ID.Key(), Details: d,
	}
}

func memberEvent(action audit.Action, m directory.Member, d audit.Details) audit.Event {
	return audit.Event{
		Action: action, Organization: m.Organization.Key(), Target: audit.Target{Kind: audit.OnMember, ID: m.ID},
		Customer: m.Customer.Key(), Member: m.ID.Key(), Details: d,
	}
}

// rosterEvents returns the events of a change of a customer and its members. Deleting a customer is one event, and so is ending
// all of its sessions.
func rosterEvents(was, now directory.Roster) (events []audit.Event) {
	if now.Customer.DeletedAt != nil {
		anonymized := was.Customer.Email != nil && now.Customer.Email == nil
		return []audit.Event{customerEvent(audit.CustomerDeleted, now.Customer, audit.Details{SessionsEnded: true, Anonymized: anonymized})}
	}
	endOf := func(member token.Key) (reason session.Reason, ended bool) {
		for _, e := range now.Ended {
			if e.Member == member {
				return e.Reason, true
			}
		}
		return "", false
	}
	reason, ended := endOf(0)
	changed := audit.ChangedFields(was.Customer, now.Customer, "Generation", "ModifiedAt", "OwnerEmail")
	switch {
	case directory.FoldEmail(textOf(was.Customer.Email)) != directory.FoldEmail(textOf(now.Customer.Email)):
		events = append(events, customerEvent(audit.CustomerEmailChanged, now.Customer, audit.Details{Changed: changed, SessionsEnded: ended}))
	case changed != nil:
		events = append(events, customerEvent(audit.CustomerUpdated, now.Customer, audit.Details{Changed: changed, SessionsEnded: ended}))
	case ended:
		events = append(events, customerEvent(audit.CustomerSessionsEnded, now.Customer, audit.Details{Reason: reasonName(reason)}))
	}
	for i, m := range now.Members {
		if i >= len(was.Members) {
			events = append(events, memberEvent(audit.MemberCreated, m, audit.Details{Role: string(m.Role)}))
			continue
		}
		reason, ended := endOf(m.ID.Key())
		events = append(events, memberEvents(was.Members[i], m, ended, reason)...)
	}
	if before, after := ownerOf(was), ownerOf(now); before != nil && after != nil && before.ID != after.ID {
		events = append(events, memberEvent(audit.CustomerOwnerChanged, *after, audit.Details{}))
	}
	return events
}

func memberEvents(was, now directory.Member, ended bool, reason session.Reason) (events []audit.Event) {
	add := func(action audit.Action, d audit.Details) {
		d.SessionsEnded = ended && action != audit.MemberSessionsEnded
		events = append(events, memberEvent(action, now, d))
	}
	if now.DeletedAt != nil {
		add(audit.MemberDeleted, audit.Details{Role: string(now.Role)})
		return events
	}
	if was.Role != now.Role {
		add(audit.MemberRoleChanged, audit.Details{From: string(was.Role), Role: string(now.Role)})
	}
	changed := audit.ChangedFields(was, now, "Generation", "ModifiedAt", "Role")
	switch {
	case directory.FoldEmail(textOf(was.Email)) != directory.FoldEmail(textOf(now.Email)):
		add(audit.MemberEmailChanged, audit.Details{Changed: changed})
	case changed != nil:
		add(audit.MemberUpdated, audit.Details{Changed: changed})
	case ended && events == nil:
		add(audit.MemberSessionsEnded, audit.Details{Reason: reasonName(reason)})
	}
	return events
}

func ownerOf(r directory.Roster) *directory.Member {
	for i := range r.Members {
		if m := &r.Members[i]; m.Role == directory.Owner && m.DeletedAt == nil {
			return m
		}
	}
	return nil
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func sessionEvent(action audit.Action, e session.Entry, d audit.Details) audit.Event {
	return audit.Event{
		Action: action, Organization: e.Organization, Target: audit.Target{Kind: audit.OnSession, ID: e.ID},
		Customer: e.Customer, Member: e.Member, Details: d,
	}
}

func sessionEvents(was, now session.Entry) []audit.Event {
	if was.EndedAt == nil && now.EndedAt != nil {
		return []audit.Event{sessionEvent(audit.SessionEnded, now, audit.Details{Reason: reasonName(now.EndReason)})}
	}
	type audited struct {
		ExpiresAt any
		Metadata  string
	}
	changed := audit.ChangedFields(audited{micros(was.ExpiresAt), metadataText(was.Metadata)}, audited{micros(now.ExpiresAt), metadataText(now.Metadata)})
	if changed == nil {
		return nil
	}
	return []audit.Event{sessionEvent(audit.SessionUpdated, now, audit.Details{Changed: changed})}
}

// creationEvents returns the events of a new session. Only sessions of holders who switch their account, and sessions that an operator
// creates on the operator pages, have one.
func creationEvents(ctx context.Context, e session.Entry) []audit.Event {
	switch {
	case !e.SwitchedFrom.IsZero():
		return []audit.Event{sessionEvent(audit.SessionSwitched, e, audit.Details{})}
	case e.Impersonated:
		return []audit.Event{sessionEvent(audit.ImpersonationBegan, e, audit.Details{})}
	case audit.ActorFrom(ctx).Kind == audit.Operator:
		return []audit.Event{sessionEvent(audit.SessionLinkCreated, e, audit.Details{})}
	}
	return nil
}

// signInEvent returns the event of a sign-in that created a session. Its actor is the holder, from where the visitor came.
func signInEvent(ctx context.Context, e session.Entry) audit.Event {
	event := sessionEvent(audit.SignedIn, e, audit.Details{})
	event.Actor = audit.ActorFrom(ctx)
	event.Actor.Kind, event.Actor.Key, event.Actor.Session = audit.Customer, e.Customer, e.ID
	if e.Member != 0 {
		event.Actor.Kind, event.Actor.Key = audit.Member, e.Member
	}
	return event
}

func secretRetiredEvent(d audit.Details) audit.Event {
	return audit.Event{Action: audit.SecretRetired, Target: audit.Target{Kind: audit.OnServer}, Details: d}
}

// reasonName returns the reason, or "custom" for a text of the issuer, which can contain anything. It returns "" for no reason.
func reasonName(reason session.Reason) string {
	if reason == "" || reason.Known() {
		return string(reason)
	}
	return "custom"
}

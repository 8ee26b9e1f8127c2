package admin

import (
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/webhook"
)

// stories are all stories, in the order of the navigation.
var stories = []story{
	{Name: "sign-in", template: "sign-in", title: "Sign in", signedOut: true, page: func(*request) any { return signInPage{storyToken("")} }},
	{
		Name: "sign-in-wrong", template: "sign-in", title: "Sign in", signedOut: true,
		page: func(*request) any { return signInPage{storyToken("This access token is not valid.")} },
	},
	{Name: "overview", template: "overview", title: "Overview", page: func(r *request) any { return storyOverview(r, liveCount{N: 12_345}, 1000) }},
	{Name: "overview-new", template: "overview", title: "Overview", page: func(r *request) any { return storyOverview(r, liveCount{}, 0) }},
	{Name: "overview-counting", template: "overview", title: "Overview", page: func(r *request) any { return storyOverview(r, liveCount{N: 10_000, More: true}, 10) }},
	{
		Name: "overview-counted", template: "overview", title: "Overview",
		page: func(r *request) any {
			shown := storyOverview(r, liveCount{N: 1_234_567, CountedAt: storyTime}, 1_000_000)
			shown.Activity.PendingEnds = 7
			return shown
		},
	},
	{
		Name: "overview-denied", template: "overview", title: "Overview", lacks: true,
		page: func(r *request) any { return overviewPage{Denied: r.denial(sessionsRead, "Viewing activity")} },
	},
	{Name: "customers", path: "customers", template: "customers", title: "Customers", page: func(r *request) any { return storyCustomers(r, "", 12) }},
	{Name: "customers-search", path: "customers", template: "customers", title: "Customers", page: func(r *request) any { return storyCustomers(r, "leila", 2) }},
	{Name: "customers-none", path: "customers", template: "customers", title: "Customers", page: func(r *request) any { return storyCustomers(r, "", 0) }},
	{Name: "customers-no-match", path: "customers", template: "customers", title: "Customers", page: func(r *request) any { return storyCustomers(r, "nobody", 0) }},
	{
		Name: "customers-address", path: "customers", template: "customers", title: "Customers",
		page: func(r *request) any {
			shown := storyCustomers(r, "192.0.2.7", 0)
			shown.SessionsFrom = r.Base + "/sessions"
			return shown
		},
	},
	{Name: "sessions", path: "sessions", template: "sessions", title: "Sessions", page: func(r *request) any { return storySessions(r, 8) }, note: noteEndedOne},
	{Name: "sessions-none", path: "sessions", template: "sessions", title: "Sessions", page: func(r *request) any { return storySessions(r, 0) }},
	{
		Name: "sessions-search-goes-on", path: "sessions", template: "sessions", title: "Sessions",
		page: func(r *request) any {
			shown := storySessions(r, 0)
			shown.Table.Search.Value, shown.Table.MoreHolders = "leila", true
			shown.Table.Pages = &keyPager{First: r.Base, Previous: r.Base, Next: r.Base, Last: r.Base, Rest: true}
			return shown
		},
	},
	{
		Name: "sessions-pending", path: "sessions", template: "sessions", title: "Sessions", note: noteEndedAll,
		page: func(r *request) any {
			shown := storySessions(r, 1)
			shown.PendingEnds = 1234
			return shown
		},
	},
	{
		Name: "sessions-read-only", path: "sessions", template: "sessions", title: "Sessions",
		page: func(r *request) any {
			shown := storySessions(r, 3)
			shown.MayEnd, shown.Table.MayEnd = false, false
			return shown
		},
	},
	{Name: "session", path: "sessions", template: "session", title: "Session", page: func(*request) any { return sessionPage{Row: storySession(0), Facts: storyFacts} }},
	{Name: "session-ended", path: "sessions", template: "session", title: "Session", page: func(*request) any { return sessionPage{Row: storySession(2), Facts: storyFacts} }},
	{
		Name: "session-denied", path: "sessions", template: "session", title: "Session", lacks: true,
		page: func(r *request) any {
			return sessionPage{Row: storySession(0), Facts: storyFacts, Denied: r.denial(sessionsWrite, "Ending sessions")}
		},
	},
	{Name: "session-end", path: "sessions", template: "confirm", title: "End the session of Leïla Öz", page: func(*request) any { return storyConfirm("") }},
	{
		Name: "session-end-wrong", path: "sessions", template: "confirm", title: "End the session of Leïla Öz", page: func(*request) any { return storyConfirm("Use at most 100 characters.") },
		errors: []page.FieldError{{Field: "reason", Label: "Reason", Text: "Use at most 100 characters."}},
	},
	{
		Name: "sign-in-end", path: "sign-ins", template: "confirm", title: "Sign out Support desk",
		page: func(*request) any {
			return confirmPage{Text: "This signs the operator out in that browser at once. The access token stays valid.", Submit: "Sign out", Cancel: "sign-ins", Facts: storyFacts}
		},
	},
	{Name: "audit-log", path: "audit-log", template: "audit-log", title: "Audit log", page: func(r *request) any { return storyAuditLog(r, 6) }},
	{Name: "audit-log-none", path: "audit-log", template: "audit-log", title: "Audit log", page: func(r *request) any { return storyAuditLog(r, 0) }},
	{
		Name: "audit-log-wrong", path: "audit-log", template: "audit-log", title: "Audit log", errors: []page.FieldError{{Field: "since", Label: "From (UTC)", Text: "Enter a day, such as 2026-10-31."}},
		page: func(r *request) any {
			shown := storyAuditLog(r, 0)
			shown.Since.Error = "Enter a day, such as 2026-10-31."
			return shown
		},
	},
	{Name: "deliveries", path: "deliveries", template: "deliveries", title: "Webhook deliveries", page: func(r *request) any { return storyDeliveries(r, 4, 1) }},
	{Name: "deliveries-sent", path: "deliveries", template: "deliveries", title: "Webhook deliveries", note: noteResent, page: func(r *request) any { return storyDeliveries(r, 1, 1) }},
	{Name: "deliveries-none", path: "deliveries", template: "deliveries", title: "Webhook deliveries", page: func(r *request) any { return storyDeliveries(r, 0, 1) }},
	{Name: "deliveries-no-endpoint", path: "deliveries", template: "deliveries", title: "Webhook deliveries", page: func(r *request) any { return storyDeliveries(r, 0, 0) }},
	{
		Name: "deliveries-denied", path: "deliveries", template: "deliveries", title: "Webhook deliveries", lacks: true,
		page: func(r *request) any {
			shown := storyDeliveries(r, 2, 1)
			shown.Denied = r.denial(webhooksWrite, "Sending events again")
			return shown
		},
	},
	{Name: "failed-mails", path: "failed-mails", template: "failed-mails", title: "Failed mails", page: func(*request) any { return storyMails }},
	{Name: "failed-mails-none", path: "failed-mails", template: "failed-mails", title: "Failed mails", page: func(*request) any { return failedMailsPage{Total: "0 mails"} }},
	{
		Name: "problem", template: "problem", title: "Something went wrong",
		page: func(*request) any {
			return problemPage{Title: "Something went wrong", Text: "The server could not answer the request. Its log has the details.", RequestID: "req_1"}
		},
	},
}

const storyLongName = "Donaudampfschifffahrtsgesellschaftskapitän & Söhne Verwaltungsgesellschaft mit beschränkter Haftung"

func storyToken(mistake string) *page.Field {
	return &page.Field{ID: "token", Name: "token", Label: "Access token", Type: "password", Error: mistake, Alone: true, Required: true}
}

func storyOverview(r *request, live liveCount, most int) overviewPage {
	minutes, hours := make([]session.Count, session.ActivityLength), make([]session.Count, session.ActivityHours)
	for i := range minutes {
		minutes[i] = session.Count{At: storyTime.Add(time.Duration(i-len(minutes)+1) * time.Minute), Created: most * (i % 7) / 7, Verified: most * i, Refused: most / 10 * (i % 2)}
	}
	for i := range hours {
		hours[i] = session.Count{At: storyTime.Truncate(time.Hour).Add(time.Duration(i-len(hours)+1) * time.Hour), Created: most * i, LoggedIn: most * (i % 5), Ended: most * (i % 3)}
	}
	return overviewPage{
		Activity: &activityView{Live: live, At: storyTime, Charts: minuteCharts("Acme", minutes), DayCharts: hourCharts("Acme", hours), Minutes: minutes, Hours: hours},
		Facts:    []fact{{"Name", r.org.Name}, {"Slug", r.org.Slug}, {"ID", r.org.ID.String()}, {"Portal", "http://localhost/acme/portal"}},
		Scopes:   []scopeFact{{"customers:read", true}, {"customer_sessions:write", false}},
	}
}

// storyNames are the names of customers.
var storyNames = []string{"Leïla Öz", "Ada Lovelace", storyLongName, "山田 太郎", "a@example.com"}

func storyCustomers(r *request, query string, rows int) customersPage {
	shown := customersPage{Query: query, Order: r.selectField("order", "Order", customerOrders), Total: count(rows, "customer"), Export: r.Base + "/customers.csv"}
	for i := range rows {
		shown.Customers = append(shown.Customers, customerRow{
			ID: storyID.String(), Title: storyNames[i%len(storyNames)], Subtitle: fmt.Sprintf("customer%d@example.com", i), ExternalID: fmt.Sprintf("user_%d", i), Type: "individual", CreatedAt: storyTime,
		})
	}
	if rows > 10 {
		shown.Total, shown.Pages = "at least 5,000 customers", &keyPager{First: r.Base, Previous: r.Base, Next: r.Base, Last: r.Base}
	}
	return shown
}

func storySession(i int) sessionRow {
	states := []session.State{session.Live, session.Live, session.Revoked, session.Expired}
	row := sessionRow{
		ID: storyID.String(), State: stateNames[states[i%len(states)]], Who: storyNames[i%len(storyNames)], Customer: storyID.String(), By: "Backend",
		CreatedAt: storyTime, EndsAt: storyTime.Add(time.Hour), Impersonated: i%5 == 1, ReadOnly: i%5 == 3,
	}
	if i%2 == 0 {
		row.LastUsedAt, row.LastUsedIP, row.Of = storyTime, "2001:db8:1234:5678:9abc:def0:1234:5678", "Engines"
	}
	if states[i%len(states)] == session.Revoked {
		row.EndReason = "fraud"
	}
	return row
}

func storySessions(r *request, rows int) sessionsPage {
	t := &sessionTable{
		Action: "sessions", State: r.selectField("state", "State", states), Order: r.selectField("order", "Order", sessionOrders), Total: count(rows, "session"), Back: "sessions", MayEnd: true,
		Search: &page.Field{ID: "q", Name: "q", Label: "Search by customer, email, ID or IP address", Type: "search"},
	}
	for i := range rows {
		t.Rows = append(t.Rows, storySession(i))
	}
	if rows > 5 {
		t.Pages = &keyPager{Next: r.Base, Last: r.Base}
	}
	return sessionsPage{Table: t, MayEnd: true, Export: r.Base + "/sessions.csv"}
}

var storyFacts = []timedFact{
	{Label: "Created", At: storyTime}, {Label: "Created by", Text: "Backend"}, {Label: "Last used from", Text: "192.0.2.7"},
	{Label: "Browser", Text: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}, {Label: "ID", Text: storyID.String()},
}

func storyConfirm(mistake string) confirmPage {
	reason := reasonField()
	reason.Error = mistake
	return confirmPage{
		Text:   "This signs out Leïla Öz where this session is used. It takes effect at once and cannot be undone. Other sessions are not affected.",
		Submit: "End the session", Cancel: "sessions", Facts: storyFacts, Fields: []*page.Field{&reason},
	}
}

func storyAuditLog(r *request, rows int) auditLogPage {
	shown := auditLogPage{Total: count(rows, "entry"), Export: r.Base + "/audit-log.csv"}
	r.auditQuery(&shown)
	for i := range rows {
		e := audit.Entry{
			CreatedAt: storyTime, Action: audit.Actions[i*5].Action, Outcome: audit.Outcomes[i%2], Actor: audit.Actor{Kind: audit.ActorKinds[i], IP: "192.0.2.7"}, ActorID: storyID,
			Target: audit.Target{Kind: audit.TargetKinds[i], ID: storyID}, Details: audit.Details{Changed: []string{"name", "email"}, Reason: "fraud"}.Text(),
		}
		shown.Rows = append(shown.Rows, newAuditRow(e, meanings[e.Action]))
	}
	return shown
}

func storyDeliveries(r *request, rows, endpoints int) deliveriesPage {
	url := "https://hooks.example.com/a/rather/long/path/that/has/to/be/wrapped/on/a/phone"
	shown := deliveriesPage{
		Endpoint: r.selectField("endpoint", "Endpoint", []page.Option{{Text: "All"}, {Value: storyID.String(), Text: url}}), State: r.selectField("state", "State", []page.Option{{Text: "All"}}),
		Type: r.selectField("type", "Event", []page.Option{{Text: "All"}}), Total: count(rows, "delivery"), Endpoints: endpoints,
	}
	states, failures := []webhook.State{webhook.Pending, webhook.Succeeded, webhook.Failed, webhook.Pending}, []string{"timeout", "", "status", ""}
	for i := range rows {
		d := webhook.Delivery{
			ID: storyID, State: states[i], Attempts: i, HTTPCode: 500 * (i % 2), Error: failures[i], NextAt: storyTime.Add(time.Hour), CreatedAt: storyTime,
			Event: webhook.Event{ID: storyID, Kind: webhook.Kinds()[i], Body: []byte(`{"type":"session.created","timestamp":"2026-10-01T12:34:00Z","data":{"id":"` + storyID.String() + `"}}`)},
		}
		if i > 0 {
			d.ModifiedAt = &storyTime
		}
		row := newDeliveryRow(d, url)
		row.Event = fmt.Sprintf("%s%d", row.Event[:len(row.Event)-1], i)
		shown.Rows = append(shown.Rows, row)
	}
	return shown
}

var storyMails = failedMailsPage{Total: "3 mails", Mails: []directory.FailedMail{
	{At: storyTime, Kind: "login code", Email: "leila@example.com", Error: "550 5.1.1 no such mailbox", Attempts: 1},
	{At: storyTime, Kind: "email change", Email: "a.very.long.address.that.nobody.would.type.by.hand@subdomain.of.a.subdomain.example.com", Error: "421 try again later", Attempts: 12},
	{At: storyTime, Kind: "notice", Email: "user@例え.jp", Error: "dial tcp 192.0.2.25:587: connect: connection refused", Attempts: 12},
}}

package admin

import (
	"net/http"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// auditLogPage is the data of the template "audit-log".
type auditLogPage struct {
	Action, Outcome, Customer, Actor, Since, Until, Order page.Field
	Rows                                                  []auditRow
	// Total is the number of entries with a noun.
	Total  string
	Pages  *keyPager
	Export string
}

type auditRow struct {
	At                          time.Time
	Action, Meaning             string
	Refused                     bool
	Who, WhoID                  string
	Target, TargetID            string
	Customer, IP, Changed, More string
}

// actorNames are the names of the types of actors on the page.
var actorNames = map[audit.ActorKind]string{
	audit.AccessToken: "API", audit.Operator: "Operator", audit.Customer: "Customer", audit.Member: "Member", audit.Visitor: "Not signed in",
	audit.CommandLine: "Command line", audit.ServerItself: "Server",
}

// meanings are the descriptions of all actions.
var meanings = func() map[audit.Action]string {
	all := map[audit.Action]string{}
	for _, row := range audit.Actions {
		all[row.Action] = row.Meaning
	}
	return all
}()

// auditLog answers GET /admin/audit-log.
func (r *request) auditLog() error {
	shown := r.newView("Audit log")
	content := auditLogPage{Export: r.exportLink()}
	q := r.auditQuery(&content)
	status := http.StatusOK
	if shown.Errors = page.ErrorsOf(content.Customer, content.Actor, content.Since, content.Until); len(shown.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	found, err := r.admin.audit.Browse(r.Context(), q, r.keyRange())
	if err != nil {
		return err
	}
	content.Total, content.Pages = countOf(found.Count, "entry"), r.newKeyPager(r.keyRange(), found.Previous, found.Next, len(found.Rows))
	for _, e := range found.Rows {
		content.Rows = append(content.Rows, newAuditRow(e, meanings[e.Action]))
	}
	shown.Page = content
	return r.show(status, "audit-log", shown)
}

// auditQuery returns the entries that the query parameters select, and sets the filters of the page.
func (r *request) auditQuery(content *auditLogPage) audit.Query {
	actions := []page.Option{{Text: "All"}}
	for _, row := range audit.Actions {
		actions = append(actions, page.Option{Value: string(row.Action), Text: string(row.Action)})
	}
	content.Action = r.selectField("action", "Action", actions)
	content.Outcome = r.selectField("outcome", "Outcome", []page.Option{{Text: "All"}, {Value: string(audit.Succeeded), Text: "Succeeded"}, {Value: string(audit.Refused), Text: "Refused"}})
	content.Order = r.selectField("order", "Order", sessionOrders)
	q := audit.Query{
		Organization: r.org.ID.Key(), Action: audit.Action(content.Action.Value), Outcome: audit.Outcome(content.Outcome.Value), Ascending: content.Order.Value == "oldest",
	}
	content.Customer, q.Customer = r.idField("customer", "Customer ID", "Enter the ID of a customer, such as "+r.org.ID.String()+".")
	content.Actor, q.Actor = r.idField("actor", "ID of who did it", "Enter the ID of an access token, a customer or a member, such as "+r.org.ID.String()+".")
	content.Since, q.Since = r.dayField("since", "From (UTC)")
	content.Until, q.Until = r.dayField("until", "Until (UTC)")
	if !q.Until.IsZero() {
		q.Until = q.Until.AddDate(0, 0, 1) // the day itself is included
	}
	return q
}

// idField returns a filter by ID. An ID that is not valid selects nothing.
func (r *request) idField(name, label, mistake string) (page.Field, *token.ID) {
	f := page.Field{ID: name, Name: name, Label: label, Type: "text", Value: line(r.URL.Query().Get(name)), Autocomplete: "off"}
	if f.Value == "" {
		return f, nil
	}
	id, ok := token.ParseID(f.Value)
	if !ok {
		f.Error = mistake
	}
	return f, &id
}

// dayField returns a filter by day. A day that is not valid has no effect.
func (r *request) dayField(name, label string) (page.Field, time.Time) {
	f := page.Field{ID: name, Name: name, Label: label, Type: "date", Value: line(r.URL.Query().Get(name))}
	if f.Value == "" {
		return f, time.Time{}
	}
	day, err := time.Parse(time.DateOnly, f.Value)
	if err != nil {
		f.Error = "Enter a day, such as 2026-10-31."
	}
	return f, day
}

func newAuditRow(e audit.Entry, meaning string) auditRow {
	row := auditRow{
		At: e.CreatedAt, Action: string(e.Action), Meaning: meaning, Refused: e.Outcome == audit.Refused, Who: actorNames[e.Actor.Kind], WhoID: e.Actor.Name,
		Target: strings.ReplaceAll(string(e.Target.Kind), "_", " "), IP: e.Actor.IP,
	}
	if !e.ActorID.IsZero() {
		row.WhoID = e.ActorID.String()
	}
	if !e.Target.ID.IsZero() {
		row.TargetID = e.Target.ID.String()
	}
	if !e.Customer.IsZero() && e.Customer != e.Target.ID {
		row.Customer = e.Customer.String()
	}
	if d, err := audit.ReadDetails(e.Details); err == nil {
		row.Changed, row.More = strings.Join(d.Changed, ", "), d.Reason
		if d.Role != "" {
			row.More = d.Role
		}
	}
	return row
}

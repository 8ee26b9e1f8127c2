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
	Action, Customer page.Field
	Rows             []auditRow
	Total            int
	Pages            *page.Pager
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

// auditLog answers GET /admin/audit-log.
func (r *request) auditLog() error {
	query := r.URL.Query()
	action := page.Field{ID: "action", Name: "action", Label: "Action", Options: []page.Option{{Text: "All"}}}
	meanings := map[audit.Action]string{}
	for _, row := range audit.Actions {
		action.Options = append(action.Options, page.Option{Value: string(row.Action), Text: string(row.Action)})
		meanings[row.Action] = row.Meaning
	}
	action.Options, action.Value = chosen(action.Options, query.Get("action"))
	customer := page.Field{ID: "customer", Name: "customer", Label: "Customer ID", Type: "text", Value: line(query.Get("customer"))}
	q := audit.Query{Organization: r.org.ID.Key(), Action: audit.Action(action.Value), Page: r.PageNumber(), Limit: listed}
	shown := r.newView("Audit log")
	status := http.StatusOK
	if customer.Value != "" {
		id, ok := token.ParseID(customer.Value)
		if !ok {
			status, customer.Error = http.StatusUnprocessableEntity, "Enter the ID of a customer, such as "+r.org.ID.String()+"."
		}
		q.Customer = &id // an ID that is not valid selects nothing
	}
	entries, total, err := r.admin.audit.List(r.Context(), q)
	if err != nil {
		return err
	}
	content := auditLogPage{Action: action, Customer: customer, Total: total, Pages: r.NewPager(r.Path, r.PageNumber(), total, listed)}
	for _, e := range entries {
		content.Rows = append(content.Rows, newAuditRow(e, meanings[e.Action]))
	}
	shown.Page = content
	return r.show(status, "audit-log", shown)
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

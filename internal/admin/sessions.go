package admin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// sessions answers GET /admin/sessions.
func (r *request) sessions() error {
	table, err := r.sessionTable("sessions", 0, nil)
	if err != nil {
		return err
	}
	pending, err := r.pendingEnds()
	if err != nil {
		return err
	}
	shown := r.newView("Sessions")
	shown.Page = sessionsPage{table, pending, r.may(sessionsWrite)}
	return r.show(http.StatusOK, "sessions", shown)
}

// states are the options of the filter by state. The first one is the default.
var states = []page.Option{
	{Value: string(session.Live), Text: "Live"}, {Value: string(session.Revoked), Text: "Ended early"}, {Value: string(session.Expired), Text: "Expired"}, {Value: "all", Text: "All"},
}

var stateNames = map[session.State]string{session.Live: "Live", session.Revoked: "Ended", session.Expired: "Expired"}

// chosen marks the option with the value as chosen. If no option has the value, it marks the first option. It returns the
// options and the chosen value.
func chosen(all []page.Option, value string) ([]page.Option, string) {
	all = slices.Clone(all)
	at := max(0, slices.IndexFunc(all, func(o page.Option) bool { return o.Value == value }))
	all[at].Chosen = true
	return all, all[at].Value
}

// sessionTable returns the table of sessions that the query parameters select. The table lists the sessions of one customer, or
// of the organization if customer is 0. If the customer has several members, the table has a filter by member.
func (r *request) sessionTable(action string, customer token.Key, members []memberRow) (*sessionTable, error) {
	query := r.URL.Query()
	state := page.Field{ID: "state", Name: "state", Label: "State"}
	order := page.Field{ID: "order", Name: "order", Label: "Order"}
	state.Options, state.Value = chosen(states, query.Get("state"))
	order.Options, order.Value = chosen([]page.Option{{Value: "latest", Text: "Latest first"}, {Value: "oldest", Text: "Oldest first"}}, query.Get("order"))
	q := session.Query{Organization: r.org.ID.Key(), Customer: customer, Oldest: order.Value == "oldest", Page: r.PageNumber(), Limit: listed}
	if state.Value != "all" {
		q.State = session.State(state.Value)
	}
	var member *page.Field
	if len(members) > 1 {
		member = &page.Field{ID: "member", Name: "member", Label: "Member", Options: []page.Option{{Text: "All"}}}
		for _, m := range members {
			member.Options = append(member.Options, page.Option{Value: m.ID, Text: m.Title})
		}
		member.Options, member.Value = chosen(member.Options, query.Get("member"))
	}
	if wanted := query.Get("member"); customer != 0 && wanted != "" {
		id, _ := token.ParseID(wanted) // the zero ID, which no member has, if the text is not an ID
		q.MemberID = &id
	}
	page, total, err := r.Sessions.List(r.Context(), q)
	if err != nil {
		return nil, err
	}
	t := &sessionTable{Action: action, State: state, Order: order, Member: member, Total: total, Pages: r.NewPager(r.Path, r.PageNumber(), total, listed), MayEnd: r.may(sessionsWrite)}
	known := r.names()
	for _, e := range page {
		row, err := known.row(e)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// session answers GET /admin/sessions/{id}.
func (r *request) session() error {
	id, err := r.id()
	if err != nil {
		return err
	}
	e, err := r.Sessions.Get(r.Context(), r.org.ID.Key(), id)
	if err != nil {
		return err
	}
	shown, err := r.sessionView(e)
	if err != nil {
		return err
	}
	return r.show(http.StatusOK, "session", shown)
}

func (r *request) sessionView(e session.Entry) (view, error) {
	shown := r.newView("Session")
	row, err := r.names().row(e)
	if err != nil {
		return shown, err
	}
	content := sessionPage{Row: row, Denied: r.denial(sessionsWrite, "Ending sessions"), Reason: reasonField()}
	add := func(label, text string) {
		if text != "" {
			content.Facts = append(content.Facts, timedFact{Label: label, Text: text})
		}
	}
	content.Facts = append(content.Facts, timedFact{Label: "Created", At: e.CreatedAt})
	add("Created by", row.By)
	add("Created from", e.CreatedBy.IP)
	add("Created with", e.CreatedBy.UserAgent)
	if !e.LastUsedAt.IsZero() {
		content.Facts = append(content.Facts, timedFact{Label: "Last used", At: e.LastUsedAt})
	}
	add("Last used from", e.LastUsedBy.IP)
	add("Last used with", e.LastUsedBy.UserAgent)
	if e.EndedAt != nil {
		content.Facts = append(content.Facts, timedFact{Label: "Ended", At: *e.EndedAt})
	} else {
		content.Facts = append(content.Facts, timedFact{Label: "Ends", At: e.EndsAt()})
	}
	add("Reason", string(e.EndReason))
	if e.IdleTimeout > 0 {
		add("Idle timeout", formatDuration(e.IdleTimeout))
	}
	add("Return URL", e.ReturnURL)
	add("ID", e.ID.String())
	for _, name := range slices.Sorted(maps.Keys(e.Metadata)) {
		content.Metadata = append(content.Metadata, fact{name, fmt.Sprint(e.Metadata[name])})
	}
	shown.Page = content
	return shown, nil
}

// names looks up the names of customers, members and access tokens, each of them only once. If the operator may not read a
// name, names returns the ID instead.
type names struct {
	r     *request
	known map[token.Key]string
	// tokens are the names of access tokens. They are loaded when they are first needed.
	tokens map[token.Key]string
}

func (r *request) names() *names { return &names{r: r, known: map[token.Key]string{}} }

func (n *names) row(e session.Entry) (row sessionRow, err error) {
	state := e.State(n.r.Now())
	row = sessionRow{
		ID: e.ID.String(), State: stateNames[state], Customer: e.CustomerID.String(), ReadOnly: e.ReadOnly, Impersonated: e.Impersonated,
		CreatedAt: e.CreatedAt, LastUsedAt: e.LastUsedAt, EndsAt: e.EndsAt(), EndReason: string(e.EndReason), LastUsedIP: e.LastUsedBy.IP,
	}
	if e.EndedAt != nil {
		row.EndsAt = *e.EndedAt
	}
	if row.Who, err = n.customer(e.Customer, row.Customer); err != nil {
		return row, err
	}
	if e.Member != 0 {
		row.Of = row.Who
		if row.Who, err = n.member(e.Member, e.MemberID.String()); err != nil {
			return row, err
		}
		if row.Of == row.Who {
			row.Of = ""
		}
	}
	row.By, err = n.creator(e)
	return row, err
}

// customer returns the name of a customer. It returns the ID if the operator may not read customers or the customer was
// deleted.
func (n *names) customer(key token.Key, id string) (string, error) {
	return n.lookUp(key, id, customersRead, func() (string, error) {
		c, err := n.r.Directory.CustomerByKey(n.r.Context(), key)
		return customerName(c), err
	})
}

func (n *names) member(key token.Key, id string) (string, error) {
	return n.lookUp(key, id, membersRead, func() (string, error) {
		m, err := n.r.Directory.MemberByKey(n.r.Context(), key)
		return memberName(m), err
	})
}

func (n *names) lookUp(key token.Key, id string, needs scopes, find func() (string, error)) (string, error) {
	if name, found := n.known[key]; found {
		return name, nil
	}
	name := id
	if n.r.may(needs) {
		found, err := find()
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		if err == nil {
			name = found
		}
	}
	n.known[key] = name
	return name, nil
}

package admin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// sessions answers GET /admin/sessions.
func (r *request) sessions() error {
	table, err := r.sessionTable(0, nil)
	if err != nil {
		return err
	}
	pending, err := r.pendingEnds()
	if err != nil {
		return err
	}
	shown := r.newView("Sessions")
	shown.Page = sessionsPage{table, pending, r.may(sessionsWrite), r.exportLink()}
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
func (r *request) sessionTable(customer token.Key, members []memberRow) (*sessionTable, error) {
	state, order := r.selectField("state", "State", states), r.selectField("order", "Order", sessionOrders)
	t := &sessionTable{Action: r.Path, State: state, Order: order, MayEnd: r.may(sessionsWrite), Back: withQuery(r.Path, r.URL.Query())}
	q := r.sessionQuery()
	if len(members) > 1 {
		options := []page.Option{{Text: "All"}}
		for _, m := range members {
			options = append(options, page.Option{Value: m.ID, Text: m.Title})
		}
		member := r.selectField("member", "Member", options)
		t.Member = &member
	}
	found, err := r.findSessions(&q, t, customer)
	if err != nil {
		return nil, err
	}
	t.Total, t.Pages = countOf(found.Count, "session"), r.newKeyPager(q.Range, found.Previous, found.Next, len(found.Rows))
	known := r.names()
	for _, e := range found.Rows {
		row, err := known.row(e)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// sessionQuery returns the sessions that the filters by state and the order select.
func (r *request) sessionQuery() session.BrowseQuery {
	_, state := chosen(states, r.URL.Query().Get("state"))
	_, order := chosen(sessionOrders, r.URL.Query().Get("order"))
	q := session.BrowseQuery{Organization: r.org.ID.Key(), Oldest: order == "oldest", Range: r.keyRange()}
	if state != "all" {
		q.State = session.State(state)
	}
	return q
}

var sessionOrders = []page.Option{{Value: "latest", Text: "Latest first"}, {Value: "oldest", Text: "Oldest first"}}

// findSessions returns a page of the sessions of a customer, or of the organization if customer is 0. For the organization, the text
// of the search can be the ID of a session, a customer or a member, an IP address, or a text that customers are searched for.
func (r *request) findSessions(q *session.BrowseQuery, t *sessionTable, customer token.Key) (found keyset.Page[session.Entry], err error) {
	if customer != 0 {
		holder := session.HolderKey{Customer: customer}
		if wanted := r.URL.Query().Get("member"); wanted != "" {
			holder.Member = -1 // no member has this key
			if id, ok := token.ParseID(wanted); ok {
				if m, err := r.Directory.MemberByKey(r.Context(), id.Key()); err == nil && m.ID == id {
					holder.Member = id.Key()
				}
			}
		}
		q.Holders = []session.HolderKey{holder}
		return r.Sessions.Browse(r.Context(), *q)
	}
	t.Search = &page.Field{ID: "q", Name: "q", Label: "Search by customer, email, ID or IP address", Type: "search", Value: r.searched(), MaxLength: maxQuery}
	if t.Search.Value == "" {
		return r.Sessions.Browse(r.Context(), *q)
	}
	if q.IP = address(t.Search.Value); q.IP != "" {
		return r.Sessions.Browse(r.Context(), *q)
	}
	if id, ok := token.ParseID(t.Search.Value); ok {
		e, err := r.Sessions.Get(r.Context(), r.org.ID.Key(), id)
		if !fault.Is(err, fault.NotFound) {
			return keyset.Page[session.Entry]{Rows: []session.Entry{e}, Count: keyset.Count{N: 1}}, err
		}
		q.Holders = []session.HolderKey{{Customer: id.Key()}}
		if m, err := r.Directory.MemberByKey(r.Context(), id.Key()); err == nil && m.ID == id {
			q.Holders = []session.HolderKey{{Customer: m.Customer.Key(), Member: id.Key()}}
		}
		return r.Sessions.Browse(r.Context(), *q)
	}
	if q.Holders, t.MoreHolders, err = r.findHolders(t.Search.Value); err != nil {
		return found, err
	}
	return r.Sessions.Browse(r.Context(), *q)
}

// findHolders returns the customers that a text selects, and the members whose whole address it is. It reports whether there are more
// customers than [session.MaxHolders].
func (r *request) findHolders(text string) (holders []session.HolderKey, more bool, err error) {
	found, err := r.Directory.BrowseCustomers(r.Context(), directory.BrowseQuery{
		Organization: r.org.ID.Key(), Text: text, Order: directory.Newest, Range: keyset.Range{Limit: session.MaxHolders},
	})
	if err != nil {
		return nil, false, err
	}
	holders = []session.HolderKey{}
	for _, c := range found.Rows {
		holders = append(holders, session.HolderKey{Customer: c.ID.Key()})
	}
	if len(holders) > 0 || !strings.Contains(text, "@") {
		return holders, found.Next != 0, nil
	}
	members, err := r.Directory.HoldersByEmail(r.Context(), r.org, text)
	for _, h := range members[:min(len(members), session.MaxHolders)] {
		holder := session.HolderKey{Customer: h.Customer.ID.Key()}
		if h.Member != nil {
			holder.Member = h.Member.ID.Key()
		}
		holders = append(holders, holder)
	}
	return holders, len(members) > len(holders), err
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
	content := sessionPage{Row: row, Denied: r.denial(sessionsWrite, "Ending sessions")}
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

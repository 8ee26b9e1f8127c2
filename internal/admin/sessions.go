package admin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// sessions is /admin/sessions.
func (v *visit) sessions() error {
	table, err := v.sessionTable("sessions", 0, nil)
	if err != nil {
		return err
	}
	untold, err := v.untold()
	if err != nil {
		return err
	}
	shown := v.frame("Sessions")
	shown.Page = sessionsPage{table, untold, v.may(sessionsWrite)}
	return v.show(http.StatusOK, "sessions", shown)
}

// states are the filters, and the first is what is shown when nobody asks.
var states = []option{
	{Value: string(session.Live), Text: "Live"}, {Value: string(session.Revoked), Text: "Ended early"}, {Value: string(session.Expired), Text: "Expired"}, {Value: "all", Text: "All"},
}

var stateNames = map[session.State]string{session.Live: "Live", session.Revoked: "Ended", session.Expired: "Expired"}

// chosen are options of which one is chosen: the first, unless the value is another one's.
func chosen(all []option, value string) ([]option, string) {
	all = slices.Clone(all)
	at := max(0, slices.IndexFunc(all, func(o option) bool { return o.Value == value }))
	all[at].Chosen = true
	return all, all[at].Value
}

// sessionTable has the sessions of the organization, or of a customer, that the address asks for. Of several members, it can be one's.
func (v *visit) sessionTable(action string, customer token.Key, members []memberRow) (*sessionTable, error) {
	asked := v.URL.Query()
	state := field{ID: "state", Name: "state", Label: "State"}
	order := field{ID: "order", Name: "order", Label: "Order"}
	state.Options, state.Value = chosen(states, asked.Get("state"))
	order.Options, order.Value = chosen([]option{{Value: "latest", Text: "Latest first"}, {Value: "oldest", Text: "Oldest first"}}, asked.Get("order"))
	q := session.Query{Organization: v.org.ID.Key(), Customer: customer, Oldest: order.Value == "oldest", Page: v.pageNumber(), Limit: listed}
	if state.Value != "all" {
		q.State = session.State(state.Value)
	}
	var member *field
	if len(members) > 1 {
		member = &field{ID: "member", Name: "member", Label: "Member", Options: []option{{Text: "All"}}}
		for _, m := range members {
			member.Options = append(member.Options, option{Value: m.ID, Text: m.Title})
		}
		member.Options, member.Value = chosen(member.Options, asked.Get("member"))
		if id, named := token.ParseID(member.Value); named {
			q.Member = id.Key()
		}
	}
	page, total, err := v.Sessions.List(v.Context(), q)
	if err != nil {
		return nil, err
	}
	t := &sessionTable{Action: action, State: state, Order: order, Member: member, Total: total, Pages: v.pager(total), MayEnd: v.may(sessionsWrite)}
	known := v.names()
	for _, e := range page {
		row, err := known.row(e)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// session is /admin/sessions/{id}.
func (v *visit) session() error {
	id, err := v.id()
	if err != nil {
		return err
	}
	e, err := v.Sessions.Get(v.Context(), v.org.ID.Key(), id)
	if err != nil {
		return err
	}
	shown, err := v.sessionView(e)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "session", shown)
}

func (v *visit) sessionView(e session.Entry) (view, error) {
	shown := v.frame("Session")
	row, err := v.names().row(e)
	if err != nil {
		return shown, err
	}
	page := sessionPage{Row: row, Denied: v.unless(sessionsWrite, "Ending sessions"), Reason: reasonField()}
	add := func(label, text string) {
		if text != "" {
			page.Facts = append(page.Facts, timedFact{Label: label, Text: text})
		}
	}
	page.Facts = append(page.Facts, timedFact{Label: "Made", At: e.CreatedAt})
	add("Made by", row.By)
	add("Made from", e.CreatedBy.IP)
	add("Made with", e.CreatedBy.UserAgent)
	if !e.LastUsedAt.IsZero() {
		page.Facts = append(page.Facts, timedFact{Label: "Last seen", At: e.LastUsedAt})
	}
	add("Last seen from", e.LastUsedBy.IP)
	add("Last seen with", e.LastUsedBy.UserAgent)
	if e.EndedAt != nil {
		page.Facts = append(page.Facts, timedFact{Label: "Ended", At: *e.EndedAt})
	} else {
		page.Facts = append(page.Facts, timedFact{Label: "Ends", At: e.EndsAt()})
	}
	add("Why it ended", string(e.EndReason))
	if e.IdleTimeout > 0 {
		add("Ends when idle for", lasting(e.IdleTimeout))
	}
	add("Leads back to", e.ReturnURL)
	add("Id", e.ID.String())
	for _, name := range slices.Sorted(maps.Keys(e.Metadata)) {
		page.Metadata = append(page.Metadata, fact{name, fmt.Sprint(e.Metadata[name])})
	}
	shown.Page = page
	return shown, nil
}

// names finds out who somebody is, each once, and as far as the operator may know it.
type names struct {
	v     *visit
	known map[token.Key]string
	// tokens are what people call access tokens; nil until somebody asks.
	tokens map[token.Key]string
}

func (v *visit) names() *names { return &names{v: v, known: map[token.Key]string{}} }

func (n *names) row(e session.Entry) (row sessionRow, err error) {
	state := e.State(n.v.Now())
	row = sessionRow{
		ID: e.ID.String(), State: stateNames[state], Customer: e.CustomerID.String(), ReadOnly: e.ReadOnly, Impersonated: e.Impersonated(),
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

// customer is the name of one; its id where the operator may not know it, and where it is gone.
func (n *names) customer(key token.Key, id string) (string, error) {
	return n.of(key, id, customersRead, func() (string, error) {
		c, err := n.v.Directory.CustomerByKey(n.v.Context(), key)
		return nameOf(c), err
	})
}

func (n *names) member(key token.Key, id string) (string, error) {
	return n.of(key, id, membersRead, func() (string, error) {
		m, err := n.v.Directory.MemberByKey(n.v.Context(), key)
		return memberName(m), err
	})
}

func (n *names) of(key token.Key, id string, needs scopes, find func() (string, error)) (string, error) {
	if name, found := n.known[key]; found {
		return name, nil
	}
	name := id
	if n.v.may(needs) {
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

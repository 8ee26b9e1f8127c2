package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// listed is the number of rows on a page of a list.
const listed = 50

var customerOrders = []page.Option{
	{Value: string(directory.Newest), Text: "Newest first"}, {Value: string(directory.Oldest), Text: "Oldest first"}, {Value: string(directory.ByName), Text: "By name"},
}

// customers answers GET /admin/customers.
func (r *request) customers() error {
	order := r.selectField("order", "Order", customerOrders)
	found, err := r.findCustomers(directory.CustomerOrder(order.Value), r.keyRange())
	if err != nil {
		return err
	}
	shown := r.newView("Customers")
	content := customersPage{
		Query: r.searched(), Order: order, Total: countOf(found.Count, "customer"), Pages: r.newKeyPager(r.keyRange(), found.Previous, found.Next, len(found.Rows)),
		Export: r.exportLink(),
	}
	if ip := address(content.Query); ip != "" && r.may(sessionsRead) {
		content.SessionsFrom = withQuery(r.Base+"/sessions", url.Values{"q": {ip}, "state": {"all"}})
	}
	for _, c := range found.Rows {
		content.Customers = append(content.Customers, newCustomerRow(c))
	}
	shown.Page = content
	return r.show(http.StatusOK, "customers", shown)
}

// findCustomers returns a page of the customers that the text of the search selects: an ID, a part of a name, an email address or an
// external ID, or the whole address of a member.
func (r *request) findCustomers(order directory.CustomerOrder, k keyset.Range) (keyset.Page[directory.Customer], error) {
	text := r.searched()
	if id, ok := token.ParseID(text); ok {
		c, err := r.Directory.Customer(r.Context(), r.org, id)
		if fault.Is(err, fault.NotFound) {
			return keyset.Page[directory.Customer]{}, nil
		}
		return keyset.Page[directory.Customer]{Rows: []directory.Customer{c}, Count: keyset.Count{N: 1}}, err
	}
	found, err := r.Directory.BrowseCustomers(r.Context(), directory.BrowseQuery{Organization: r.org.ID.Key(), Text: text, Order: order, Range: k})
	if err != nil || found.Count.N > 0 || !strings.Contains(text, "@") || !r.may(membersRead) {
		return found, err
	}
	holders, err := r.Directory.HoldersByEmail(r.Context(), r.org, text)
	for _, h := range holders[:min(len(holders), listed)] {
		if !slices.ContainsFunc(found.Rows, func(c directory.Customer) bool { return c.ID == h.Customer.ID }) {
			found.Rows = append(found.Rows, h.Customer)
		}
	}
	found.Count.N = len(found.Rows)
	return found, err
}

func newCustomerRow(c directory.Customer) customerRow {
	row := customerRow{ID: c.ID.String(), Title: customerName(c), ExternalID: page.OrEmpty(c.ExternalID), Type: string(c.Type), CreatedAt: c.CreatedAt}
	if email := customerEmail(c); email != row.Title {
		row.Subtitle = email
	}
	return row
}

// customerName returns the name of a customer. If the customer has no name, it returns the email address, the external ID or
// the ID: the first that is set.
func customerName(c directory.Customer) string {
	for _, name := range []string{page.OrEmpty(c.Name), customerEmail(c), page.OrEmpty(c.ExternalID)} {
		if name != "" {
			return name
		}
	}
	return c.ID.String()
}

func customerEmail(c directory.Customer) string {
	if c.Email != nil {
		return *c.Email
	}
	return page.OrEmpty(c.OwnerEmail)
}

// membersShown is the number of members that a customer's page lists.
const membersShown = 100

// customer answers GET /admin/customers/{id}.
func (r *request) customer() error {
	c, err := r.customerInPath()
	if err != nil {
		return err
	}
	shown := r.newView(customerName(c))
	content := customerPage{
		ID: c.ID.String(), Title: customerName(c), Facts: factsOf(c), ImpersonationFor: session.ImpersonationLifetime,
		MembersDenied:  r.denial(membersRead, "Viewing members"),
		SessionsDenied: r.denial(sessionsRead, "Viewing sessions"),
		ActDenied:      r.denial(sessionsWrite, "Creating and ending sessions"),
	}
	if content.MembersDenied == nil {
		if err := r.addMembers(&content, c); err != nil {
			return err
		}
	}
	// A session of an individual belongs to the member who owns the customer. If the customer has no members, the first session
	// creates the owner.
	if content.ActDenied == nil && !r.needsMember(c) && !(r.org.MemberModel && len(content.Members) > 0) {
		content.Access = r.portalAccess(c, nil)
	}
	if content.SessionsDenied == nil {
		if content.Sessions, err = r.sessionTable(c.ID.Key(), content.Members); err != nil {
			return err
		}
		content.Sessions.Customer = content.ID
	}
	shown.Page = content
	return r.show(http.StatusOK, "customer", shown)
}

// needsMember reports whether only members of the customer can hold sessions, and not the customer itself.
func (r *request) needsMember(c directory.Customer) bool {
	return r.org.MemberModel && c.Type == directory.Team
}

func (r *request) addMembers(content *customerPage, c directory.Customer) error {
	members, total, err := r.Directory.Members(r.Context(), directory.MemberQuery{
		Organization: r.org.ID.Key(), Customer: c.ID.Key(), Sort: []directory.Sort{{By: "created_at"}}, Page: directory.Page{Number: 1, Limit: membersShown},
	})
	if err != nil {
		return err
	}
	content.MoreMembers = total - len(members)
	for _, m := range members {
		row := memberRow{ID: m.ID.String(), Title: memberName(m), Role: roles[m.Role]}
		row.Letter = page.Initial(row.Title)
		if email := page.OrEmpty(m.Email); email != row.Title {
			row.Subtitle = email
		}
		if content.ActDenied == nil && r.org.MemberModel {
			row.Access = r.portalAccess(c, &m)
		}
		content.Members = append(content.Members, row)
	}
	return nil
}

var roles = map[directory.Role]string{directory.Owner: "Owner", directory.BillingManager: "Billing manager", directory.OrdinaryMember: "Member"}

func memberName(m directory.Member) string {
	for _, name := range []string{page.OrEmpty(m.Name), page.OrEmpty(m.Email)} {
		if name != "" {
			return name
		}
	}
	return m.ID.String()
}

func factsOf(c directory.Customer) []timedFact {
	facts := []timedFact{{Label: "Type", Text: string(c.Type)}}
	for _, f := range []fact{{"Email", customerEmail(c)}, {"External ID", page.OrEmpty(c.ExternalID)}, {"Language", page.OrEmpty(c.Locale)}} {
		if f.Text != "" {
			facts = append(facts, timedFact{Label: f.Label, Text: f.Text})
		}
	}
	return append(facts, timedFact{Label: "Created", At: c.CreatedAt}, timedFact{Label: "ID", Text: c.ID.String()})
}

// customerInPath returns the customer whose ID is in the path, or fault.NotFound.
func (r *request) customerInPath() (directory.Customer, error) {
	id, err := r.id()
	if err != nil {
		return directory.Customer{}, err
	}
	return r.Directory.Customer(r.Context(), r.org, id)
}

// lifetimes returns the session lifetimes that the form offers. It leaves out lifetimes that the organization's policy does not
// allow.
func (r *request) lifetimes() []page.Option {
	var all []page.Option
	for _, d := range []time.Duration{15 * time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour} {
		if r.org.Policy.CheckLifetime(&d) == nil {
			all = append(all, page.Option{Value: strconv.Itoa(int(d / time.Second)), Text: formatDuration(d), Chosen: d == time.Hour})
		}
	}
	return all
}

package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
)

// listed is how many entries are on a page of a list.
const listed = 50

// customers is /admin/customers.
func (v *visit) customers() error {
	query := line(v.URL.Query().Get("q"))
	q := directory.CustomerQuery{
		Organization: v.org.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: v.pageNumber(), Limit: listed},
	}
	if query != "" {
		q.Text = &query
	}
	found, total, err := v.Directory.Customers(v.Context(), q)
	if err != nil {
		return err
	}
	shown := v.frame("Customers")
	page := customersPage{Query: query, Total: total, Pages: v.pager(total)}
	for _, c := range found {
		page.Customers = append(page.Customers, rowOf(c))
	}
	shown.Page = page
	return v.show(http.StatusOK, "customers", shown)
}

func rowOf(c directory.Customer) customerRow {
	row := customerRow{ID: c.ID.String(), Title: nameOf(c), ExternalID: orEmpty(c.ExternalID), Type: string(c.Type), CreatedAt: c.CreatedAt}
	if email := emailOf(c); email != row.Title {
		row.Subtitle = email
	}
	return row
}

// nameOf is what people call a customer.
func nameOf(c directory.Customer) string {
	for _, name := range []string{orEmpty(c.Name), emailOf(c), orEmpty(c.ExternalID)} {
		if name != "" {
			return name
		}
	}
	return c.ID.String()
}

func emailOf(c directory.Customer) string {
	if c.Email != nil {
		return *c.Email
	}
	return orEmpty(c.OwnerEmail)
}

// pager leads through the pages of what is shown now.
func (v *visit) pager(total int) *pager {
	p := &pager{Page: v.pageNumber(), Last: max(1, (total+listed-1)/listed)}
	if p.Last == 1 && p.Page == 1 {
		return nil
	}
	at := func(n int) string {
		q := url.Values{}
		for name, values := range v.URL.Query() {
			q[name] = values
		}
		q.Set("page", strconv.Itoa(n))
		return "?" + q.Encode()
	}
	if p.Page > 1 {
		p.Previous = at(min(p.Page-1, p.Last))
	}
	if p.Page < p.Last {
		p.Next = at(p.Page + 1)
	}
	return p
}

// membersShown is how many members are on the page of their customer.
const membersShown = 100

// customer is /admin/customers/{id}.
func (v *visit) customer() error {
	c, err := v.customerInPath()
	if err != nil {
		return err
	}
	shown := v.frame(nameOf(c))
	page := customerPage{
		ID: c.ID.String(), Title: nameOf(c), Facts: factsOf(c), ImpersonationFor: session.ImpersonationLifetime,
		MembersDenied:  v.unless(membersRead, "Seeing members"),
		SessionsDenied: v.unless(sessionsRead, "Seeing sessions"),
		ActDenied:      v.unless(sessionsWrite, "Letting anybody in, or ending sessions,"),
	}
	if page.MembersDenied == nil {
		if err := v.addMembers(&page, c); err != nil {
			return err
		}
	}
	// Who holds a session of an individual is its owner, who may not be there yet.
	if page.ActDenied == nil && !v.needsMember(c) && !(v.org.MemberModel && len(page.Members) > 0) {
		page.Enter = v.enterForm(c, nil)
	}
	if page.SessionsDenied == nil {
		if page.Sessions, err = v.sessionTable("customers/"+page.ID, c.ID.Key(), page.Members); err != nil {
			return err
		}
		page.Sessions.Customer = page.ID
	}
	shown.Page = page
	return v.show(http.StatusOK, "customer", shown)
}

// needsMember reports whether only members of the customer can have sessions, and not the customer as a whole.
func (v *visit) needsMember(c directory.Customer) bool {
	return v.org.MemberModel && c.Type == directory.Team
}

func (v *visit) addMembers(page *customerPage, c directory.Customer) error {
	members, total, err := v.Directory.Members(v.Context(), directory.MemberQuery{
		Organization: v.org.ID.Key(), Customer: c.ID.Key(), Sort: []directory.Sort{{By: "created_at"}}, Page: directory.Page{Number: 1, Limit: membersShown},
	})
	if err != nil {
		return err
	}
	page.MoreMembers = total - len(members)
	for _, m := range members {
		row := memberRow{ID: m.ID.String(), Title: memberName(m), Role: roles[m.Role]}
		row.Letter = initial(row.Title)
		if email := orEmpty(m.Email); email != row.Title {
			row.Subtitle = email
		}
		if page.ActDenied == nil && v.org.MemberModel {
			row.Enter = v.enterForm(c, &m)
		}
		page.Members = append(page.Members, row)
	}
	return nil
}

var roles = map[directory.Role]string{directory.Owner: "Owner", directory.BillingManager: "Billing manager", directory.Plain: "Member"}

func memberName(m directory.Member) string {
	for _, name := range []string{orEmpty(m.Name), orEmpty(m.Email)} {
		if name != "" {
			return name
		}
	}
	return m.ID.String()
}

func factsOf(c directory.Customer) []timedFact {
	facts := []timedFact{{Label: "Type", Text: string(c.Type)}}
	for _, f := range []fact{{"Email", emailOf(c)}, {"External id", orEmpty(c.ExternalID)}, {"Language", orEmpty(c.Locale)}} {
		if f.Text != "" {
			facts = append(facts, timedFact{Label: f.Label, Text: f.Text})
		}
	}
	return append(facts, timedFact{Label: "Created", At: c.CreatedAt}, timedFact{Label: "Id", Text: c.ID.String()})
}

// customerInPath is the customer whom the path names, or fault.NotFound.
func (v *visit) customerInPath() (directory.Customer, error) {
	id, err := v.id()
	if err != nil {
		return directory.Customer{}, err
	}
	return v.Directory.Customer(v.Context(), v.org, id)
}

// lifetimes are how long a session from here can last, as far as the organization lets any.
func (v *visit) lifetimes() []option {
	var all []option
	for _, d := range []time.Duration{15 * time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour} {
		if v.org.Policy.CheckLifetime(&d) == nil {
			all = append(all, option{strconv.Itoa(int(d / time.Second)), lasting(d), d == time.Hour})
		}
	}
	return all
}

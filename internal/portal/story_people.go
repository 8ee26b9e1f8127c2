package portal

import (
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// The functions in this file sign in the customers and members of the stories.

func signedIn(r *request, c directory.Customer, m *directory.Member) {
	r.session = &session.Session{
		ID: storyID(20), Kind: token.Customer, Customer: c.ID.Key(), CreatedAt: noon.Add(-18 * time.Minute), ExpiresAt: noon.Add(42*time.Minute + 30*time.Second),
	}
	r.holder = directory.Holder{Customer: c, Member: m}
	if m != nil {
		r.session.Kind, r.session.Member = token.Member, m.ID.Key()
	}
}

func storyCustomer(kind directory.CustomerType, name string) directory.Customer {
	return directory.Customer{
		ID: storyID(1), Type: kind, Email: new("ada@example.com"), EmailVerified: true, Name: new(name),
		BillingAddress: &directory.Address{Line1: new("12 St James’s Square"), PostalCode: new("SW1Y 4JH"), City: new("London"), Country: "GB"},
		TaxID:          &directory.TaxID{Value: "GB980780684", Format: "gb_vat"},
	}
}

func individual(r *request) {
	signedIn(r, storyCustomer(directory.Individual, "Ada Lovelace"), &directory.Member{
		ID: storyID(30), Email: new("ada@example.com"), Name: new("Ada Lovelace"), Role: directory.Owner,
	})
}

// american signs in a customer in a country whose states are listed.
func american(r *request) {
	individual(r)
	r.holder.Customer.BillingAddress = &directory.Address{Line1: new("1 Main Street"), PostalCode: new("94105"), City: new("San Francisco"), State: new("US-CA"), Country: "US"}
}

// customer signs in a customer without members, who has only an email address.
func customer(r *request) {
	signedIn(r, directory.Customer{ID: storyID(1), Type: directory.Individual, Email: new("somebody@example.com")}, nil)
}

func owner(r *request)   { inStoryTeam(r, 0) }
func manager(r *request) { inStoryTeam(r, 1) }
func member(r *request)  { inStoryTeam(r, 2) }

func inStoryTeam(r *request, n int) {
	signedIn(r, storyCustomer(directory.Team, "Analytical Engines Ltd"), &storyMembers(3)[n])
}

func ending(r *request)   { r.session.ExpiresAt = noon.Add(4*time.Minute + 10*time.Second) }
func readOnly(r *request) { r.session.ReadOnly = true }

// impersonated signs in a team member of the merchant who looks at the account of an individual.
func impersonated(r *request) {
	individual(r)
	readOnly(r)
	r.session.Impersonated = true
}

// returning sets a return URL and a logo. continuing sets a URL to open after the sign-in.
func returning(r *request) {
	r.session.ReturnURL = "https://app.example.com/account"
	r.org.Portal.LogoURL = StorybookPath + "/assets/" + files().Address("icon.svg")
}

func continuing(r *request) {
	r.org.Portal.ReturnHosts = []string{"app.example.com"}
	r.returnTo.url = "https://app.example.com/reports"
}

// continueStory shows the page of a link that signs in a customer. The story does not submit its form.
func continueStory(name, email string) func(r *request) view {
	return func(r *request) view {
		c := directory.Customer{ID: storyID(7)}
		if name != "" {
			c.Name, c.Email = &name, &email
		}
		return r.continueView(link{text: "link", holder: directory.Holder{Customer: c}}, false)
	}
}

func storyMembers(n int) []directory.Member {
	people := []directory.Member{
		{Name: new("Ada Lovelace"), Email: new("ada@example.com"), Role: directory.Owner},
		{Name: new("Charles Babbage"), Email: new("charles@example.com"), Role: directory.BillingManager},
		{Email: new("mary.somerville@example.com"), Role: directory.OrdinaryMember},
		{Name: new("Grace Hopper"), Email: new("grace@example.com"), Role: directory.OrdinaryMember},
	}
	people = people[:min(n, len(people))]
	for i := range people {
		people[i].ID = storyID(int64(30 + i))
	}
	return people
}

func teamStory(total int, errs map[string]string) func(r *request) view {
	return func(r *request) view {
		return r.teamView(storyMembers(total), total, min(2, 1+total/membersPerPage), addValues{role: string(directory.OrdinaryMember)}, errs)
	}
}

func invalidTeam(r *request) view {
	return r.teamView(storyMembers(3), 3, 1, addValues{"grace@", "Grace Hopper", "billing_manager"}, map[string]string{
		"email": r.localizer.Text("error.email"), "name": r.localizer.Text("error.long"), "": r.localizer.Text("team.refused"),
	})
}

func settingsStory(f settingsForms) func(r *request) view {
	return func(r *request) view {
		f.billing = billingValues(r.holder.Customer)
		return r.settingsView(f)
	}
}

func invalidSettings(r *request) view {
	say := r.localizer.Text
	return r.settingsView(settingsForms{
		billing: map[string]string{"billing_address.line1": "12 St James’s Square", "billing_address.state": "Middlesex", "tax_id": "?"},
		errs: map[string]string{
			"billing_name": say("error.cleared"), "billing_address.country": say("error.country.missing"), "billing_address.line1": say("error.characters"),
			"billing_address.state": say("error.state"), "tax_id": say("error.tax-id"),
		},
		email: "ada@example.com", emailError: say("settings.email.same"),
	})
}

func sessionsStory(n, total int) func(r *request) view {
	agents := []session.Client{
		{IP: "203.0.113.7", UserAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"},
		{IP: "2001:db8::7", UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"},
		{IP: "198.51.100.23", UserAgent: "curl/8.14.1"},
		{},
	}
	return func(r *request) view {
		var own []session.Entry
		for i, from := range agents[:n] {
			e := session.Entry{Record: session.Record{Session: session.Session{
				ID: storyID(int64(20 + i)), CreatedAt: noon.Add(-time.Duration(18+i*300) * time.Minute), ExpiresAt: noon.Add(time.Duration(42+i*90) * time.Minute),
			}}, CreatedBy: from}
			if from == (session.Client{}) {
				e.Creator = 1 // a session that a server of the organization has created
			}
			if i%2 == 0 {
				e.LastUsedAt = noon.Add(-time.Duration(i) * 55 * time.Minute)
			}
			own = append(own, e)
		}
		return r.sessionsView(own, total)
	}
}

func overviewStory(accounts ...directory.Holder) func(r *request) view {
	return func(r *request) view {
		if !r.inTeam() {
			return r.overviewView(accounts, nil, 0)
		}
		return r.overviewView(accounts, storyMembers(2), 3)
	}
}

// storyAccounts are a team and an account without a name.
func storyAccounts() []directory.Holder {
	team := storyCustomer(directory.Team, "Royal Society for the Improvement of Natural Knowledge")
	return []directory.Holder{{Customer: team, Member: &storyMembers(2)[1]}, {Customer: directory.Customer{ID: storyID(2), Type: directory.Individual}}}
}

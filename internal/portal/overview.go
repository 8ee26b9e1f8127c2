package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
)

// overview answers GET /{slug}/portal/overview.
func (r *request) overview() error {
	accounts, err := r.Login.Accounts(r.Context(), r.session, r.holder)
	if err != nil {
		return err
	}
	managers, more, err := r.managers()
	if err != nil {
		return err
	}
	return r.show(http.StatusOK, "overview", r.overviewView(accounts, managers, more))
}

// managersShown is the number of a team's managers that the overview names.
const managersShown = 5

// managers returns the first members who manage the team, the owner first, and the number of the others. It returns none if the customer
// has no team.
func (r *request) managers() (named []directory.Member, more int, err error) {
	if !r.inTeam() {
		return nil, 0, nil
	}
	for _, role := range []directory.Role{directory.Owner, directory.BillingManager} {
		found, total, err := r.Directory.Members(r.Context(), directory.MemberQuery{
			Organization: r.org.ID.Key(), Customer: r.holder.Customer.ID.Key(), Role: role, Sort: []directory.Sort{{By: "created_at"}},
			Page: directory.Page{Number: 1, Limit: managersShown},
		})
		if err != nil {
			return nil, 0, err
		}
		found = found[:min(len(found), managersShown-len(named))]
		named, more = append(named, found...), more+total-len(found)
	}
	return named, more, nil
}

// overviewView returns the overview page. The page names the managers of the team. more is the number of managers that it does not name.
func (r *request) overviewView(accounts []directory.Holder, managers []directory.Member, more int) view {
	shown := r.newView(r.localizer.Text("page.overview"))
	shown.Refresh = shown.Session.refresh()
	content := overviewPage{Continue: r.allowedReturn(r.returnTo), Name: r.ownName(), Email: page.OrEmpty(r.holder.Email()), Links: shown.Nav[1:]}
	if r.holder.Member != nil {
		content.Role = r.localizer.role(r.holder.Member.Role)
	}
	content.Kind, content.MoreManagers = r.localizer.Text("kind.individual"), more
	for _, m := range managers {
		content.Managers = append(content.Managers, teamManager{shorten(memberName(m)), r.localizer.role(m.Role)})
	}
	if r.holder.Customer.Type == directory.Team {
		content.Kind = r.localizer.Text("kind.team")
		content.Account = page.OrEmpty(r.holder.Customer.Name)
	}
	for _, h := range accounts {
		content.Accounts = append(content.Accounts, r.account(h))
	}
	shown.Page = content
	return shown
}

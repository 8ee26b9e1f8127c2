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
	return r.show(http.StatusOK, "overview", r.overviewView(accounts))
}

func (r *request) overviewView(accounts []directory.Holder) view {
	shown := r.newView(r.localizer.Text("page.overview"))
	shown.Refresh = shown.Session.refresh()
	content := overviewPage{Continue: r.allowedReturn(r.returnTo), Name: r.ownName(), Email: page.OrEmpty(r.holder.Email()), Links: shown.Nav[1:]}
	if r.holder.Member != nil {
		content.Role = r.localizer.role(r.holder.Member.Role)
	}
	if r.holder.Customer.Type == directory.Team {
		content.Account = page.OrEmpty(r.holder.Customer.Name)
	}
	for _, h := range accounts {
		content.Accounts = append(content.Accounts, r.account(h))
	}
	shown.Page = content
	return shown
}

package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/directory"
)

// overview is /{slug}/portal/overview.
func (v *visit) overview() error { return v.show(http.StatusOK, "overview", v.overviewView()) }

func (v *visit) overviewView() view {
	shown := v.frame(v.tongue.Text("page.overview"))
	shown.Refresh = shown.Session.refresh()
	page := overviewPage{Continue: v.allowedReturn(v.memory.Return), Name: v.ownName(), Email: orEmpty(v.holder.Email()), Links: shown.Nav[1:]}
	if v.holder.Member != nil {
		page.Role = v.tongue.role(v.holder.Member.Role)
	}
	if v.holder.Customer.Type == directory.Team {
		page.Account = orEmpty(v.holder.Customer.Name)
	}
	shown.Page = page
	return shown
}

package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
)

// overview answers GET /{slug}/portal/overview.
func (r *request) overview() error { return r.show(http.StatusOK, "overview", r.overviewView()) }

func (r *request) overviewView() view {
	shown := r.newView(r.localizer.Text("page.overview"))
	shown.Refresh = shown.Session.refresh()
	content := overviewPage{Continue: r.allowedReturn(r.memory.Return), Name: r.ownName(), Email: page.OrEmpty(r.holder.Email()), Links: shown.Nav[1:]}
	if r.holder.Member != nil {
		content.Role = r.localizer.role(r.holder.Member.Role)
	}
	if r.holder.Customer.Type == directory.Team {
		content.Account = page.OrEmpty(r.holder.Customer.Name)
	}
	shown.Page = content
	return shown
}

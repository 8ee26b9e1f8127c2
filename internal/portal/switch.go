package portal

import (
	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
)

func (r *request) account(h directory.Holder) account {
	a := account{ID: h.Customer.ID.String(), Name: shorten(page.OrEmpty(h.Customer.Name))}
	if h.Member != nil && h.Customer.Type == directory.Team {
		a.Role = r.localizer.role(h.Member.Role)
	}
	return a
}

// switchAccount answers POST /{slug}/portal/switch, which signs the customer in to another account with the same email address.
func (r *request) switchAccount() error {
	id, err := body.PathUUID("account", r.PostForm.Get("account"))
	if err != nil {
		return page.ErrForm.Because(err)
	}
	issued, err := r.Login.Switch(r.Context(), r.session, r.holder, id, r.Client())
	if err != nil {
		return err
	}
	r.setSession(issued.Token, issued.Session)
	r.rememberDevice(issued.Session)
	if r.holder, err = r.Directory.HolderByKeys(r.Context(), issued.Customer, issued.Member); err != nil {
		return err
	}
	to := page.OrEmpty(r.holder.Customer.Name)
	if to == "" {
		to = r.name()
	}
	return r.redirectWithNote("overview", noteSwitched, to)
}

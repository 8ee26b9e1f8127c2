package admin

import (
	"net/http"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
)

// portalAccess returns the data of the forms for a customer, or for one of its members if m is not nil.
func (r *request) portalAccess(c directory.Customer, m *directory.Member) *portalAccess {
	f := &portalAccess{Customer: c.ID.String(), Who: customerName(c), OneTime: r.org.Portal.OneTimeLinks}
	id := "lifetime"
	if m != nil {
		f.Member, f.Who = m.ID.String(), memberName(*m)
		id += "-" + f.Member
	}
	f.Lifetime = page.Field{ID: id, Name: "expires_in", Label: "The session lasts", Options: r.lifetimes()}
	return f
}

// holder returns the holder for whom the form requests a session. It chooses the member by the rules of the API.
func (r *request) holder() (directory.Holder, error) {
	id, err := r.id()
	if err != nil {
		return directory.Holder{}, err
	}
	ref := directory.HolderRef{Customer: id}
	if text := r.PostForm.Get("member"); text != "" {
		if ref.Member, err = readID(text); err != nil {
			return directory.Holder{}, err
		}
	}
	return r.Directory.Holder(r.Context(), r.org, ref)
}

// grant returns the parameters that all sessions created on the admin pages share.
func (r *request) grant(h directory.Holder) session.Grant {
	g := login.Grant(r.org, h, "")
	g.Creator, g.Client = r.operator.ID.Key(), r.Client()
	return g
}

// createLink answers POST /admin/customers/{id}/link. It creates a session and shows a link that opens the portal with the
// session.
func (r *request) createLink() error {
	h, err := r.holder()
	if err != nil {
		return err
	}
	g := r.grant(h)
	if text := r.PostForm.Get("expires_in"); text != "" {
		seconds, err := strconv.Atoi(text)
		if g.Lifetime = time.Duration(seconds) * time.Second; err != nil || seconds < 60 || seconds > int(session.MaxLifetime/time.Second) {
			return page.ErrForm
		}
	}
	if err := r.org.Policy.CheckLifetime(&g.Lifetime); err != nil {
		return err
	}
	g.ReadOnly, g.Ticket = r.checked("read_only"), r.checked("one_time_link")
	issued, err := r.Sessions.Create(r.Context(), g)
	if err != nil {
		return err
	}
	r.admin.live.invalidate(r.org.ID.Key())
	shown := r.newView("Portal link")
	shown.Page = linkPage{
		Customer: h.Customer.ID.String(), Who: holderName(h), Link: r.Login.PortalLink(r.org, issued, h), OneTime: g.Ticket, ReadOnly: g.ReadOnly, EndsAt: issued.ExpiresAt,
		TicketFor: min(session.TicketLifetime, g.Lifetime),
	}
	return r.show(http.StatusOK, "link", shown)
}

func holderName(h directory.Holder) string {
	if h.Member != nil {
		return memberName(*h.Member)
	}
	return customerName(h.Customer)
}

// impersonate answers POST /admin/customers/{id}/impersonate. It opens the portal with a read-only session of the customer. The
// creator of the session is the operator's access token. The bearer token is set as the portal's cookie, so that no URL contains it. The
// session does not count toward the customer's limit of live sessions, because impersonation must not sign the customer out.
func (r *request) impersonate() error {
	h, err := r.holder()
	if err != nil {
		return err
	}
	g := r.grant(h)
	g.ReadOnly, g.Impersonated, g.Lifetime, g.MaxSessions = true, true, min(session.ImpersonationLifetime, r.org.Policy.Longest()), 0
	issued, err := r.Sessions.Create(r.Context(), g)
	if err != nil {
		return err
	}
	r.PortalCookies(r.org.Slug).SetSession(r.Exchange, issued.Token, issued.ExpiresAt)
	r.admin.live.invalidate(r.org.ID.Key())
	return r.RedirectTo(r.Root + directory.PortalPath(r.org.Slug, "overview"))
}

// memberOf returns the member of c whose ID is text, or nil if text is "". It returns fault.NotFound if c has no such member.
func (r *request) memberOf(c directory.Customer, text string) (*directory.Member, error) {
	if text == "" {
		return nil, nil
	}
	id, err := readID(text)
	if err != nil {
		return nil, err
	}
	m, err := r.Directory.Member(r.Context(), c, id)
	if fault.Is(err, fault.NotFound) {
		return nil, err
	}
	return &m, err
}

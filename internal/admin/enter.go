package admin

import (
	"net/http"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
)

// enterForm is for a customer who can have a session as a whole, or for a member of it.
func (v *visit) enterForm(c directory.Customer, m *directory.Member) *enterForm {
	f := &enterForm{Customer: c.ID.String(), Who: nameOf(c), OneTime: v.org.Portal.OneTimeLinks}
	id := "lifetime"
	if m != nil {
		f.Member, f.Who = m.ID.String(), memberName(*m)
		id += "-" + f.Member
	}
	f.Lifetime = field{ID: id, Name: "expires_in", Label: "The session lasts", Options: v.lifetimes()}
	return f
}

// holder is for whom the form wants a session. The choice of the member is the API's.
func (v *visit) holder() (directory.Holder, error) {
	id, err := v.id()
	if err != nil {
		return directory.Holder{}, err
	}
	ref := directory.HolderRef{Customer: id}
	if text := v.PostForm.Get("member"); text != "" {
		if ref.Member, err = readID(text); err != nil {
			return directory.Holder{}, err
		}
	}
	return v.Directory.Holder(v.Context(), v.org, ref)
}

// grant is what sessions from here have in common.
func (v *visit) grant(h directory.Holder) session.Grant {
	g := login.Grant(v.org, h, "")
	g.Creator, g.Client = v.by.ID.Key(), v.client()
	return g
}

// mintLink makes a session and shows the link to it.
func (v *visit) mintLink() error {
	h, err := v.holder()
	if err != nil {
		return err
	}
	g := v.grant(h)
	if text := v.PostForm.Get("expires_in"); text != "" {
		seconds, err := strconv.Atoi(text)
		if g.Lifetime = time.Duration(seconds) * time.Second; err != nil || seconds < 60 || seconds > int(session.MaxLifetime/time.Second) {
			return web.ErrForm
		}
	}
	if err := v.org.Policy.CheckLifetime(&g.Lifetime); err != nil {
		return err
	}
	g.ReadOnly = v.checked("read_only")
	made, err := v.Sessions.Create(v.Context(), g)
	if err != nil {
		return err
	}
	oneTime := v.checked("one_time_link")
	text, err := v.Login.PortalLink(v.Context(), v.org, made, h, oneTime)
	if err != nil {
		return err
	}
	v.live.forget(v.org.ID.Key())
	shown := v.frame("Link into the portal")
	shown.Page = linkPage{
		Customer: h.Customer.ID.String(), Who: holderName(h), Link: text, OneTime: oneTime, ReadOnly: g.ReadOnly, EndsAt: made.ExpiresAt,
		TicketFor: min(session.TicketLifetime, g.Lifetime),
	}
	return v.show(http.StatusOK, "link", shown)
}

func holderName(h directory.Holder) string {
	if h.Member != nil {
		return memberName(*h.Member)
	}
	return nameOf(h.Customer)
}

// impersonate opens the portal as the customer sees it, to look and not to change. The session says who looks; it goes into the
// cookie of the portal, and is in no address. It does not count among those that a customer may have: nobody is signed out because
// somebody looks.
func (v *visit) impersonate() error {
	h, err := v.holder()
	if err != nil {
		return err
	}
	g := v.grant(h)
	g.ReadOnly, g.Lifetime, g.Most = true, min(session.ImpersonationLifetime, v.org.Policy.Longest()), 0
	g.Metadata = map[string]any{session.ImpersonatedBy: v.by.ID.String()}
	if v.by.Comment != "" {
		g.Metadata[session.ImpersonatedByName] = v.by.Comment
	}
	made, err := v.Sessions.Create(v.Context(), g)
	if err != nil {
		return err
	}
	portal := v.root + directory.PortalPath(v.org.Slug)
	web.Jar{Path: portal, Secure: v.PublicURL.Scheme == "https", SameSite: http.SameSiteLaxMode, Now: v.Now}.Set(
		v.Exchange, web.SessionCookie, made.Token.Reveal(), made.ExpiresAt.Sub(v.Now()))
	v.live.forget(v.org.ID.Key())
	v.Exchange.Header().Set("Location", portal+"/overview")
	v.WriteHeader(http.StatusSeeOther)
	return nil
}

// memberOf is the member that a form or an address names; nil when it names none.
func (v *visit) memberOf(c directory.Customer, text string) (*directory.Member, error) {
	if text == "" {
		return nil, nil
	}
	id, err := readID(text)
	if err != nil {
		return nil, err
	}
	m, err := v.Directory.Member(v.Context(), c, id)
	if fault.Is(err, fault.NotFound) {
		return nil, err
	}
	return &m, err
}

package portal

import (
	"html/template"
	"net/url"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
)

// newView returns a view without content. It contains the navigation only for signed-in customers.
func (r *request) newView(title string) view {
	shown := view{View: page.View{Base: r.Base, Title: title, Brand: r.brand(), Notice: r.notice()}, Path: r.Path, Back: r.back()}
	shown.Contact = contact{r.org.Portal.SupportEmail, r.org.Portal.SupportURL, r.org.Portal.TermsURL, r.org.Portal.PrivacyURL}
	if r.session == nil {
		return shown
	}
	shown.Impersonated = r.session != nil && r.session.Impersonated
	shown.Nav = r.navigation()
	shown.Session = &sessionView{
		Who: shorten(r.name()), EndsAt: r.session.EndsAt(), Left: max(0, r.session.EndsAt().Sub(r.Now())), ReadOnly: r.session.ReadOnly,
		Idle: r.session.IdleTimeout > 0,
	}
	return shown
}

// newSignInView returns a view without the navigation, for the pages on which customers sign in.
func (r *request) newSignInView(title string) view {
	shown := r.newView(title)
	shown.Session, shown.Nav, shown.NoMail = nil, nil, r.Login.NoMail
	return shown
}

func (r *request) brand() page.Brand {
	return page.Brand{
		Name: shorten(r.org.Name), Letter: page.Initial(r.org.Name), Logo: r.org.Portal.LogoURL, Accent: page.AccentSheet(r.org.Portal.AccentColor),
	}
}

// back returns a link to the URL from which the customer came, the session's return URL, or the organization's return URL: the
// first that is set and allowed. It returns nil if there is none. A link that opens a session with a return URL of its own deletes
// the URL from which the customer came, so that the newest one counts.
func (r *request) back() *back {
	if b := r.allowedReturn(r.returnTo); b != nil {
		return b
	}
	if r.session != nil && r.org.Portal.CheckReturn(r.session.ReturnURL) == nil {
		if b := newBackLink(r.session.ReturnURL); b != nil {
			return b
		}
	}
	return newBackLink(r.org.Portal.ReturnURL)
}

// newBackLink returns a link back to a URL. It returns nil if the text is not a URL with a host and without credentials.
func newBackLink(text string) *back {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return nil
	case u.Scheme == "http" || u.Scheme == "https":
		return &back{template.URL(u.String()), u.Host} // #nosec G203 -- The template escapes it.
	case directory.IsAppAddress(u):
		return &back{template.URL(u.String()), u.Scheme} // #nosec G203 -- The organization allows the scheme, and browsers run no script of it.
	}
	return nil
}

func (r *request) notice() *page.Notice {
	n, known := notes[r.memory.Note]
	if !known {
		return nil
	}
	about := shorten(r.memory.About)
	return &page.Notice{Kind: n.kind, Text: r.localizer.Text(n.key, "Who", about, "Email", about, "Time", r.localizer.FormatDuration(n.lasts))}
}

// navigation returns the pages that the customer can open.
func (r *request) navigation() []page.Link {
	l := r.localizer
	pages := []page.Link{{Path: "overview", Label: l.Text("page.overview")}, {Path: "settings", Label: l.Text("page.settings"), Text: l.Text("page.settings.text")}}
	if r.inTeam() {
		pages = append(pages, page.Link{Path: "team", Label: l.Text("page.team"), Text: l.Text("page.team.text")})
	}
	pages = append(pages, page.Link{Path: "sessions", Label: l.Text("page.sessions"), Text: l.Text("page.sessions.text")})
	here, _, _ := strings.Cut(r.Path, "/")
	for i := range pages {
		pages[i].Current = pages[i].Path == here
	}
	return pages
}

// navigable reports whether a page can follow the sign-in.
func navigable(page string) bool {
	return page == "overview" || page == "settings" || page == "team" || page == "sessions"
}

// inTeam reports whether the holder is a member of a team.
func (r *request) inTeam() bool {
	return r.holder.Member != nil && r.holder.Customer.Type == directory.Team
}

// name returns the holder's name, or the email address if there is no name.
func (r *request) name() string {
	if name := r.ownName(); name != "" {
		return name
	}
	return page.OrEmpty(r.holder.Email())
}

func (r *request) ownName() string { return page.OrEmpty(nameOf(r.holder)) }

// nameOf returns the name of the member, or of the customer, or nil.
func nameOf(h directory.Holder) *string {
	if h.Member != nil {
		return h.Member.Name
	}
	return h.Customer.Name
}

func (l *localizer) role(r directory.Role) string {
	switch r {
	case directory.Owner:
		return l.Text("role.owner")
	case directory.BillingManager:
		return l.Text("role.billing_manager")
	}
	return l.Text("role.member")
}

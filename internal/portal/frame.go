package portal

import (
	"net/url"
	"strings"

	"github.com/postern-go/postern/internal/design"
	"github.com/postern-go/postern/internal/directory"
)

// frame is what all pages have around them. Without a session it is the narrow one.
func (v *visit) frame(title string) view {
	shown := view{Base: v.base, Path: v.path, Title: title, Brand: v.brand(), Back: v.back(), Notice: v.notice()}
	if v.live == nil {
		return shown
	}
	shown.Impersonated = v.impersonated
	shown.Nav = v.navigation()
	shown.Session = &sessionView{
		Who: short(v.name()), EndsAt: v.live.EndsAt(), Left: max(0, v.live.EndsAt().Sub(v.Now())), ReadOnly: v.live.ReadOnly,
		Idle: v.live.IdleTimeout > 0,
	}
	return shown
}

// outside is the frame of the pages on which somebody signs in, also for who is signed in.
func (v *visit) outside(title string) view {
	shown := v.frame(title)
	shown.Session, shown.Nav = nil, nil
	return shown
}

func (v *visit) brand() brand {
	return brand{
		Name: short(v.org.Name), Letter: initial(v.org.Name), Logo: v.org.Portal.LogoURL, Accent: design.AccentSheet(v.org.Portal.AccentColor),
	}
}

// back leads to where the session says, or to where the visitor came from, or to where the organization wants its customers
// to go; nil when there is nowhere.
func (v *visit) back() *back {
	if v.live != nil && v.org.Portal.CheckReturn(v.live.ReturnURL) == nil {
		if b := leadBack(v.live.ReturnURL); b != nil {
			return b
		}
	}
	if b := v.allowedReturn(v.memory.Return); b != nil {
		return b
	}
	return leadBack(v.org.Portal.ReturnURL)
}

// allowedReturn is for an address that anybody can have written.
func (v *visit) allowedReturn(text string) *back {
	u, err := url.Parse(text)
	if err != nil || !v.org.Portal.AllowsReturn(u) {
		return nil
	}
	return leadBack(text)
}

// leadBack is nil for what is no address on http or https.
func leadBack(text string) *back {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil
	}
	return &back{u.String(), u.Host}
}

func (v *visit) notice() *notice {
	n, known := notes[v.memory.Note]
	if !known {
		return nil
	}
	about := short(v.memory.About)
	return &notice{n.kind, v.tongue.Text(n.key, "Who", about, "Email", about, "Time", v.tongue.FormatDuration(directory.EmailUpdateLifetime))}
}

// navigation are the pages that the visitor can see.
func (v *visit) navigation() []link {
	l := v.tongue
	pages := []link{{Path: "overview", Label: l.Text("page.overview")}, {Path: "settings", Label: l.Text("page.settings"), Text: l.Text("page.settings.text")}}
	if v.inTeam() {
		pages = append(pages, link{Path: "team", Label: l.Text("page.team"), Text: l.Text("page.team.text")})
	}
	pages = append(pages, link{Path: "sessions", Label: l.Text("page.sessions"), Text: l.Text("page.sessions.text")})
	here, _, _ := strings.Cut(v.path, "/")
	for i := range pages {
		pages[i].Current = pages[i].Path == here
	}
	return pages
}

// navigable reports whether a page can be the next one after signing in.
func navigable(page string) bool {
	return page == "overview" || page == "settings" || page == "team" || page == "sessions"
}

// inTeam reports whether the visitor is one of several people who share an account.
func (v *visit) inTeam() bool {
	return v.holder.Member != nil && v.holder.Customer.Type == directory.Team
}

// name is the visitor's, or the email address of one without a name.
func (v *visit) name() string {
	if name := v.ownName(); name != "" {
		return name
	}
	return orEmpty(v.holder.Email())
}

func (v *visit) ownName() string {
	if v.holder.Member != nil {
		return orEmpty(v.holder.Member.Name)
	}
	return orEmpty(v.holder.Customer.Name)
}

func (l *tongue) role(r directory.Role) string {
	switch r {
	case directory.Owner:
		return l.Text("role.owner")
	case directory.BillingManager:
		return l.Text("role.billing_manager")
	}
	return l.Text("role.member")
}

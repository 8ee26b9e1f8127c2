package portal

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/web"
)

// serverSlug is the slug in the paths of the files that the welcome page loads. No organization can have it.
const serverSlug = "-"

// Entrance answers a browser that opens / with a welcome page, and one that opens /{slug} with a redirect to the portal. It passes all
// other requests to next, and those of clients that do not prefer HTML.
func (p *Portal) Entrance(next http.Handler) http.Handler {
	pages := page.NewSite(p.Deps, p.handleEntrance, p.problem)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if reads && (r.URL.Path == "/" || ServesEntrance(r.URL.Path)) && prefersHTML(r.Header) {
			pages.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ServesEntrance reports whether a path is /{slug}. It reports false for /portal: if the path of the public URL is /acme, then
// /acme/portal is the portal of the organization acme.
func ServesEntrance(path string) bool {
	slug := strings.Trim(path, "/")
	return directory.ValidSlug(slug) && !directory.ReservedSlug(slug) && slug != "portal"
}

// prefersHTML reports whether a client accepts HTML first, as browsers do.
func prefersHTML(h http.Header) bool {
	first, _, _ := strings.Cut(h.Get("Accept"), ",")
	media, _, _ := strings.Cut(first, ";")
	return strings.EqualFold(strings.TrimSpace(media), "text/html")
}

func (p *Portal) handleEntrance(x *web.Exchange, hr *http.Request) error {
	setSecurityHeaders(x.Header(), "")
	x.Header().Set("Vary", "Accept, Accept-Language")
	r := p.newRequest(x, hr)
	r.slug, r.Base = serverSlug, p.Root+directory.PortalPath(serverSlug)
	x.Subject = r // for problem
	if _, err := r.Limits.Admit(web.Default, hr, r.Now()); err != nil {
		return err
	}
	if slug := strings.Trim(hr.URL.Path, "/"); slug != "" {
		x.SetRoute("/{slug}")
		return r.RedirectTo(p.Root + directory.PortalPath(slug))
	}
	x.SetRoute("/")
	return r.show(http.StatusOK, "welcome", r.welcomeView())
}

func (r *request) welcomeView() view {
	shown := r.newView(r.localizer.Text("welcome.title"))
	shown.Self = r.Root + "/"
	shown.Page = welcomePage{Address: strings.TrimSuffix(r.PublicURL.String(), "/") + "/", Docs: r.Root + "/docs"}
	return shown
}

package admin

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// StorybookPath is the path at which the storybook must be served.
const StorybookPath = "/dev/admin-pages"

//go:embed storybook.html
var storybookText string

var storybook = sync.OnceValue(func() *template.Template { return template.Must(template.New("storybook").Parse(storybookText)) })

// Storybook serves the pages in every state, with sample data, for developers and browser tests. Its forms have no effect. Do not serve
// it publicly.
func Storybook() http.Handler {
	site := &page.Site{Deps: page.Deps{PublicURL: &url.URL{Scheme: "http", Host: "localhost"}, Now: func() time.Time { return storyTime }}}
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		page.SetSecurityHeaders(w.Header(), "img-src 'self'", "connect-src 'self'")
		x := &web.Exchange{ResponseWriter: w}
		name := strings.Trim(strings.TrimPrefix(hr.URL.Path, StorybookPath), "/")
		r := &request{Request: &page.Request{Site: site, Exchange: x, Request: hr, Base: StorybookPath, Path: name}, admin: &Admin{Site: site}}
		if err := r.showStory(name); fault.Is(err, fault.NoRoute) {
			http.NotFound(w, hr)
		} else if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
}

func (r *request) showStory(name string) error {
	if file, ok := strings.CutPrefix(name, "assets/"); ok {
		return files().Serve(r.Exchange, r.Request.Request, file)
	}
	var text []byte
	var err error
	if name == "" {
		text, err = page.Render(storybook(), "storybook", struct {
			Root, Style string
			Stories     []story
		}{StorybookPath, files().Address("style.css"), stories})
	} else {
		text, err = r.renderStory(name)
	}
	if err == nil {
		r.WriteHTML(http.StatusOK, text)
	}
	return err
}

// renderStory renders the page of a story. It returns fault.NoRoute if there is no such story.
func (r *request) renderStory(name string) ([]byte, error) {
	for _, s := range stories {
		if s.Name != name {
			continue
		}
		if !s.signedOut {
			r.signedIn, r.org = true, directory.Organization{ID: storyID, Slug: "acme", Name: "Acme"}
			r.operator = directory.AccessToken{Comment: "Support desk", Scopes: directory.AllScopes()}
			if s.lacks {
				r.operator.Scopes = []directory.Scope{directory.CustomersRead}
			}
		}
		r.Path = s.path
		shown := r.newView(s.title)
		shown.Test, shown.Page = s.template, s.page(r)
		shown.Errors = s.errors
		if s.note != "" {
			n := notes[s.note]
			shown.Notice = &n
		}
		return page.Render(templates(), s.template, shown)
	}
	return nil, page.ErrNoPage
}

// story is a page in one state. Name is its address, and path the path of the real page, which the navigation marks.
type story struct {
	Name, path, template, title string
	page                        func(r *request) any
	errors                      []page.FieldError
	note                        note
	// signedOut shows the page without an operator, and lacks with an operator who has few scopes.
	signedOut, lacks bool
}

// storyTime and storyID are the time and the ID of the sample data.
var (
	storyTime = time.Date(2026, 10, 1, 12, 34, 0, 0, time.UTC)
	storyID   = token.IDOf(1, 1)
)

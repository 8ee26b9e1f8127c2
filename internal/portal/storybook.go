package portal

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/web"
)

// StorybookPath is the path at which the storybook must be served.
const StorybookPath = "/dev/pages"

//go:embed storybook.html
var storybookText string

var storybook = sync.OnceValue(func() *template.Template { return template.Must(template.New("storybook").Parse(storybookText)) })

// Storybook serves every page in every state and language, with sample data, for developers and browser tests. Its forms have no
// effect. Do not serve it publicly.
func Storybook() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setSecurityHeaders(w.Header(), "")
		x := &web.Exchange{ResponseWriter: w}
		if err := showStory(x, r); fault.Is(err, fault.NoRoute) {
			http.NotFound(w, r)
		} else if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
}

func showStory(x *web.Exchange, r *http.Request) error {
	name := strings.Trim(strings.TrimPrefix(r.URL.Path, StorybookPath), "/")
	_, file, isAsset := strings.Cut(name, "assets/")
	l := choose(r.URL.Query().Get("locale"))
	var page []byte
	var err error
	switch {
	case isAsset:
		return files().Serve(x, r, file)
	case name == "":
		page, err = contents(l)
	default:
		page, err = renderStory(l, name)
	}
	if err != nil {
		return err
	}
	x.Header().Set("Content-Type", "text/html; charset=utf-8")
	x.Write(page)
	return nil
}

// renderStory renders the page of a story. It returns fault.NoRoute if there is no such story.
func renderStory(l *localizer, name string) ([]byte, error) {
	for _, s := range stories() {
		if s.name != name {
			continue
		}
		r := newStoryRequest(l, StorybookPath)
		r.Path = s.page
		if s.from != nil {
			s.from(r)
		}
		shown := s.view(r)
		shown.Path = name // the links to other languages open the same story
		return l.render(s.page, shown)
	}
	return nil, page.ErrNoPage
}

// contents renders the list of stories.
func contents(l *localizer) ([]byte, error) {
	type chapter struct {
		Name    string
		Stories []string
	}
	var book struct {
		Root, Code, Style string
		Chapters          []*chapter
		Languages         []*languageLink
	}
	book.Root, book.Code, book.Languages, book.Style = StorybookPath, l.Code, languageLinks(), files().Address("style.css")
	for _, s := range stories() {
		name, _, _ := strings.Cut(s.name, "-")
		if n := len(book.Chapters); n == 0 || book.Chapters[n-1].Name != name {
			book.Chapters = append(book.Chapters, &chapter{Name: name})
		}
		last := book.Chapters[len(book.Chapters)-1]
		last.Stories = append(last.Stories, s.name)
	}
	return page.Render(storybook(), "storybook", book)
}
